// Everything that must not let anybody in, said to the compiled server frame by frame.
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { FAMILY_BYTES } from "../../lib/base/limits.ts";
import {
  firstToken,
  formatToken,
  hashSecret,
  nextToken,
  SEED_BYTES,
  type SessionToken,
} from "../../lib/auth/tokens.ts";
import { EchoError } from "../../lib/base/errors.ts";
import { SESSION_IDLE, SESSION_LIFETIME, SESSIONS_PER_USER } from "../../lib/base/limits.ts";
import { ClientDialogue } from "../../lib/protocol/client_dialogue.ts";
import { encodeText } from "../../lib/protocol/commands.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import type { UserStore } from "../../lib/store/store.ts";
import {
  ask,
  AuthClient,
  codeOf,
  INCORRECT,
  INVALID,
  logIn,
  PASSWORD,
  prove,
  startAuth,
  tokenOf,
  works,
} from "../support/auth.ts";
import { fakeServer, FAULTS } from "../support/auth_fake_server.ts";
import { dialFramed } from "../support/net.ts";
import { startServer } from "../support/tools.ts";

const HOUR = 3600_000;
const MANY_TRIES = ["--max-attempts", "1000"];
/** Debian's libfaketime, loaded without its program: that one does not pass signals on. */
const FAKETIME = ["x86_64", "aarch64"].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((path) => works(["sh", "-c", `test -f ${path}`]));

Deno.test("echo-server refuses wrong passwords, unknown names and disabled users with one text", async () => {
  await using server = await startAuth(["anna", "dora"], { args: MANY_TRIES });
  await using store = await openSqliteStore(server.data);
  await store.setDisabled("dora", true);
  await using client = await AuthClient.to(server.port);
  const answers = [
    await client.scram("anna", "wrong password"),
    await client.scram("nobody"),
    await client.scram("no/name"),
    await client.scram("dora"),
    await client.scram("dora", "wrong password"),
    await client.sayAll("anna", "wrong password"),
    await client.sayAll("dora", PASSWORD),
    await client.sayAll("dora", "wrong password"),
  ];
  assertEquals(new Set(answers), new Set([INCORRECT]));
  assertEquals(codeOf(await client.scram("anna")), "235", "the right password still works");
  const reasons = [...server.log().matchAll(/log-in refused mechanism=(\w+) reason=(\w+)/g)].map(([, how, why]) =>
    `${how} ${why}`
  );
  assertEquals(reasons, [
    "scram proof",
    "scram unknown_user",
    "scram unknown_user",
    "scram disabled",
    "scram proof",
    "plain password",
    "plain disabled",
    "plain password",
  ]);
});

Deno.test("echo-server shows an unknown name the same salt each time, also after a restart", async () => {
  await using first = await startAuth(["anna"]);
  const saltOf = async (port: number, name: string): Promise<string> => {
    await using client = await AuthClient.to(port);
    const { serverFirst } = await client.challenge(name);
    return serverFirst.split(",").slice(1).join();
  };
  const before = await saltOf(first.port, "nobody");
  assertEquals(before.split("i=")[1], "600000");
  assertNotEquals(await saltOf(first.port, "somebody"), before);
  await first.stop();
  await using second = await startServer({ args: ["--mode", "auth"], data: first.data });
  assertEquals(await saltOf(second.port, "nobody"), before);
});

Deno.test("echo-server closes with 421 at the third failure, whatever failed", async () => {
  await using server = await startAuth(["anna"]);
  await using client = await AuthClient.to(server.port);
  assertEquals(await client.scram("nobody"), INCORRECT);
  assertEquals(await client.say("AUTH TOKEN nonsense"), INVALID);
  assertEquals(await client.sayAll("anna", "wrong password"), "421 Too many failed log-ins, closing.");
  assertEquals(await client.conn.receive(), null);
});

