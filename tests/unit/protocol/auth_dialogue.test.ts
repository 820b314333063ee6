import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { ScramClient } from "../../../lib/auth/scram.ts";
import { formatVerifier, makeVerifier } from "../../../lib/auth/verifier.ts";
import { decodeText, encodeText } from "../../../lib/protocol/commands.ts";
import type { ReplyLanguage } from "../../../lib/protocol/reply_texts.ts";
import { parseReply } from "../../../lib/protocol/replies.ts";
import { AuthDialogue, type Registration } from "../../../lib/protocol/server_dialogue.ts";
import { FakeWorld, Line, ROUNDS } from "./fake_services.ts";

const PASSWORD = "correct horse battery";
const VERIFIER = formatVerifier(await makeVerifier(PASSWORD, { salt: new Uint8Array(16).fill(3), iterations: ROUNDS }));
const INCORRECT = "530 Log-in incorrect. What is your name?";

interface Setting {
  readonly secure?: boolean;
  readonly language?: ReplyLanguage;
  readonly maxAttempts?: number;
  readonly world?: FakeWorld;
  readonly registration?: Registration;
}

/** A greeted client of a server where `anna` is a user, and `dora` a disabled one. */
async function meet(setting: Setting = {}): Promise<{ client: Line; world: FakeWorld; greeting: string }> {
  const { secure = true, language = "en", maxAttempts = 3, world = new FakeWorld(), registration = "open" } = setting;
  if (world.users.size === 0) {
    world.users.set("anna", { verifier: VERIFIER, disabled: false });
    world.users.set("dora", { verifier: VERIFIER, disabled: true });
  }
  const client = new Line(new AuthDialogue(world.services(), { secure, language, maxAttempts, registration }));
  return { client, world, greeting: await client.greeting() };
}

async function scram(client: Line, name: string, password = PASSWORD): Promise<{ scram: ScramClient; reply: string }> {
  const exchange = new ScramClient({ name, password, nonce: "client-nonce" });
  const challenge = parseReply(await client.say(`AUTH SCRAM-SHA-256 ${encodeText(exchange.first())}`));
  assertEquals(challenge.code, 334);
  const final = await exchange.final(decodeText(challenge.text) ?? "");
  return { scram: exchange, reply: await client.say(encodeText(final)) };
}

const tokenOf = (reply: string): string => parseReply(reply).tags.TOKEN?.[0] ?? "";

Deno.test("AuthDialogue offers what the connection allows", async () => {
  assertEquals((await meet()).greeting, "331 [AUTH SCRAM-SHA-256 TOKEN PLAIN] What is your name?");
  assertEquals((await meet({ secure: false })).greeting, "331 [AUTH SCRAM-SHA-256] What is your name?");
  assertEquals((await meet({ language: "ru" })).greeting, "331 [AUTH SCRAM-SHA-256 TOKEN PLAIN] Как вас зовут?");
});

Deno.test("AuthDialogue logs a known user in with a plain password", async () => {
  const { client } = await meet();
  assertEquals(await client.say("anna"), "332 Password?");
  const reply = await client.say(PASSWORD);
  assertMatch(reply, /^235 \[TOKEN es1\.[\w-]{22}\.[\w-]{43} 2026-01-02T00:00:00Z\] Welcome, anna\.$/);
  assertEquals([client.end, client.accepted, client.events], ["accept", "anna", ["logged_in"]]);
});

Deno.test("AuthDialogue lets a new user choose a password, in Russian too", async () => {
  const { client, world } = await meet({ language: "ru" });
  assertEquals(await client.say("Анна"), "333 Вы здесь впервые: придумайте пароль.");
  assertMatch(await client.say("длинный пароль"), /^235 \[TOKEN \S+ \S+\] Добро пожаловать, Анна\.$/);
  assertEquals(client.events, ["registered", "logged_in"]);
  const { client: again } = await meet({ world, language: "ru" });
  assertEquals(await again.say("Анна"), "332 Пароль?");
  assertEquals(await again.say("короткий"), "530 Неверное имя или пароль. Как вас зовут?");
});

