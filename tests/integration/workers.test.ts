// `--workers`: several threads, and from outside one server. Connections reach a thread by chance, each with the same
// chance: where a test needs both threads, it makes so many that one of them goes without once in a million runs.
import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertNotEquals } from "@std/assert";
import { ask, AuthClient, codeOf, INVALID, startAuth, tokenOf } from "../support/auth.ts";
import { dial, dialFramed, frame, isServed, readToEnd, runPython, writeAll } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { concat } from "../../lib/base/bytes.ts";
import { dialTls, startTlsServer, writeCertificate } from "../support/tls.ts";
import { dirname } from "@std/path";
import { freePort } from "../support/fake_server.ts";
import { type RunningServer, runTool, type ServerSpec, startServer, tempDir, until } from "../support/tools.ts";
import { crowd, stall } from "../support/load.ts";

const ENOUGH = 20;

const ignore = Deno.build.os !== "linux";

function workers({ args = [], ...spec }: ServerSpec = {}): ServerSpec {
  return { ...spec, args: ["--workers", "2", ...args] };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** Makes many connections at once, keeps them, and says something on each. */
async function manyAtOnce(port: number, count = ENOUGH): Promise<{ served: number } & AsyncDisposable> {
  const conns = await Promise.all(Array.from({ length: count }, () => dialFramed(port)));
  const echoes = await Promise.all(conns.map(async (conn) => {
    await conn.send("hello").catch(() => {});
    return await conn.receiveText().catch(() => null);
  }));
  return {
    served: echoes.filter((text) => text === "hello").length,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const conn of conns) await conn[Symbol.asyncDispose]();
    },
  };
}

test("--workers: all threads serve on one port, and their log is one", async () => {
  await using server = await startServer(workers({ args: ["--log-format", "json"] }));
  assertMatch(server.announced, /^Listening on 127\.0\.0\.1:\d+$/);
  {
    await using many = await manyAtOnce(server.port);
    assertEquals(many.served, ENOUGH);
  }
  assertEquals((await server.stop()).code, 0);
  const lines = server.log().trimEnd().split("\n").map((line) => JSON.parse(line));
  const connects = lines.filter(({ event }) => event === "connect");
  assertEquals(new Set(connects.map(({ worker }) => worker)), new Set([1, 2]));
  assertEquals(new Set(connects.map(({ peer }) => peer)).size, ENOUGH);
  for (const { peer } of connects) {
    const events = lines.filter((line) => line.peer === peer).map(({ event }) => event);
    assertEquals(events, ["connect", "disconnect"]);
  }
  const own = lines.filter(({ peer }) => peer === undefined).map(({ event }) => event);
  assertEquals(own, ["start", "listen", "drain", "stop"], "what the server does as a whole is told once");
});

test("--workers: --max-connections counts over all threads, to the last one", async () => {
  await using server = await startServer(workers({ args: ["--max-connections", "7"] }));
  {
    await using many = await manyAtOnce(server.port);
    assertEquals(many.served, 7);
  }
  await server.logged(/client left/);
  while (!await isServed(server.port).catch(() => false)) { /* the seven are leaving */ }
});