Deno.test("echo-server refuses a client-final that is replayed, foreign or malformed", async () => {
  await using server = await startAuth(["anna"], { args: MANY_TRIES });
  await using first = await AuthClient.to(server.port);
  const { message } = await prove(await first.challenge("anna", "one-nonce"), PASSWORD);
  assertEquals(codeOf(await first.say(message)), "235");
  await using thief = await AuthClient.to(server.port);
  await thief.challenge("anna", "one-nonce");
  assertEquals(await thief.say(message), INCORRECT, "replayed with the client nonce it was made for");
  const foreign = await prove(await thief.challenge("anna", "two-nonce"), PASSWORD, "two-nonce-of-mine");
  assertEquals(await thief.say(foreign.message), INCORRECT, "its nonce is not the server's");
  for (const malformed of ["", "no base64", encodeText("c=biws"), encodeText("c=biws,r=x,p=AAAA"), "AUTH TOKEN x"]) {
    await thief.challenge("anna");
    assertEquals(await thief.say(malformed), INCORRECT, malformed);
  }
  const bound = await thief.challenge("anna");
  const { message: proof } = await prove(bound, PASSWORD);
  assertEquals(await thief.say(encodeText(atob(proof).replace("c=biws", "c=eSws"))), INCORRECT, "another gs2 header");
  assertEquals(codeOf(await thief.scram("anna")), "235", "the connection is as good as before");
});

Deno.test("echo-server refuses tokens that are altered, foreign or made up, and revokes nothing for them", async () => {
  await using server = await startAuth(["anna"], { args: MANY_TRIES });
  await using other = await startAuth(["anna"]);
  const token = tokenOf(await logIn(server.port, "anna"));
  await using client = await AuthClient.to(server.port);
  const flipped = Array.from(token, (char, at) => token.slice(0, at) + flip(char) + token.slice(at + 1));
  const made = [
    tokenOf(await logIn(other.port, "anna")),
    formatToken(await newToken(new Uint8Array(32))),
    ...[token.slice(0, -1), `${token}A`, token.toUpperCase(), `es1.${token.split(".")[1]}.${"A".repeat(43)}`, "es1.."],
  ];
  for (const bad of [...flipped, ...made]) assertEquals(await client.say(`AUTH TOKEN ${bad}`), INVALID, bad);
  assertEquals(codeOf(await client.say(`AUTH TOKEN ${token}`)), "235", "the token itself is still good");
});

Deno.test("echo-server refuses tokens that are idle or overdue, and takes those that are not yet", async () => {
  await using server = await startAuth(["anna"], { args: MANY_TRIES });
  await using store = await openSqliteStore(server.data);
  const now = Date.now();
  const stored = async (createdAt: number, lastUsedAt: number): Promise<string> => {
    const token = await storedToken(store, createdAt);
    await store.touchSession(token.family, lastUsedAt);
    return formatToken(token);
  };
  const bad = [await stored(now - SESSION_IDLE, now - SESSION_IDLE), await stored(now - SESSION_LIFETIME, now)];
  const good = [
    await stored(now - SESSION_IDLE, now - SESSION_IDLE + HOUR),
    await stored(now - SESSION_LIFETIME + HOUR, now - HOUR),
  ];
  await using client = await AuthClient.to(server.port);
  for (const token of bad) assertEquals(await client.say(`AUTH TOKEN ${token}`), INVALID);
  for (const token of good) assertEquals(codeOf(await ask(server.port, `AUTH TOKEN ${token}`)), "235");
  const reasons = [...server.log().matchAll(/mechanism=token reason=(\w+) name=anna/g)].map(([, reason]) => reason);
  assertEquals(reasons, ["idle_expired", "absolute_expired"]);
});