Deno.test("AuthDialogue explains a new password it cannot take, and asks for the name", async () => {
  const { client, world } = await meet();
  await client.say("berta");
  assertEquals(await client.say("short"), "501 A password needs at least 8 characters. What is your name?");
  await client.say("berta");
  assertEquals(await client.say("x".repeat(1025)), "501 A password has at most 1024 bytes. What is your name?");
  assertEquals([world.users.has("berta"), world.calls, client.end], [false, [], ""]);
});

Deno.test("AuthDialogue refuses a wrong password, and closes with 421 at the third", async () => {
  const { client } = await meet();
  for (const _ of [1, 2]) {
    await client.say("anna");
    assertEquals(await client.say("wrong"), INCORRECT);
    assertEquals(client.end, "");
  }
  await client.say("anna");
  assertEquals(await client.say("wrong"), "421 Too many failed log-ins, closing.");
  assertEquals(client.end, "close");
  assertEquals(client.effects.filter(({ type }) => type === "failure").length, 3);
  const failed = "login_failed password";
  assertEquals(client.events, [failed, failed, failed, "too_many_attempts"]);
});

Deno.test("AuthDialogue counts failures of all kinds together", async () => {
  const { client } = await meet();
  assertEquals((await client.say("AUTH TOKEN nonsense")).slice(0, 3), "535");
  assertEquals((await client.say(`REGISTER ${encodeText("anna")} ${VERIFIER}`)).slice(0, 3), "501");
  assertEquals((await scram(client, "anna", "wrong")).reply.slice(0, 3), "421");
});

Deno.test("AuthDialogue takes a password for a password, whatever it looks like", async () => {
  const { client } = await meet();
  for (const password of ["AUTH TOKEN x", "*"]) {
    await client.say("anna");
    assertEquals(await client.say(password), INCORRECT);
  }
});

Deno.test("AuthDialogue refuses a disabled user like a wrong password, after the same work", async () => {
  const { client, world } = await meet({ maxAttempts: 9 });
  const ask = async (name: string, password: string): Promise<[string, string]> => [
    await client.say(name),
    await client.say(password),
  ];
  assertEquals(await ask("dora", PASSWORD), ["332 Password?", INCORRECT]);
  assertEquals(await ask("dora", "wrong"), ["332 Password?", INCORRECT]);
  assertEquals(world.calls, ["check", "check"]);
  assertEquals((await scram(client, "dora")).reply, INCORRECT);
  assertEquals(client.events, ["login_failed disabled", "login_failed password", "login_failed disabled"]);
  assertEquals(client.accepted, undefined);
});

Deno.test("AuthDialogue refuses a name that was taken while its password was typed", async () => {
  const world = new FakeWorld();
  const { client: first } = await meet({ world });
  const { client: second } = await meet({ world });
  assertEquals([await first.say("carl"), await second.say("carl")].map((reply) => reply.slice(0, 3)), ["333", "333"]);
  assertEquals((await first.say("first password")).slice(0, 3), "235");
  assertEquals(await second.say("second password"), INCORRECT);
});

Deno.test("AuthDialogue closes with 421 when the password queue is full", async () => {
  for (const name of ["anna", "new"]) {
    const { client, world } = await meet();
    world.busy = true;
    await client.say(name);
    assertEquals(await client.say(PASSWORD), "421 Too many log-ins at once, closing: try again later.");
    assertEquals([client.end, client.events], ["close", ["busy"]]);
  }
});

for (const secure of [true, false]) {
  Deno.test(`AuthDialogue logs in through SCRAM${secure ? ", with a token" : " on an open network, without one"}`, async () => {
    const { client, world } = await meet({ secure });
    const { scram: exchange, reply } = await scram(client, "anna");
    const { code, tags, text } = parseReply(reply);
    assertEquals([code, text, Object.keys(tags)], [235, "Welcome, anna.", secure ? ["SCRAM", "TOKEN"] : ["SCRAM"]]);
    exchange.verify(decodeText(tags.SCRAM?.[0] ?? "") ?? "");
    assertEquals([client.end, client.accepted, world.calls], ["accept", "anna", []]);
  });
}

