import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { formatVerifier, makeVerifier } from "../../../lib/auth/verifier.ts";
import { type EchoError, LoginError, ProtocolError, UsageError } from "../../../lib/base/errors.ts";
import {
  ClientDialogue,
  type ClientDialogueOptions,
  type Credential,
  type CredentialRequest,
  type DialogueResult,
} from "../../../lib/protocol/client_dialogue.ts";
import { decodeText, encodeText } from "../../../lib/protocol/commands.ts";
import { AuthDialogue, IdentifyDialogue } from "../../../lib/protocol/server_dialogue.ts";
import { FakeWorld, Line, ROUNDS, START } from "./fake_services.ts";

const PASSWORD = "correct horse battery";
const VERIFIER = formatVerifier(await makeVerifier(PASSWORD, { salt: new Uint8Array(16).fill(3), iterations: ROUNDS }));
const TOKEN = `es1.${"A".repeat(22)}.${"A".repeat(43)}`;
const SEALED_TOKEN = `es1.${"B".repeat(21)}A.${"A".repeat(22)}${"C".repeat(20)}A`;
const SECURE = "331 [AUTH SCRAM-SHA-256 TOKEN PLAIN] What is your name?";
const PLAIN_ONLY = "331 [AUTH PLAIN] What is your name?";

interface Setting extends Partial<Omit<ClientDialogueOptions, "source" | "randomBytes">> {
  readonly credentials?: readonly (Credential | undefined)[];
  readonly names?: readonly string[];
}

interface Client {
  readonly dialogue: ClientDialogue;
  readonly asked: CredentialRequest[];
  readonly refusedNames: (string | undefined)[];
}

const password = (text: string): Credential => ({ type: "password", password: text });
const registration = (text: string): Credential => ({ type: "registration", password: text });

/** A client with answers to what it will ask its user. */
function anyClient({ credentials = [password(PASSWORD)], names, ...options }: Setting = {}): Client {
  const asked: CredentialRequest[] = [];
  const refusedNames: (string | undefined)[] = [];
  const [left, namesLeft] = [[...credentials], [...names ?? []]];
  const dialogue = new ClientDialogue({
    secure: true,
    ...names === undefined ? { name: "anna" } : {},
    iterations: ROUNDS,
    randomBytes: (count) => new Uint8Array(count).fill(9),
    ...options,
    source: {
      name: (refused) => {
        refusedNames.push(refused);
        return Promise.resolve(namesLeft.shift());
      },
      credential: (request) => {
        asked.push(request);
        return Promise.resolve(left.shift());
      },
    },
  });
  return { dialogue, asked, refusedNames };
}

const client = anyClient;

/** Lets both sides talk until the client is done. */
async function converse(line: Line, { dialogue }: Client): Promise<{ result: DialogueResult; sent: string[] }> {
  const sent: string[] = [];
  let reply = await line.greeting();
  while (true) {
    const step = await dialogue.receive(reply);
    if (step.type === "done") return { result: step.result, sent };
    sent.push(step.message);
    reply = await line.say(step.message);
  }
}

function world(): FakeWorld {
  const made = new FakeWorld();
  made.users.set("anna", { verifier: VERIFIER, disabled: false });
  return made;
}

function server(of: FakeWorld, { secure = true, maxAttempts = 3 } = {}): Line {
  return new Line(new AuthDialogue(of.services(), { secure, language: "ru", maxAttempts }));
}

/** Feeds scripted replies; returns what was sent to each. */
async function script(to: Client, ...replies: string[]): Promise<string[]> {
  const sent: string[] = [];
  for (const reply of replies) {
    const step = await to.dialogue.receive(reply);
    sent.push(step.type === "send" ? step.message : `done ${step.result.type}`);
  }
  return sent;
}

async function refusal(to: Client, ...replies: string[]): Promise<EchoError["code"]> {
  const last = replies.pop() ?? "";
  await script(to, ...replies);
  const error: unknown = await to.dialogue.receive(last).catch((error: unknown) => error);
  assert(error instanceof LoginError || error instanceof ProtocolError || error instanceof UsageError, `${error}`);
  await assertRejects(() => to.dialogue.receive(last), UsageError, "it is over");
  return error.code;
}

