// Many log-ins at once, many wrong ones from one address, and clients beyond the loopback.
import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { formatVerifier, makeVerifier } from "../../lib/auth/verifier.ts";
import { PASSWORD_QUEUE } from "../../lib/base/limits.ts";
import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { addUser, AuthClient, codeOf, INVALID, PASSWORD, registration } from "../support/auth.ts";
import { replyOf, startAuth, talkFrom, tokenOf } from "../support/auth.ts";
import { runPython } from "../support/net.ts";
import { hasPython } from "../support/python.ts";

const CLIENTS = 60;
/** One that runs, and those that wait for it. */
const SERVED = PASSWORD_QUEUE + 1;

Deno.test(`echo-server answers ${SERVED} of ${CLIENTS} plain log-ins at once and 421 to the others, while echoes go on`, async () => {
  await using server = await startAuth();
  {
    // A third of the server's own rounds: long enough for all to arrive meanwhile, and the test is over sooner.
    const verifier = await makeVerifier(PASSWORD, { salt: new Uint8Array(16), iterations: 200_000 });
    await using store = await openSqliteStore(server.data);
    // Each with an account of its own: guesses at one are checked one after the other.
    for (let number = 0; number <= CLIENTS; number++) await addUser(store, `user ${number}`, formatVerifier(verifier));
  }
  await using echo = await AuthClient.to(server.port);
  assertEquals(codeOf(await echo.scram(`user ${CLIENTS}`)), "235");
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => AuthClient.to(server.port)));
  try {
    for (const [at, client] of clients.entries()) assertEquals(await client.say(`user ${at}`), "332 Password?");
    let waiting = true;
    const times: number[] = [];
    const measure = async (): Promise<void> => {
      for (let number = 0; waiting; number++) {
        const began = performance.now();
        assert(await echo.isEchoed(`message ${number}`));
        times.push(performance.now() - began);
      }
    };
    const measured = measure();
    const answers = await Promise.all(clients.map((client) => client.say(PASSWORD)));
    waiting = false;
    await measured;
    const counts = Object.groupBy(answers, codeOf);
    assertEquals(Object.keys(counts).sort(), ["235", "421"]);
    const served = counts["235"]?.length ?? 0;
    // One that is done while the last ones arrive leaves its place to another.
    assertGreaterOrEqual(served, SERVED);
    assertLess(served, SERVED + 10);
    assertEquals(new Set(counts["421"]), new Set(["421 Too many log-ins at once, closing: try again later."]));
    const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;
    assertLess(p99, 50, `of ${times.length} echoes`);
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
});

Deno.test({
  name:
    "echo-server lets an address wait 2 s, then 4 s after failed log-ins, and forgets those at the account of a good one",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startAuth(["anna", "boris"], { args: ["--max-attempts", "10"] });
    const fails = ["AUTH TOKEN x"];
    const [guesser, climber, mistyper, local] = await Promise.all([
      (async () => [
        ...await talkFrom("127.0.0.5", server, fails),
        ...await talkFrom("127.0.0.5", server, ["anna", "x"]),
      ])(),
      (async () => [
        ...await talkFrom("127.0.0.8", server, ["boris", "x", "anna", PASSWORD]),
        ...await talkFrom("127.0.0.8", server, fails),
      ])(),
      (async () => [
        ...await talkFrom("127.0.0.6", server, ["anna", "x", "anna", PASSWORD]),
        ...await talkFrom("127.0.0.6", server, fails),
      ])(),
      talkFrom("127.0.0.1", server, [...fails, ...fails, ...fails, ...fails]),
    ]);
    const refusals = (answers: typeof local): string[] =>
      answers.filter(({ text }) => /^53[05]/.test(text)).map(({ text, ms }) => `${codeOf(text)} ${waited(ms)}`);
    assertEquals(refusals(guesser), ["535 2 s", "530 4 s"], "counted over connections");
    assertEquals(refusals(climber), ["530 2 s", "535 4 s"], "and no other");
    assertEquals(refusals(mistyper), ["530 2 s", "535 2 s"], "a good log-in forgives its own account");
    assertEquals(refusals(local), Array(4).fill("535 0 s"), "127.0.0.1 is exempt");
  },
});