Deno.test("AuthDialogue answers wrong passwords and unknown users through SCRAM alike", async () => {
  const { client } = await meet({ maxAttempts: 9 });
  const said: string[] = [];
  for (const name of ["anna", "nobody", "no/name"]) said.push((await scram(client, name, "wrong password")).reply);
  assertEquals(said, [INCORRECT, INCORRECT, INCORRECT]);
  assertEquals(client.events, ["login_failed proof", "login_failed unknown_user", "login_failed unknown_user"]);
  const names = client.effects.flatMap((effect) => effect.type === "log" ? [effect.fields.name] : []);
  assertEquals(names, ["anna", undefined, undefined], "names of nobody stay out of the log");
});

Deno.test("AuthDialogue refuses a replayed or garbled client-final with 530", async () => {
  const { client, world } = await meet({ maxAttempts: 9 });
  const exchange = new ScramClient({ name: "anna", password: PASSWORD, nonce: "client-nonce" });
  const first = `AUTH SCRAM-SHA-256 ${encodeText(exchange.first())}`;
  const final = encodeText(await exchange.final(decodeText(parseReply(await client.say(first)).text) ?? ""));
  assertEquals((await client.say(final)).slice(0, 3), "235");
  const { client: thief } = await meet({ world, maxAttempts: 9 });
  for (const message of [final, "", "no base64", encodeText("c=biws,r=x,p=AAAA"), first]) {
    await thief.say(first);
    assertEquals(await thief.say(message), INCORRECT);
  }
  assertEquals(thief.events[0], "login_failed nonce");
});

Deno.test("AuthDialogue asks for the name after a cancelled SCRAM exchange, and counts no failure", async () => {
  const { client } = await meet({ maxAttempts: 1 });
  await client.say(`AUTH SCRAM-SHA-256 ${encodeText("n,,n=anna,r=x")}`);
  assertEquals(await client.say("*"), "501 Cancelled. What is your name?");
  assertEquals((await scram(client, "anna")).reply.slice(0, 3), "235");
});

Deno.test("AuthDialogue refuses a first SCRAM message it cannot use with 501", async () => {
  const { client } = await meet();
  for (const first of ["", "n,,m=x,n=anna,r=x", "p=tls-unique,,n=anna,r=x", "n,,n=an=na,r=x"]) {
    const reply = await client.say(`AUTH SCRAM-SHA-256 ${encodeText(first)}`);
    assertEquals(reply.slice(0, 3), "501", first);
  }
  assertEquals((await client.say(`AUTH SCRAM-SHA-256 ${encodeText("y,,n=anna,r=x")}`)).slice(0, 3), "334");
});

Deno.test("AuthDialogue explains commands it cannot carry out, and asks for the name", async () => {
  const { client } = await meet({ maxAttempts: 1 });
  const asked = "What is your name?";
  assertEquals(await client.say("AUTH"), `501 Use AUTH SCRAM-SHA-256 or AUTH TOKEN. ${asked}`);
  assertEquals(await client.say("AUTH PLAIN AGEAYg=="), `501 Use AUTH SCRAM-SHA-256 or AUTH TOKEN. ${asked}`);
  assertEquals(await client.say("REGISTER x"), `501 REGISTER takes a name in base64 and a verifier. ${asked}`);
  assertEquals(await client.say("LOGOUT"), `501 LOGOUT takes a session token. ${asked}`);
  assertEquals(await client.say(Uint8Array.of(0xc3)), `500 Not understood. ${asked}`);
  assertEquals(await client.say("a/b").then((reply) => reply.slice(0, 3)), "501");
  assertEquals(await client.say("auth"), "333 New here: choose a password.");
});