Deno.test("ClientDialogue logs in through SCRAM, then with the token, then with its successor", async () => {
  const there = world();
  const first = await converse(server(there), client());
  assertEquals([first.result.type, first.result.name, first.result.text], [
    "logged_in",
    "anna",
    "Добро пожаловать, anna.",
  ]);
  assertEquals(first.result.expires, START + 24 * 3600_000);
  assertEquals(first.sent.some((message) => (decodeText(message) ?? message).includes(PASSWORD)), false);
  const second = await converse(server(there), client({ token: first.result.token ?? "", credentials: [] }));
  assertEquals([second.result.type, second.sent.length], ["resumed", 2]);
  const secret = first.result.token?.slice(-21) ?? "";
  assertEquals(second.sent.some((message) => message.includes(secret)), false, "half of the token stays here");
  const third = await converse(server(there), client({ token: second.result.token ?? "", credentials: [] }));
  assertEquals(third.result.type, "resumed");
  const verified = client({ token: third.result.token ?? "", credentials: [], verified: true });
  assertEquals((await converse(server(there), verified)).sent, [`AUTH TOKEN ${third.result.token}`]);
});

Deno.test("ClientDialogue gives its token to no server that has not proved itself", async () => {
  const secret = SEALED_TOKEN.slice(-21);
  const open = `AUTH SEALED ${SEALED_TOKEN.slice("es1.".length, -22)}A`;
  const here = (setting: Setting = {}): Client => client({ token: SEALED_TOKEN, credentials: [], ...setting });
  assertEquals(await refusal(here(), SECURE, "501 What is your name?"), "server_unproven");
  const nonce = `334 ${btoa("0123456789abcdef")}`;
  for (const lie of ["235 Welcome back", "235 [TOKEN x y] Welcome", "235 [SEALED AAAA] Welcome"]) {
    assertEquals(await refusal(here(), SECURE, nonce, lie), "bad_server_signature");
  }
  const sent = await script(here(), SECURE, nonce);
  assertEquals([sent[0], sent.join().includes(secret)], [open, false]);
  // Who has a password is asked for it; who says so sends the token to an older server.
  const asked = here({ credentials: [password(PASSWORD)] });
  assertMatch((await script(asked, SECURE, "501 What is your name?")).at(-1) ?? "", /^AUTH SCRAM-SHA-256 /);
  assertEquals(asked.asked[0]?.after, "server_unproven");
  assertEquals(await script(here({ proof: "any" }), SECURE, "501 What?"), [open, `AUTH TOKEN ${SEALED_TOKEN}`]);
  assertEquals(await refusal(here({ intent: "logout" }), SECURE, "501 What?"), "server_unproven");
});

Deno.test("AuthDialogue takes a token that is sealed, knows a copy by it, and ends the session", async () => {
  const there = world();
  const { result: { token = "" } } = await converse(server(there), client());
  const next = await converse(server(there), client({ token, credentials: [] }));
  assertEquals(next.result.type, "resumed");
  there.now += 61_000;
  const stolen = client({ token, credentials: [] });
  assertEquals((await assertRejects(() => converse(server(there), stolen), LoginError)).code, "token_invalid");
  assertEquals(there.sessions.size, 0, "a copy ends the family");

  const other = await converse(server(there), client());
  const out = client({ token: other.result.token ?? "", intent: "logout" });
  assertEquals((await converse(server(there), out)).result.type, "logged_out");
  assertEquals(there.sessions.size, 0);
});

Deno.test("AuthDialogue registers who was invited, once", async () => {
  const there = world();
  there.invitations.add("ei1.good");
  const line = (): Line =>
    new Line(new AuthDialogue(there.services(), { secure: true, language: "en", registration: "invite" }));
  const invited = (name: string, invitation?: string): Client =>
    client({ name, credentials: [{ ...registration(PASSWORD), ...invitation === undefined ? {} : { invitation } }] });
  const code = async (who: Client): Promise<EchoError["code"]> =>
    (await assertRejects(() => converse(line(), who), LoginError)).code;
  assertEquals(await code(invited("eve")), "not_invited");
  assertEquals(await code(invited("eve", "ei1.guess")), "not_invited");
  // Who was not invited learns of no name.
  assertEquals(await code(invited("anna", "ei1.guess")), "not_invited");
  assertEquals((await converse(line(), invited("eve", "ei1.good"))).result.type, "registered");
  assertEquals(await code(invited("mallory", "ei1.good")), "not_invited");
  // Asked for a password like anybody.
  const plain = line();
  await plain.greeting();
  assertEquals(await plain.say("nobody"), "332 Password?");
});