test("--workers: --max-unauthenticated counts over all threads, and who logs in makes room", async () => {
  await using server = await startAuth(["anna"], workers({ args: ["--max-unauthenticated", "5"] }));
  const clients = await Promise.all(Array.from({ length: ENOUGH }, () => AuthClient.to(server.port)));
  try {
    const talking = clients.filter(({ greeting }) => codeOf(greeting) === "331");
    assertEquals(talking.length, 5);
    for (const client of talking) {
      assertEquals(codeOf(await client.scram("anna")), "235");
      await using next = await AuthClient.to(server.port);
      assertEquals(codeOf(await next.scram("anna")), "235", "there is room as soon as a client reads that it is in");
    }
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
});

Deno.test({
  name: "--workers: --max-per-address counts over all threads, each address for itself",
  ignore: ignore || !hasPython,
  fn: async () => {
    await using server = await startServer(workers({ args: ["--max-per-address", "3"] }));
    const { stdout, stderr } = await runPython(
      `
def open_many(source, served):
    conns = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), source_address=(source, 0)) for _ in range(20)]
    for s in conns:
        try:
            s.sendall(struct.pack(">I", 2) + b"hi")
            served.append(len(s.recv(6, socket.MSG_WAITALL)) == 6)
        except ConnectionError: served.append(False)
    held.append(conns)
held, counts = [], {"127.0.0.2": [], "127.0.0.3": []}
threads = [threading.Thread(target=open_many, args=each) for each in counts.items()]
[t.start() for t in threads]
[t.join() for t in threads]
print(*[sum(served) for served in counts.values()])
`,
      [server.port],
    );
    assertEquals([stdout, stderr], ["3 3\n", ""]);
  },
});

test("--workers: a token resumes in any thread, and a revocation ends the sessions of all", async () => {
  await using server = await startAuth(["anna", "berta"], workers());
  await using other = await AuthClient.to(server.port);
  assertEquals(codeOf(await other.scram("berta")), "235");
  const first = await AuthClient.to(server.port);
  const clients = [first];
  let token = tokenOf(await first.scram("anna"));
  try {
    for (let count = 0; count < ENOUGH; count++) {
      const client = await AuthClient.to(server.port);
      clients.push(client);
      token = tokenOf(await client.say(`AUTH TOKEN ${token}`));
    }
    const ends = Promise.all(clients.map(({ conn }) => conn.receive().catch(() => null)));
    const before = performance.now();
    assertEquals(codeOf(await ask(server.port, `LOGOUT ${token}`)), "220");
    for (const end of await ends) assertEquals(end, null);
    assertLess(performance.now() - before, 3000);
    assertEquals(await ask(server.port, `AUTH TOKEN ${token}`), INVALID);
    assert(await other.isEchoed(), "the other user's session goes on");
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
  // A client may see its end before the line about it has come from the other thread.
  const told = (): number => server.log().match(/reason=revoked/g)?.length ?? 0;
  await until(() => told() > ENOUGH ? true : undefined, "a line for each of them");
  assertEquals(told(), ENOUGH + 1);
});

Deno.test({
  name: "--workers: after a failed log-in its address waits in every thread",
  ignore: ignore || !hasPython,
  fn: async () => {
    await using server = await startAuth(
      ["anna"],
      workers({ args: ["--allow-insecure", "--max-unauthenticated", "1000"] }),
    );
    await using clients = crowd(
      `
def ask(s, text):
    s.sendall(framed(text.encode()))
def hear(s):
    return s.recv(struct.unpack(">I", s.recv(4, socket.MSG_WAITALL))[0], socket.MSG_WAITALL).decode()[:3]
guesser, *others = [dial(int(sys.argv[1]), "127.0.0.2") for _ in range(${4 * ENOUGH})]
for s in [guesser, *others]: hear(s)
ask(guesser, "anna")
hear(guesser)
ask(guesser, "not the password")
say("said")
sys.stdin.readline()
while True:
    first = others.pop()
    ask(first, "anna")
    if not select.select([first], [], [], 0.5)[0]: break
    hear(first)
before = time.monotonic()
for s in others: ask(s, "anna")
select.select([first, *others], [], [])
say(round((time.monotonic() - before) * 1000), len(others) >= ${ENOUGH}, *{hear(s) for s in others})
`,
      [server.port],
    );
    assertEquals(await clients.line(), "said");
    await server.logged(/127\.0\.0\.2:\d+ log-in refused/);
    // The failure is counted a moment after it is logged: who asks within that moment is still answered.
    await clients.goOn();
    const [ms, ...others] = (await clients.line()).split(" ");
    assertGreater(Number(ms), 500, "the failure's two seconds");
    assertEquals(others, ["True", "332"]);
  },
});

test("--workers: all that clients have sent before SIGTERM is answered, and the server exits with 0", async () => {
  await using server = await startServer(workers());
  const wire = concat(...Array.from({ length: 500 }, (_, number) => frame(`request ${number}`)));
  const conns = await Promise.all(Array.from({ length: ENOUGH }, () => dial(server.port)));
  const answers = conns.map(async (conn) => (await Promise.all([readToEnd(conn), writeAll(conn, wire)]))[0]);
  await server.logged(/client connected/);
  server.kill("SIGTERM");
  for (const received of await Promise.all(answers)) assertEquals(received, wire);
  const { code, stderr } = await server.finished;
  assertEquals([code, stderr], [0, ""]);
});

test("--workers: clients that never read do not hold up the end, and a second signal ends at once", async () => {
  for (const [patience, signals, expected] of [["1s", 1, 0], ["10s", 2, 143]] as const) {
    await using server = await startServer(workers({ args: ["--drain-timeout", patience] }));
    const stalled = await Promise.all(Array.from({ length: 4 }, () => stall(server.port)));
    const before = performance.now();
    server.kill("SIGTERM");
    await server.logged(/stopping: no new connections/);
    if (signals === 2) server.kill("SIGTERM");
    assertEquals((await server.finished).code, expected);
    assertLess(performance.now() - before, 5000);
    for (const each of stalled) await each.leave();
  }
});

test("--workers: a busy port gives way to the next, whether one thread has it or several", async () => {
  await using plain = await startServer();
  await using first = await startServer(workers({ port: plain.port }));
  await using second = await startServer(workers({ port: first.port }));
  await using third = await startServer({ port: first.port });
  const servers = [plain, first, second, third];
  assertEquals(new Set(servers.map(({ port }) => port)).size, servers.length);
  for (const { port } of servers) assert(await isServed(port));
  await second.logged(new RegExp(`port is busy, trying the next one port=${first.port}$`));
  using dir = tempDir();
  const args = ["--no-input", "--data", dir.path, "--workers", "2", "--strict-port", "--port", String(first.port)];
  const { code, stdout, stderr } = await runTool("echo-server", args);
  assertEquals([code, stdout], [69, ""]);
  assertMatch(stderr, /^echo-server: Cannot listen on [\d.:]+: another program uses it\. [^\n]*\n$/);
});

test("--workers: servers that start at the same moment get a port each", async () => {
  const port = freePort();
  const servers: RunningServer[] = await Promise.all(Array.from({ length: 3 }, () => startServer(workers({ port }))));
  try {
    assertEquals(new Set(servers.map((server) => server.port)).size, 3);
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
});

test("--workers: SIGHUP's lists hold in every thread", async () => {
  using dir = tempDir();
  const list = dir.at("deny.txt");
  Deno.writeTextFileSync(list, "");
  await using server = await startServer(workers({ args: ["--deny", `@${list}`] }));
  {
    await using many = await manyAtOnce(server.port);
    assertEquals(many.served, ENOUGH);
  }
  Deno.writeTextFileSync(list, "127.0.0.1\n");
  server.kill("SIGHUP");
  await server.logged(/lists read again/);
  await using many = await manyAtOnce(server.port);
  assertEquals(many.served, 0);
});

test("--workers: from SIGHUP on, every thread has the new certificate", async () => {
  await using tls = await startTlsServer(workers());
  const { server, files } = tls;
  const known = Array.from({ length: ENOUGH }, () => dialTls(server.port, files.ca));
  for (const conn of await Promise.all(known)) conn.close();
  await writeCertificate(dirname(files.ca));
  server.kill("SIGHUP");
  await server.logged(/lists read again/);
  const renewed = Array.from({ length: ENOUGH }, () => dialTls(server.port, files.ca));
  for (const conn of await Promise.all(renewed)) conn.close();
});

test("--workers: metrics are the sum of all threads'", async () => {
  await using server = await startServer(workers({ args: ["--metrics", "127.0.0.1:0"] }));
  const address = /address=(\S+)/.exec(await server.logged(/purpose=metrics/))?.[1];
  const numbers = async (): Promise<Record<string, number>> => {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    return Object.fromEntries(
      Array.from(text.matchAll(/^(echo_\S+) (\d+)$/gm), ([, name, value]) => [name, Number(value)]),
    );
  };
  await using _many = await manyAtOnce(server.port);
  for (let looks = 0; looks < 2; looks++) {
    const found = await numbers();
    assertEquals(found['echo_connections{state="echoing"}'], ENOUGH);
    assertEquals(found["echo_frames_received_total"], ENOUGH);
    assertEquals(found["echo_bytes_sent_total"], 9 * ENOUGH);
  }
});

test("--workers: what cannot be is told, and auto makes do with one", async () => {
  using dir = tempDir();
  const unix = `unix:${dir.at("echo.sock")}`;
  const failure = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await runTool("echo-server", ["--no-input", "--data", dir.path, ...args]);
    assertEquals(code, 64);
    return stderr;
  };
  assertMatch(await failure("--workers", "0"), /a whole number from 1 to 64, or auto/);
  assertMatch(await failure("--workers", "2", "--host", unix), /cannot share a Unix socket/);
  await using server = await startServer({ args: ["--workers", "auto", "--host", unix] });
  assertEquals(server.announced, `Listening on ${unix}`);
  assertNotEquals(server.log(), "");
});
