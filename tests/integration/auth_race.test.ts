// Many clients at once, and a server that is killed while they register.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { SqliteConnection } from "../../lib/store/sqlite_connection.ts";
import { AuthClient, codeOf, INCORRECT, inTurn, logIn, PASSWORD, registration, startAuth } from "../support/auth.ts";
import { isLong } from "../support/long.ts";
import { type RunningServer, startServer, tempDir } from "../support/tools.ts";

const CLIENTS = 100;
/** How often it is killed; `deno task load` does it 30 times. */
const ROUNDS = Deno.env.get("ECHO_LOAD") === "full" ? 30 : isLong ? 10 : 4;
/** Clients of a round that register one name after the other. */
const REGISTERING = 4;

Deno.test("echo-server creates one user when 100 clients register one name at once", async () => {
  // Half of them wait for PBKDF2, of which 33 fit the queue: the rest is told to come back, and comes.
  await using server = await startAuth([], { args: ["--max-unauthenticated", "1000"] });
  const answers = await Promise.all(
    Array.from({ length: CLIENTS }, (_, number) => number % 2 === 0 ? register(server.port) : choose(server.port)),
  );
  const counts = Object.groupBy(answers, codeOf);
  assertEquals(counts["235"]?.length, 1, "one is created");
  const refusals = new Set(answers.filter((answer) => codeOf(answer) !== "235"));
  for (const text of refusals) assert(REFUSALS.has(text), text);
  assertEquals(server.log().match(/new user name=anna/g)?.length, 1);
  assertEquals(codeOf(await logIn(server.port, "anna")), "235", "all brought the same password");
});

/** The client makes the verifier. */
async function register(port: number): Promise<string> {
  await using client = await AuthClient.to(port);
  return await client.say(registration("anna"));
}

/** The server makes it, unless somebody was faster. */
async function choose(port: number): Promise<string> {
  for (;;) {
    await using client = await AuthClient.to(port);
    const asked = await client.say("anna");
    if (codeOf(asked) === "332") return asked;
    const answer = await client.say(PASSWORD);
    if (codeOf(answer) !== "421") return answer;
    assertEquals(answer, "421 Too many log-ins at once, closing: try again later.");
  }
}

/** What those are told who were too late. */
const REFUSALS: ReadonlySet<string> = new Set([
  "501 [TAKEN] That name is taken. What is your name?",
  "332 Password?",
  INCORRECT,
]);

Deno.test(`echo-server has every user it acknowledged when it is killed while they register, ${ROUNDS} times`, async () => {
  using data = tempDir();
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using server = await startServer({ args: ["--mode", "auth"], data: data.path });
    // The users of the round before, seen from outside.
    const [last] = acknowledged.slice(-1);
    if (last !== undefined) assertEquals(codeOf(await logIn(server.port, last)), "235", last);
    const kept = await registerUntilKilled(server, round);
    acknowledged.push(...kept);
    assertIntact(data.at("echo.db"), acknowledged);
  }
  assertGreater(acknowledged.length, 2 * ROUNDS);
  await using server = await startServer({ args: ["--mode", "auth"], data: data.path });
  const answers = await inTurn(acknowledged, (name) => logIn(server.port, name));
  assertEquals(new Set(answers.map(codeOf)), new Set(["235"]));
});

/** Registers users until the server is killed, after a number of acknowledgements that differs from round to round. */
async function registerUntilKilled(server: RunningServer, round: number): Promise<string[]> {
  const acknowledged: string[] = [];
  const enough = 1 + (round * 7) % 11;
  const work = async (who: number): Promise<void> => {
    for (let number = 0;; number++) {
      const name = `r${round}-${who}-${number}`;
      await using client = await AuthClient.to(server.port);
      const answer = await client.say(registration(name));
      if (codeOf(answer) !== "235") return;
      acknowledged.push(name);
      if (acknowledged.length === enough) server.kill("SIGKILL");
    }
  };
  // Each ends as its connection does.
  await Promise.allSettled(Array.from({ length: REGISTERING }, (_, who) => work(who)));
  await server.finished;
  return acknowledged;
}

function assertIntact(path: string, users: readonly string[]): void {
  using connection = SqliteConnection.open(path);
  assertEquals(connection.get("PRAGMA integrity_check")?.["integrity_check"], "ok");
  const stored = new Set(connection.all("SELECT name FROM user").map(({ name }) => name));
  for (const name of users) assert(stored.has(name), `${name} was acknowledged and is lost`);
}