Deno.test("ClientDialogue says why the token was refused, and asks for the password", async () => {
  const here = client({ token: TOKEN });
  const { result } = await converse(server(world()), here);
  assertEquals(result.type, "logged_in");
  assertEquals(here.asked, [{ name: "anna", attempt: 1, after: "token_invalid", canRegister: true }]);
});

Deno.test("ClientDialogue asks again after a wrong password, until the server has had enough", async () => {
  const again = client({ credentials: [password("wrong"), password(PASSWORD)] });
  assertEquals((await converse(server(world()), again)).result.type, "logged_in");
  assertEquals(again.asked.map(({ attempt, after }) => [attempt, after]), [[1, undefined], [2, "login_incorrect"]]);

  for (const maxAttempts of [1, 3]) {
    const stubborn = client({ credentials: Array.from({ length: 9 }, () => password("wrong")) });
    const error = await assertRejects(() => converse(server(world(), { maxAttempts }), stubborn), LoginError);
    assertEquals([error.code, stubborn.asked.length], ["too_many_attempts", maxAttempts]);
  }
});

Deno.test("ClientDialogue gives up with the reason when its user does", async () => {
  const wrong = client({ credentials: [password("wrong")] });
  assertEquals((await assertRejects(() => converse(server(world()), wrong), LoginError)).code, "login_incorrect");
  const stale = client({ token: TOKEN, credentials: [] });
  assertEquals((await assertRejects(() => converse(server(world()), stale), LoginError)).code, "token_invalid");
  const taken = client({ credentials: [registration(PASSWORD)] });
  assertEquals((await assertRejects(() => converse(server(world()), taken), LoginError)).code, "name_taken");
});

Deno.test("ClientDialogue registers without sending the password", async () => {
  const there = new FakeWorld();
  const { result, sent } = await converse(
    server(there),
    client({ name: "Ева", credentials: [registration(PASSWORD)] }),
  );
  assertEquals([result.type, result.name, result.token === undefined], ["registered", "Ева", false]);
  assertMatch(sent.join("\n"), /^REGISTER 0JXQstCw SCRAM-SHA-256\$4096:\S+$/);
  assertEquals((await converse(server(there), client({ name: "Ева" }))).result.type, "logged_in");
});

Deno.test("ClientDialogue offers a registration after a log-in that failed", async () => {
  const here = client({ name: "new", credentials: [password(PASSWORD), registration(PASSWORD)] });
  assertEquals((await converse(server(new FakeWorld()), here)).result.type, "registered");
});

Deno.test("ClientDialogue registers no password that is too short", async () => {
  const here = client({ credentials: [registration("short")] });
  assertEquals(await refusal(here, SECURE), "bad_value");
});

Deno.test("ClientDialogue asks for the name where none is known", async () => {
  const here = client({ names: ["anna"] });
  assertEquals((await converse(server(world()), here)).result.name, "anna");
  assertEquals(here.refusedNames, [undefined]);
  assertEquals(await refusal(client({ names: [] }), SECURE), "bad_value");
});

Deno.test("ClientDialogue logs in on an open network through SCRAM alone, and keeps no token", async () => {
  const { result, sent } = await converse(server(world(), { secure: false }), client({ secure: false, token: TOKEN }));
  assertEquals([result.type, result.token, sent.length], ["logged_in", undefined, 2]);
  const careless = await converse(server(world(), { secure: true }), client({ secure: false }));
  assertEquals([careless.result.type, careless.result.token], ["logged_in", undefined]);
});