Deno.test("AuthDialogue forgets a half-given password dialogue when bytes are no text", async () => {
  const { client } = await meet();
  await client.say("anna");
  assertEquals((await client.say(Uint8Array.of(0xff))).slice(0, 3), "500");
  assertEquals(await client.say(PASSWORD).then((reply) => reply.slice(0, 3)), "333", "it is a name again");
});

Deno.test("AuthDialogue refuses everything secret with 534 on an open network, before it is asked for", async () => {
  const { client, world } = await meet({ secure: false, maxAttempts: 1 });
  for (const message of ["anna", "nobody", "AUTH TOKEN x", `REGISTER ${encodeText("eve")} ${VERIFIER}`, "LOGOUT x"]) {
    assertEquals(await client.say(message), "534 Refused on an unencrypted connection. What is your name?");
  }
  assertEquals([client.end, world.calls, world.users.size], ["", [], 2]);
});

Deno.test("AuthDialogue registers a verifier, so that the password logs in by SCRAM", async () => {
  const { client, world } = await meet();
  const reply = await client.say(`REGISTER ${encodeText("Ева")} ${VERIFIER}`);
  assertMatch(reply, /^235 \[TOKEN \S+ \S+\] Welcome, Ева\.$/);
  assertEquals([client.accepted, client.events], ["Ева", ["registered", "logged_in"]]);
  assertEquals((await scram((await meet({ world })).client, "Ева")).reply.slice(0, 3), "235");
});

Deno.test("AuthDialogue registers no taken name, and leaves its password as it is", async () => {
  const { client, world } = await meet();
  const other = formatVerifier(await makeVerifier("other", { salt: new Uint8Array(16), iterations: ROUNDS }));
  assertEquals(
    await client.say(`REGISTER ${encodeText("anna")} ${other}`),
    "501 [TAKEN] That name is taken. What is your name?",
  );
  assertEquals(world.users.get("anna")?.verifier, VERIFIER);
});

Deno.test("AuthDialogue registers no verifier with other rounds or salt than its own, and no unusable name", async () => {
  const { client, world } = await meet();
  const make = async (bytes: number, iterations: number): Promise<string> =>
    formatVerifier(await makeVerifier(PASSWORD, { salt: new Uint8Array(bytes), iterations }));
  const huge = VERIFIER.replace(`$${ROUNDS}:`, "$2000001:");
  const others = [[16, ROUNDS - 1], [16, ROUNDS + 1], [15, ROUNDS], [17, ROUNDS]] as const;
  for (const verifier of [...await Promise.all(others.map(([bytes, rounds]) => make(bytes, rounds))), huge, "plain"]) {
    const reply = await client.say(`REGISTER ${encodeText("eve")} ${verifier}`);
    assertEquals(
      reply,
      "501 Cannot use that verifier: it needs 4096 iterations and 16 bytes of salt. What is your name?",
    );
  }
  assertEquals((await client.say(`REGISTER ${encodeText("e\u200bve")} ${VERIFIER}`)).slice(0, 3), "501");
  assertEquals(
    await client.say(`REGISTER ${encodeText("LOGOUT now")} ${VERIFIER}`),
    "501 That word is a command. What is your name?",
  );
  assertEquals(world.users.size, 2);
});

Deno.test("AuthDialogue resumes a session, gives its successor, and refuses the old token after a minute", async () => {
  const { client, world } = await meet();
  const old = tokenOf((await scram(client, "anna")).reply);
  const resume = async (token: string): Promise<string> =>
    (await meet({ world, maxAttempts: 9 })).client.say(`AUTH TOKEN ${token}`);
  const reply = await resume(old);
  assertMatch(reply, /^235 \[TOKEN \S+ \S+\] Welcome back, anna\.$/);
  const next = tokenOf(reply);
  assertNotEquals(next, old);
  world.now += 60_000;
  assertEquals((await resume(old)).slice(0, 3), "235", "within the grace");
  world.now += 1;
  const refusal = "535 Session token invalid or expired. What is your name?";
  assertEquals(await resume(old), refusal);
  assertEquals(await resume(next), refusal, "the family is revoked");
  assertEquals(world.sessions.size, 0);
});

