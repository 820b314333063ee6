// The administration commands beside running servers: what they change is seen, what they revoke ends within 2 s.
import { deadline } from "@std/async/deadline";
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { NetworkError } from "../../lib/base/errors.ts";
import { AuthClient, codeOf, INCORRECT, INVALID, logIn, PASSWORD, startAuth, tokenOf } from "../support/auth.ts";
import { dialFramed } from "../support/net.ts";
import { PATIENCE, runTool, startServer, tempDir } from "../support/tools.ts";

const OTHER = "battery staple";

/** What the issue promises, in ms. */
const NOTICED = 2000;

Deno.test("a running server logs a user in who was added beside it, and one who was imported", async () => {
  await using server = await startAuth();
  await run(server.data, "users add Anna", PASSWORD);
  assertEquals(codeOf(await logIn(server.port, "Anna", PASSWORD)), "235");
  {
    await using client = await AuthClient.to(server.port);
    assertEquals(await client.sayAll("Anna"), "332 Password?");
    assertMatch(await client.say(PASSWORD), /^235 /);
    assert(await client.isEchoed(), "by the plain dialogue, too");
  }
  using other = tempDir();
  await run(other.path, "users import", await run(server.data, "users export"));
  await using second = await startAuth([], { data: other.path });
  assertEquals(codeOf(await logIn(second.port, "Anna", PASSWORD)), "235");
});

const REVOCATIONS: readonly (readonly [command: string, stdin: string | undefined])[] = [
  ["users disable Anna", undefined],
  ["users remove Anna --yes", undefined],
  ["users passwd Anna", OTHER],
  ["sessions revoke Anna --yes", undefined],
  ["sessions revoke ID --yes", undefined],
];

for (const [command, stdin] of REVOCATIONS) {
  Deno.test(`${command} ends the connection and the token of that user alone, within 2 s`, async () => {
    await using server = await startAuth(["Anna", "Boris"]);
    await using anna = await AuthClient.to(server.port);
    const token = tokenOf(await anna.scram("Anna", PASSWORD));
    await using boris = await AuthClient.to(server.port);
    await boris.scram("Boris", PASSWORD);
    assert(await anna.isEchoed());

    const [{ id }] = JSON.parse(await run(server.data, "sessions list Anna --json"));
    const ended = endOf(anna);
    await run(server.data, command.replace("ID", id), stdin);
    const begun = performance.now();
    await ended;
    assertLess(performance.now() - begun, NOTICED);
    await server.logged(/client left reason=revoked/);
    assert(await boris.isEchoed());

    await using again = await AuthClient.to(server.port);
    assertEquals(await again.say(`AUTH TOKEN ${token}`), INVALID);
    const mayLogIn = command.startsWith("sessions");
    const answer = await logIn(server.port, "Anna", PASSWORD);
    if (mayLogIn) assertEquals(codeOf(answer), "235");
    else assertEquals(answer, INCORRECT);
  });
}

Deno.test("users passwd lets the new password in, and users enable a disabled user", async () => {
  await using server = await startAuth(["Anna"]);
  await run(server.data, "users passwd Anna", OTHER);
  assertEquals(codeOf(await logIn(server.port, "Anna", OTHER)), "235");
  await run(server.data, "users disable Anna");
  assertEquals(await logIn(server.port, "Anna", OTHER), INCORRECT);
  await run(server.data, "users enable Anna");
  assertEquals(codeOf(await logIn(server.port, "Anna", OTHER)), "235");
});