Deno.test("ClientDialogue sends nothing secret on an open network, whatever it is offered", async () => {
  const open = { secure: false, token: TOKEN };
  assertEquals(await refusal(client(open), PLAIN_ONLY), "insecure_connection");
  assertEquals(await refusal(client(open), "331 [AUTH] What is your name?"), "insecure_connection");
  assertEquals(await refusal(client({ ...open, intent: "logout" }), SECURE), "insecure_connection");
  const eager = client({ ...open, credentials: [registration(PASSWORD)] });
  assertEquals(await refusal(eager, SECURE), "insecure_connection");
  assertEquals(eager.asked[0]?.canRegister, false);
  const [sent = ""] = await script(client(open), SECURE);
  assertMatch(sent, /^AUTH SCRAM-SHA-256 /);
});

Deno.test("ClientDialogue that wants mutual proof takes no other success, and gives no password", async () => {
  const proof = "mutual";
  for (const greeting of ["230 Welcome.", "331 What is your name?", PLAIN_ONLY]) {
    const here = client({ proof });
    assertEquals(await refusal(here, greeting), "downgrade", greeting);
    assertEquals(here.asked, [], "no password was even asked for");
  }
  const { result } = await converse(server(world()), client({ proof }));
  assertEquals([result.type, result.iterations], ["logged_in", ROUNDS]);
});

Deno.test("ClientDialogue gives no proof for fewer rounds than the server had before, unless it may", async () => {
  const challenged = async (here: Client, rounds: number): Promise<string[]> => {
    const [first = ""] = await script(here, SECURE);
    const nonce = /r=(.*)$/.exec(decodeText(first.split(" ")[2] ?? "") ?? "")?.[1];
    return [`334 ${encodeText(`r=${nonce}server,s=AAAA,i=${rounds}`)}`];
  };
  const wary = client({ minIterations: () => 8192 });
  assertEquals(await refusal(wary, ...await challenged(wary, 4096)), "downgrade");
  for (const [rounds, proof] of [[8192, "mutual"], [4096, "any"]] as const) {
    const here = client({ minIterations: () => 8192, proof });
    assertMatch(decodeText((await script(here, ...await challenged(here, rounds)))[0] ?? "") ?? "", /,p=/);
  }
});

Deno.test("ClientDialogue gives a plain password only where it may, and is asked for a known user's", async () => {
  assertEquals(await refusal(anyClient(), PLAIN_ONLY), "downgrade");
  const client = (setting: Setting = {}): Client => anyClient({ proof: "any", ...setting });
  assertEquals(await script(client(), PLAIN_ONLY, "332 Password?", "235 Welcome."), [
    "anna",
    PASSWORD,
    "done logged_in",
  ]);
  assertEquals(await refusal(client(), PLAIN_ONLY, "333 New here: choose a password."), "login_incorrect");
  assertEquals(await refusal(client(), PLAIN_ONLY, "331 What is your name?"), "bad_reply");
  assertEquals(await refusal(client({ name: "AUTH" }), PLAIN_ONLY), "bad_value");
  const again = client({ credentials: [password("wrong"), password(PASSWORD)] });
  assertEquals(await script(again, PLAIN_ONLY, "332 Password?", "530 No.", "332 Password?"), [
    "anna",
    "wrong",
    "anna",
    PASSWORD,
  ]);
});

Deno.test("ClientDialogue revokes a token at the server", async () => {
  const there = world();
  const { result } = await converse(server(there), client());
  const token = result.token ?? "";
  const { result: end } = await converse(server(there), client({ token, intent: "logout" }));
  assertEquals([end.type, there.sessions.size], ["logged_out", 0]);
  assertEquals(await refusal(client({ intent: "logout" }), SECURE), "bad_value");
});