Deno.test("AuthDialogue refuses idle, overdue, foreign and altered tokens with one text", async () => {
  const { client, world } = await meet();
  const token = tokenOf((await scram(client, "anna")).reply);
  const { client: other } = await meet({ world, maxAttempts: 9 });
  const altered = token.slice(0, -1) + (token.endsWith("A") ? "E" : "A");
  const foreign = `es1.${"A".repeat(22)}.${"A".repeat(43)}`;
  const replies = [await other.say(`AUTH TOKEN ${altered}`), await other.say(`AUTH TOKEN ${foreign}`)];
  world.now += 24 * 3600_000;
  replies.push(await other.say(`AUTH TOKEN ${token}`));
  world.now += 7 * 24 * 3600_000;
  replies.push(await other.say(`AUTH TOKEN ${token}`));
  assertEquals(new Set(replies), new Set(["535 Session token invalid or expired. What is your name?"]));
  assertEquals(other.events.map((event) => event.split(" ")[1]), [
    "wrong_secret",
    "unknown",
    "idle_expired",
    "absolute_expired",
  ]);
});

Deno.test("AuthDialogue revokes a session at LOGOUT, and answers 220 to any token", async () => {
  const { client, world } = await meet();
  const token = tokenOf((await scram(client, "anna")).reply);
  const { client: other } = await meet({ world });
  const forged = token.slice(0, -1) + (token.endsWith("A") ? "E" : "A");
  assertEquals(await other.say(`LOGOUT ${forged}`), "220 Session ended. What is your name?");
  assertEquals(world.sessions.size, 1, "who does not know the secret ends nothing");
  assertEquals(await other.say(`LOGOUT ${token}`), "220 Session ended. What is your name?");
  assertEquals(await other.say(`LOGOUT ${token}`), "220 Session ended. What is your name?");
  assertEquals([world.sessions.size, other.events], [0, ["session_revoked"]]);
  assertEquals((await other.say(`AUTH TOKEN ${token}`)).slice(0, 3), "535");
});

Deno.test("AuthDialogue logs known users in without a token where nothing can be written", async () => {
  const { client, world } = await meet();
  world.failing = "write";
  const { reply } = await scram(client, "anna");
  assertEquals(Object.keys(parseReply(reply).tags), ["SCRAM"]);
  assertEquals([client.end, client.events], ["accept", ["logged_in", "session_not_stored"]]);
  const { client: fresh } = await meet({ world });
  await fresh.say("new");
  assertEquals((await fresh.say("long password")).slice(0, 3), "421");
  assertEquals([fresh.end, fresh.events, world.users.has("new")], ["close", ["storage_failed"], false]);
});

Deno.test("AuthDialogue resumes without a successor where nothing can be written", async () => {
  const { client, world } = await meet();
  const token = tokenOf((await scram(client, "anna")).reply);
  world.failing = "write";
  const { client: again } = await meet({ world });
  assertEquals(await again.say(`AUTH TOKEN ${token}`), "235 Welcome back, anna.");
  assertEquals([again.accepted, again.events], ["anna", ["session_resumed", "session_not_stored"]]);
});

Deno.test("AuthDialogue closes with 421 when users cannot be read", async () => {
  const { client, world } = await meet();
  world.failing = "all";
  assertEquals((await client.say("anna")).slice(0, 3), "421");
  assertEquals(client.end, "close");
});

Deno.test("AuthDialogue refuses a log-in that a password change overtook", async () => {
  const { client, world } = await meet();
  await client.say("anna");
  world.users.set("anna", { verifier: VERIFIER.replace("AwMD", "BAQE"), disabled: false });
  assertEquals(await client.say(PASSWORD), INCORRECT);
  assertEquals(client.events, ["login_failed changed"]);
});