for (const args of [[], ["--workers", "2"]]) {
  Deno.test({
    name: `echo-server ${
      args.join(" ")
    }: a client that leaves while it waits after a failed log-in takes no place any more`,
    ignore: !hasPython || (args.length > 0 && Deno.build.os !== "linux"),
    fn: async () => {
      // A fifth of five is one: as long as the first one takes a place, the second one has none.
      await using server = await startAuth(["anna"], { args: ["--max-unauthenticated", "5", ...args] });
      const { stdout } = await runPython(
        `
import time
def come():
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), source_address=("127.0.0.2", 0))
    return s, s.recv(struct.unpack(">I", s.recv(4, socket.MSG_WAITALL))[0], socket.MSG_WAITALL).decode()[:3]
for _ in range(3):
    before = time.monotonic()
    while True:
        first, greeting = come()
        if greeting == "331" or time.monotonic() - before > 1.5: break
    print(greeting)
    first.sendall(struct.pack(">I", 12) + b"AUTH TOKEN x")
    time.sleep(0.2)
    first.close()
`,
        [server.port],
      );
      assertEquals(stdout.split("\n"), ["331", "331", "331", ""]);
      await using conn = await AuthClient.to(server.port);
      assertEquals(codeOf(await conn.scram("anna")), "235");
      assertEquals(server.log().match(/ ERROR /g), null);
    },
  });
}

/** The waits there are; a machine under load may add up to two seconds. */
function waited(ms: number): string {
  return `${[8, 4, 2].find((seconds) => ms >= seconds * 1000) ?? 0} s`;
}

Deno.test({
  name: "echo-server does not let a wait after a failed log-in hold its end up",
  ignore: !hasPython,
  fn: async () => {
    await using server = await startAuth(["anna"]);
    const talk = talkFrom("127.0.0.7", server, ["AUTH TOKEN x"]);
    await server.logged(/log-in refused mechanism=token/);
    const began = performance.now();
    assertEquals((await server.stop()).code, 0);
    assertLess(performance.now() - began, 1500);
    const [, answer] = await talk;
    assertEquals(answer?.text, INVALID);
  },
});

/** An address of this machine that is not loopback: what is sent there stays here all the same. */
const OUTER = Deno.networkInterfaces().find(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
  ?.address;

Deno.test({
  name: "echo-server refuses all but SCRAM with 534 when the client is not on the loopback, and gives it no token",
  ignore: OUTER === undefined,
  fn: async () => {
    const host = OUTER ?? "";
    await using server = await startAuth(["anna"], { args: ["--host", host] });
    await using client = await AuthClient.to(server.port, host);
    assertEquals(client.greeting, "331 [AUTH SCRAM-SHA-256] What is your name?");
    const refused = "534 Refused on an unencrypted connection. What is your name?";
    for (const message of ["anna", "nobody", "AUTH TOKEN x", registration("berta"), "LOGOUT x"]) {
      assertEquals(await client.say(message), refused);
    }
    const { code, tags } = replyOf(await client.scram("anna"));
    assertEquals([code, Object.keys(tags)], [235, ["SCRAM"]]);
    assert(await client.isEchoed());
    await server.logged(/a password or token was refused on an unencrypted connection/);
  },
});

Deno.test({
  name: "echo-server takes passwords and tokens of clients beyond the loopback with --allow-insecure, and warns",
  ignore: OUTER === undefined,
  fn: async () => {
    const host = OUTER ?? "";
    await using server = await startAuth(["anna"], { args: ["--host", host, "--allow-insecure"] });
    await server.logged(/WARN .*passwords may cross the network unencrypted/);
    const say = async (...messages: string[]): Promise<string> => {
      await using client = await AuthClient.to(server.port, host);
      assertEquals(client.greeting, "331 [AUTH SCRAM-SHA-256 TOKEN PLAIN] What is your name?");
      return await client.sayAll(...messages);
    };
    const token = tokenOf(await say("anna", PASSWORD));
    assertEquals(codeOf(await say(`AUTH TOKEN ${token}`)), "235");
    assertEquals(codeOf(await say(registration("berta"))), "235");
  },
});