Deno.test("ClientDialogue believes no success without the server's signature", async () => {
  const challenge = async (here: Client): Promise<string> => {
    const [first = ""] = await script(here, SECURE);
    const nonce = /r=(.*)$/.exec(decodeText(first.split(" ")[2] ?? "") ?? "")?.[1];
    return `334 ${encodeText(`r=${nonce}server,s=AAAA,i=4096`)}`;
  };
  const finals = [
    "235 Welcome, anna.",
    `235 [TOKEN ${TOKEN} 2026-01-01T00:00:00Z] Welcome, anna.`,
    "235 [SCRAM] Welcome, anna.",
    "235 [SCRAM ?] Welcome, anna.",
    `235 [SCRAM ${encodeText("v=")}] Welcome, anna.`,
    `235 [SCRAM ${encodeText(`v=${"A".repeat(43)}=`)}] Welcome, anna.`,
    `235 [SCRAM ${encodeText("v=AAAA")} more] Welcome, anna.`,
  ];
  for (const final of finals) {
    const here = client();
    assertEquals(await refusal(here, await challenge(here), final), "bad_server_signature", final);
  }
  assertEquals(await refusal(client(), SECURE, "235 Welcome, anna."), "bad_server_signature");
  const told = client();
  assertEquals(
    await refusal(told, await challenge(told), `235 [SCRAM ${encodeText("e=invalid-proof")}] x`),
    "login_incorrect",
  );
});

Deno.test("ClientDialogue refuses a challenge it cannot use", async () => {
  for (const challenge of ["?", encodeText("r=foreign,s=AAAA,i=4096"), encodeText("i=1")]) {
    assertEquals(await refusal(client(), SECURE, `334 ${challenge}`), "bad_sasl");
  }
});

const ENDS: readonly (readonly [string, EchoError["code"], readonly string[]])[] = [
  ["421 before anything", "busy", ["421 Too many connections."]],
  ["421 to the name", "busy", [PLAIN_ONLY, "421 Going down."]],
  ["421 after a failure", "too_many_attempts", [SECURE, "530 No.", "421 Enough."]],
  ["534", "insecure_connection", [PLAIN_ONLY, "534 Refused."]],
  ["500", "bad_reply", [SECURE, "500 Not understood."]],
  ["501", "bad_reply", [SECURE, "501 Bad argument."]],
  ["552", "bad_reply", [SECURE, "552 Too large."]],
  ["a greeting out of place", "bad_reply", ["220 Hello."]],
  ["a log-in nobody asked for", "bad_reply", ["235 Welcome."]],
  ["a reply that is none", "bad_reply", ["hello"]],
];
for (const [what, code, replies] of ENDS) {
  Deno.test(`ClientDialogue ends with ${code} at ${what}`, async () => {
    const here = client({ proof: "any", credentials: [password(PASSWORD), password(PASSWORD)] });
    assertEquals(await refusal(here, ...replies), code);
  });
}

Deno.test("ClientDialogue refuses a malformed token, and takes none beside it", async () => {
  for (
    const tag of [
      "TOKEN",
      "TOKEN x y",
      `TOKEN ${TOKEN}`,
      `TOKEN ${TOKEN} soon`,
      `TOKEN ${TOKEN} 2026-01-01T00:00:00Z x`,
    ]
  ) {
    assertEquals(
      await refusal(client({ proof: "any" }), PLAIN_ONLY, "332 Password?", `235 [${tag}] Welcome.`),
      "bad_reply",
    );
  }
});

Deno.test("ClientDialogue gives its name to a server that identifies, and takes the greeting of one that knows it", async () => {
  const hosts = (known: string | null): Line =>
    new Line(
      new IdentifyDialogue({ findHost: () => Promise.resolve(known), putHost: () => Promise.resolve() }, {
        language: "en",
      }),
    );
  assertEquals((await converse(hosts("Anna"), client())).result, {
    type: "identified",
    text: "Welcome back, Anna.",
  });
  assertEquals((await converse(hosts(null), client())).result.text, "Welcome, anna.");
  const asked = client({ names: ["a\u0308".repeat(2), "Anna"] });
  assertEquals(await script(asked, "331 Name?", "501 Not \u202ethat one.", "230 Welcome."), [
    "ää",
    "Anna",
    "done identified",
  ]);
  assertEquals(asked.refusedNames, [undefined, "Not \\u{202e}that one."]);
  assertEquals(asked.asked, []);
});

Deno.test("ClientDialogue refuses a name that can be none", () => {
  assertEquals(assertThrows(() => client({ name: "a/b" }), UsageError).code, "bad_value");
});