Deno.test("two servers on one data directory see each other's users and revocations", async () => {
  await using first = await startAuth();
  await using second = await startAuth([], { data: first.data, args: ["--log", join(first.data, "echo-second.log")] });
  {
    await using client = await AuthClient.to(first.port);
    assertEquals(codeOf(await client.sayAll("Anna", PASSWORD)), "235");
  }
  await using onFirst = await AuthClient.to(first.port);
  await using onSecond = await AuthClient.to(second.port);
  const token = tokenOf(await onFirst.scram("Anna", PASSWORD));
  assertEquals(codeOf(await onSecond.scram("Anna", PASSWORD)), "235");
  const ends = Promise.all([endOf(onFirst), endOf(onSecond)]);
  assertEquals(await run(first.data, "sessions revoke Anna --yes"), "Sessions ended: 3.\n");
  const begun = performance.now();
  await ends;
  assertLess(performance.now() - begun, NOTICED);
  await using client = await AuthClient.to(second.port);
  assertEquals(await client.say(`AUTH TOKEN ${token}`), INVALID);

  // A log-out at one server ends the connection at the other.
  const next = tokenOf(await logIn(first.port, "Anna", PASSWORD));
  const resumed = await client.say(`AUTH TOKEN ${next}`);
  assertEquals(codeOf(resumed), "235");
  const end = endOf(client);
  await using other = await AuthClient.to(first.port);
  assertEquals(codeOf(await other.say(`LOGOUT ${tokenOf(resumed)}`)), "220");
  await end;
});

Deno.test("a running server of mode identify greets a host by its new name, and asks a forgotten one again", async () => {
  await using server = await startServer({ args: ["--mode", "identify"] });
  assertEquals(await identify(server.port, "Anna"), "230 Welcome, Anna.");
  assertEquals(await identify(server.port), "230 Welcome back, Anna.");
  await run(server.data, "hosts rename 127.0.0.1 Вера");
  assertEquals(await identify(server.port), "230 Welcome back, Вера.");
  const [host] = JSON.parse(await run(server.data, "hosts list --json"));
  assertEquals([host.address, host.name], ["127.0.0.1", "Вера"]);
  assert(Date.parse(host.seen_at) > Date.parse(host.created_at));
  await run(server.data, "hosts forget 127.0.0.1 --yes");
  assertEquals(await identify(server.port), "331 What is your name?");
});

Deno.test("no command leaves a password, verifier or token in a log, or a file that others can read", async () => {
  await using server = await startAuth([], { args: ["--log-level", "debug"] });
  await run(server.data, "users add Anna", PASSWORD);
  const token = tokenOf(await logIn(server.port, "Anna", PASSWORD));
  await run(server.data, "users passwd Anna", OTHER);
  const exported = await run(server.data, "users export");
  await run(server.data, "users remove Anna --yes");
  await run(server.data, "users import", exported);
  const answered = await logIn(server.port, "Anna", OTHER);
  await server.stop();

  const [, , salt = "", stored = "", key = ""] = JSON.parse(exported).verifier.split(/[$:]/);
  const secrets = [PASSWORD, OTHER, ...token.split(".").slice(2), tokenOf(answered), salt, stored, key];
  assert(secrets.every((secret) => secret.length > 8));
  const logs = Array.from(Deno.readDirSync(server.data)).filter(({ name }) => name.endsWith(".log"));
  assertEquals(logs.length, 1);
  for (const secret of secrets) assert(!server.log().includes(secret));
  assertStringIncludes(server.log(), "Anna");
  // Of a password not even the database holds a trace.
  const database = new TextDecoder("latin1").decode(Deno.readFileSync(join(server.data, "echo.db")));
  assertStringIncludes(database, stored);
  assert(!database.includes(PASSWORD) && !database.includes(OTHER));
  assertEquals((Deno.statSync(join(server.data, "echo.db")).mode ?? 0) & 0o077, 0);
});

/** Runs a command that must succeed; what it printed. */
async function run(data: string, line: string, stdin?: string): Promise<string> {
  const options = stdin === undefined ? {} : { stdin };
  const { code, stdout, stderr } = await runTool("echo-server", [...line.split(" "), "--data", data], options);
  // The first command that stores something says that there was no database.
  assertEquals([line, code, stderr.replace(/^No database in .*\n/, "")], [line, 0, ""]);
  return stdout;
}

/** Resolves when the server ends the connection: in order, or by a reset. */
async function endOf({ conn }: AuthClient): Promise<void> {
  try {
    assertEquals(await deadline(conn.receive(), PATIENCE), null);
  } catch (error) {
    if (!(error instanceof NetworkError && error.code === "reset")) throw error;
  }
}

/** What a server of mode `identify` says to a new connection, or to the name. */
async function identify(port: number, name?: string): Promise<string | null> {
  await using conn = await dialFramed(port);
  const greeting = await conn.receiveText();
  if (name === undefined) return greeting;
  await conn.send(name);
  return await conn.receiveText();
}