Deno.test("echo-server takes a rotated token for a minute; used later, it ends the whole family, live sessions included", async () => {
  await using server = await startAuth(["anna"]);
  const first = tokenOf(await logIn(server.port, "anna"));
  const second = tokenOf(await ask(server.port, `AUTH TOKEN ${first}`));
  assertNotEquals(second, first);
  const beside = tokenOf(await ask(server.port, `AUTH TOKEN ${first}`));
  assertEquals(beside, second, "there is one successor");
  assertEquals(codeOf(await ask(server.port, `AUTH TOKEN ${second}`)), "235");
  // Another family, rotated 61 seconds ago as far as the store knows.
  await using store = await openSqliteStore(server.data);
  const now = Date.now();
  const old = await storedToken(store, now - HOUR);
  const next = await nextToken(new Uint8Array(await store.getOrCreateSecret("session-token", 32)), old);
  const renewed = { generation: 1, secretHash: await hashSecret(next) };
  await store.rotateSession(old.family, renewed, { now: now - 61_000, graceMs: 60_000 });
  await using live = await AuthClient.to(server.port);
  const last = tokenOf(await live.say(`AUTH TOKEN ${formatToken(next)}`));
  assert(await live.isEchoed());
  assertEquals(await ask(server.port, `AUTH TOKEN ${formatToken(old)}`), INVALID, "whoever has it kept a copy");
  const began = performance.now();
  assertEquals(await live.conn.receive().catch(() => null), null, "the live session is cut off");
  assert(performance.now() - began < 2000);
  assertEquals(await ask(server.port, `AUTH TOKEN ${last}`), INVALID);
  assertEquals(codeOf(await ask(server.port, `AUTH TOKEN ${beside}`)), "235", "the other family lives on");
  await server.logged(/a replaced token was used again: its session is revoked name=anna/);
});