Deno.test("AuthDialogue fits no password to a verifier it cannot read", async () => {
  const { client, world } = await meet();
  world.users.set("anna", { verifier: "damaged", disabled: false });
  await client.say("anna");
  assertEquals(await client.say(""), INCORRECT);
  assertEquals((await scram(client, "anna")).reply, INCORRECT);
});

Deno.test("AuthDialogue ends a loop that never logs in", async () => {
  const { client } = await meet();
  let last = "";
  for (let turn = 0; turn < 100; turn++) last = await client.say("AUTH");
  assertEquals(last, "421 Too many messages without a log-in, closing.");
  assert(client.end === "close");
});

/** Everything that may happen to a user between the two halves of a log-in. */
const CHANGES: Readonly<Record<string, (world: FakeWorld) => unknown>> = {
  disabled: (world) => world.users.set("anna", { verifier: VERIFIER, disabled: true }),
  removed: (world) => world.users.delete("anna"),
  "given another password": (world) => world.users.set("anna", { verifier: `${VERIFIER} `, disabled: false }),
};

for (const [what, change] of Object.entries(CHANGES)) {
  for (
    const [how, secure, failing] of [["", true, "none"], [" without a token", false, "none"], [
      " while nothing can be stored",
      true,
      "write",
    ]] as const
  ) {
    Deno.test(`AuthDialogue refuses a user who was ${what} after client-first${how}`, async () => {
      const { client, world } = await meet({ secure });
      const exchange = new ScramClient({ name: "anna", password: PASSWORD, nonce: "client-nonce" });
      const challenge = parseReply(await client.say(`AUTH SCRAM-SHA-256 ${encodeText(exchange.first())}`));
      change(world);
      world.failing = failing;
      const final = await exchange.final(decodeText(challenge.text) ?? "");
      assertEquals(await client.say(encodeText(final)), INCORRECT);
      assertEquals([client.accepted, client.events], [undefined, ["login_failed changed"]]);
    });
  }
}

Deno.test("AuthDialogue asks everybody for a password where registration is closed", async () => {
  const { client, world } = await meet({ registration: "closed", maxAttempts: 9 });
  for (const name of ["anna", "nobody"]) {
    assertEquals(await client.say(name), "332 Password?");
    assertEquals(await client.say("not the password"), INCORRECT);
  }
  assertEquals(
    await client.say(`REGISTER ${encodeText("eve")} ${VERIFIER}`),
    "501 Registration is closed. What is your name?",
  );
  assertEquals([world.users.size, world.namesTold, world.calls], [2, 0, ["check", "check"]]);
});

Deno.test("AuthDialogue says when nobody else can register now", async () => {
  const world = new FakeWorld();
  const services = { ...world.services(), createUser: () => Promise.resolve("refused" as const) };
  const client = new Line(new AuthDialogue(services, { secure: true, language: "en" }));
  await client.greeting();
  await client.say("eve");
  assertEquals(await client.say(PASSWORD), "501 Too many new users: try again later. What is your name?");
  assertEquals([client.events[0], world.namesTold], ["registration_refused registration_limited", 1]);
});

Deno.test("AuthDialogue tells at whose account the next message is a guess", async () => {
  const world = new FakeWorld();
  world.users.set("anna", { verifier: VERIFIER, disabled: false });
  const dialogue = new AuthDialogue(world.services(), { secure: true, language: "en" });
  const client = new Line(dialogue);
  await client.greeting();
  assertEquals(dialogue.account, undefined);
  await client.say("anna");
  assertEquals(dialogue.account, "anna");
  await client.say("wrong password");
  assertEquals(dialogue.account, undefined);
  const exchange = new ScramClient({ name: "nobody", password: PASSWORD, nonce: "client-nonce" });
  await client.say(`AUTH SCRAM-SHA-256 ${encodeText(exchange.first())}`);
  assertEquals(dialogue.account, "nobody");
});