Deno.test({
  name: "echo-server refuses by its clock, and not by one that was set back",
  ignore: FAKETIME === undefined,
  fn: async () => {
    await using server = await startAuth(["anna"]);
    const first = tokenOf(await logIn(server.port, "anna"));
    const second = tokenOf(await ask(server.port, `AUTH TOKEN ${first}`));
    const fresh = tokenOf(await logIn(server.port, "anna"));
    await server.stop();
    const at = (shift: string): ReturnType<typeof startServer> => {
      const env = { LD_PRELOAD: FAKETIME ?? "", FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
      return startServer({ args: ["--mode", "auth"], data: server.data, env });
    };
    {
      await using later = await at("+61s");
      assertEquals(await ask(later.port, `AUTH TOKEN ${first}`), INVALID, "rotated more than a minute ago");
      assertEquals(await ask(later.port, `AUTH TOKEN ${second}`), INVALID, "its successor was revoked with it");
    }
    {
      await using tomorrow = await at("+23h");
      tokenOf(await logIn(tomorrow.port, "anna"));
      assertEquals(codeOf(await ask(tomorrow.port, `AUTH TOKEN ${fresh}`)), "235");
    }
    const idle = await (async (): Promise<SessionToken> => {
      await using store = await openSqliteStore(server.data);
      return await storedToken(store, Date.now() - 2 * HOUR);
    })();
    // 25 hours after its last use by what the store has seen, though the machine's clock says less.
    await using back = await at("-5h");
    assertEquals(await ask(back.port, `AUTH TOKEN ${formatToken(idle)}`), INVALID);
  },
});

Deno.test("echo-server revokes the session at LOGOUT, the live one included, and answers 220 to any token", async () => {
  await using server = await startAuth(["anna"]);
  await using live = await AuthClient.to(server.port);
  const token = tokenOf(await live.scram("anna"));
  const other = tokenOf(await logIn(server.port, "anna"));
  const ended = "220 Session ended. What is your name?";
  const forged = `${token.slice(0, -2)}${flip(token.at(-2) ?? "")}${token.at(-1)}`;
  assertEquals(await ask(server.port, `LOGOUT ${forged}`), ended);
  assert(await live.isEchoed(), "who does not know the secret ends nothing");
  assertEquals(await ask(server.port, `LOGOUT ${token}`), ended);
  const began = performance.now();
  assertEquals(await live.conn.receive().catch(() => null), null);
  assert(performance.now() - began < 2000);
  assertEquals(await ask(server.port, `LOGOUT ${token}`), ended);
  assertEquals(await ask(server.port, `AUTH TOKEN ${token}`), INVALID);
  assertEquals(codeOf(await ask(server.port, `AUTH TOKEN ${other}`)), "235", "the other session lives on");
});

for (
  const [what, change] of Object.entries<(store: UserStore) => Promise<unknown>>({
    disabled: (store) => store.setDisabled("anna", true),
    removed: (store) => store.removeUser("anna"),
    "given another password": (store) => store.setVerifier("anna", "SCRAM-SHA-256$4096:AAAA$x:y"),
  })
) {
  Deno.test(`echo-server ends sessions and refuses tokens when their user is ${what}`, async () => {
    await using server = await startAuth(["anna", "berta"]);
    await using live = await AuthClient.to(server.port);
    const token = tokenOf(await live.scram("anna"));
    await using plain = await AuthClient.to(server.port);
    assertEquals(codeOf(await plain.sayAll("anna", PASSWORD)), "235");
    await using other = await AuthClient.to(server.port);
    assertEquals(codeOf(await other.scram("berta")), "235");
    await using store = await openSqliteStore(server.data);
    await change(store);
    const began = performance.now();
    const ends = await Promise.all([live, plain].map(({ conn }) => conn.receive().catch(() => null)));
    assertEquals(ends, [null, null]);
    assert(performance.now() - began < 2000);
    assertEquals(await ask(server.port, `AUTH TOKEN ${token}`), INVALID);
    assertEquals(await logIn(server.port, "anna"), INCORRECT);
    assert(await other.isEchoed(), "others go on");
    assertEquals(server.log().match(/client left reason=revoked/g)?.length, 2);
  });
}

Deno.test(`echo-server keeps ${SESSIONS_PER_USER} sessions a user; the oldest makes room`, async () => {
  await using server = await startAuth(["anna"]);
  const tokens: string[] = [];
  for (let number = 0; number <= SESSIONS_PER_USER; number++) tokens.push(tokenOf(await logIn(server.port, "anna")));
  const codes = await Promise.all(tokens.map(async (token) => codeOf(await ask(server.port, `AUTH TOKEN ${token}`))));
  assertEquals(codes, ["535", ...Array(SESSIONS_PER_USER).fill("235")]);
});

for (const fault of FAULTS) {
  Deno.test(`ClientDialogue refuses a server that ${fault}, and sends no password`, async () => {
    await using server = fakeServer(fault);
    await using conn = await dialFramed(server.port);
    const dialogue = new ClientDialogue({
      secure: fault !== "offers plain passwords alone",
      source: {
        name: () => Promise.resolve("anna"),
        credential: () => Promise.resolve({ type: "password", password: PASSWORD }),
      },
      randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    });
    const error = await assertRejects(async () => {
      for (;;) {
        const step = await dialogue.receive(await conn.receiveText() ?? "");
        if (step.type === "done") return;
        await conn.send(step.message);
      }
    }, EchoError);
    assertEquals(error.code, EXPECTED[fault]);
    assertEquals(server.received.filter((text) => text.includes(PASSWORD)), []);
  });
}

const EXPECTED: Readonly<Record<typeof FAULTS[number], string>> = {
  "leaves its signature out": "bad_server_signature",
  "signs wrongly": "bad_server_signature",
  "asks for 1 iteration": "bad_sasl",
  "asks for 2,000,001 iterations": "bad_sasl",
  "makes a nonce of its own": "bad_sasl",
  "returns the client's nonce alone": "bad_sasl",
  "offers plain passwords alone": "insecure_connection",
};

/** A token of anna's that the store has had since `createdAt`. */
async function storedToken(store: UserStore, createdAt: number): Promise<SessionToken> {
  const token = await newToken(new Uint8Array(await store.getOrCreateSecret("session-token", 32)));
  const session = { id: token.family, user: "anna", secretHash: await hashSecret(token), createdAt };
  assertEquals(await store.createSession(session, { max: 100 }), "created");
  return token;
}

function newToken(key: Uint8Array<ArrayBuffer>): Promise<SessionToken> {
  const random = (bytes: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(bytes));
  return firstToken(key, { family: random(FAMILY_BYTES), seed: random(SEED_BYTES) });
}

/** Another character of the alphabet, one bit away. */
function flip(char: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(char) ^ 1] ?? "A";
}
