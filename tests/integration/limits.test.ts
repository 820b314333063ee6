// Every limit of `echo-server`, reached from outside. Times are short through the flags.
import { delay } from "../../lib/base/delay.ts";
import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { AuthClient, codeOf, PASSWORD, startAuth } from "../support/auth.ts";
import { descriptorsOf, OWN_PAIR, stall } from "../support/load.ts";
import { dial, dialFramed, frame, hasProc, isServed, readToEnd, runPython, writeAll } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { type RunningServer, startServer, until } from "../support/tools.ts";

const MIB = 1024 * 1024;

/** Short enough to wait for, and far longer than anything here takes. */
const SOON = 5000;

Deno.test("--max-frame: one byte more is refused from the header, in a session of mode auth as well", async () => {
  await using server = await startAuth(["anna"], { args: ["--max-frame", "8KiB"] });
  await using client = await AuthClient.to(server.port);
  assertEquals(codeOf(await client.scram("anna")), "235");
  assertEquals(await client.say("x".repeat(8192)), "x".repeat(8192));
  assertEquals(await client.say("x".repeat(8193)), "end");
  await server.logged(/the limit is 8192 bytes/);
});

Deno.test("--max-connections: the next one is turned away until one leaves", async () => {
  await using server = await startServer({ args: ["--max-connections", "3"] });
  const held = await Promise.all([1, 2, 3].map(() => dialFramed(server.port)));
  for (const conn of held) await echoes(conn);
  assertEquals(await isTurnedAway(server.port), true);
  await server.logged(/WARN .* connection refused: a limit is reached limit=max_connections/);
  for (const conn of held) await echoes(conn);
  held.pop()?.close();
  await server.logged(/client left/);
  assertEquals(await isServed(server.port), true);
  for (const conn of held) conn.close();
});

Deno.test("--max-connections: the one turned away is told so where the mode has words", async () => {
  await using server = await startAuth([], { args: ["--max-connections", "1"] });
  await using _first = await AuthClient.to(server.port);
  await using second = await AuthClient.to(server.port);
  assertMatch(second.greeting, /^421 /);
  assertEquals(await second.conn.receive(), null);
});

Deno.test("--max-unauthenticated: who is logged in does not count", async () => {
  await using server = await startAuth(["anna"], { args: ["--max-unauthenticated", "2"] });
  await using first = await AuthClient.to(server.port);
  await using _second = await AuthClient.to(server.port);
  await using third = await AuthClient.to(server.port);
  assertMatch(third.greeting, /^421 /);
  await server.logged(/limit=max_unauthenticated/);
  assertEquals(codeOf(await first.scram("anna")), "235");
  await using fourth = await AuthClient.to(server.port);
  assertEquals(codeOf(await fourth.scram("anna")), "235");
  await using fifth = await AuthClient.to(server.port);
  assertMatch(fifth.greeting, /^331 /);
});

Deno.test({
  name: "--max-per-address: each address has its own, 127.0.0.1 has none, and 0 turns it off",
  ignore: !hasPython,
  fn: async () => {
    const script = `
def served(source):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), source_address=(source, 0))
    held.append(s)
    try:
        s.sendall(struct.pack(">I", 2) + b"hi")
        return len(s.recv(6, socket.MSG_WAITALL)) == 6
    except ConnectionError: return False
held = []
print(*[served("127.0.0.2") for _ in range(4)], *[served("127.0.0.3") for _ in range(2)])
print(*[served("127.0.0.1") for _ in range(4)])
`;
    const run = async (limit: string): Promise<string[]> => {
      await using server = await startServer({ args: ["--max-per-address", limit] });
      const { stdout, stderr } = await runPython(script, [server.port]);
      assertEquals(stderr, "");
      const refused = server.log().match(/127\.0\.0\.2:\d+ connection refused: .* limit=max_per_address/g)?.length ?? 0;
      return [...stdout.trimEnd().split("\n"), String(refused)];
    };
    assertEquals(await run("2"), ["True True False False True True", "True True True True", "2"]);
    assertEquals(await run("0"), ["True True True True True True", "True True True True", "0"]);
  },
});

Deno.test("--dialogue-timeout: mistakes and half frames gain nothing, a session that is open is left alone", async () => {
  await using server = await startAuth(["anna"], { args: ["--dialogue-timeout", "700ms"] });
  await using inside = await AuthClient.to(server.port);
  assertEquals(codeOf(await inside.scram("anna")), "235");
  const before = performance.now();
  await using silent = await AuthClient.to(server.port);
  await using chatty = await AuthClient.to(server.port);
  await using half = await dialFramed(server.port);
  const chat = (async (): Promise<string> => {
    for (;;) {
      const answer = await chatty.say("\u0007").catch(() => "end");
      if (codeOf(answer) !== "501") return answer;
      await delay(50);
    }
  })();
  await using raw = await dialFramed(server.port);
  await half.receive();
  await raw.receive();
  for (const conn of [silent.conn, half, raw]) assertMatch(await conn.receiveText() ?? "", /^421 /);
  assert(["421", "end"].includes(codeOf(await chat)));
  assertEquals(await silent.conn.receive(), null);
  assertGreater(performance.now() - before, 650);
  assertLess(performance.now() - before, SOON);
  assertEquals(await inside.isEchoed(), true);
  await server.logged(/a deadline has passed, closing limit=dialogue_timeout/);
});

Deno.test("--frame-timeout: a byte every 100 ms gains nothing, whole frames do", async () => {
  await using server = await startServer({ args: ["--frame-timeout", "600ms"] });
  await using steady = await dialFramed(server.port);
  using drip = await dial(server.port);
  const before = performance.now();
  let sent = 0;
  const dripping = (async (): Promise<void> => {
    const wire = frame("x".repeat(1000));
    for (; sent < wire.length; sent++) {
      await drip.write(wire.subarray(sent, sent + 1));
      await echoes(steady);
      await delay(100);
    }
  })().catch(() => {/* cut off */});
  const received = await readToEnd(drip);
  const lasted = performance.now() - before;
  await dripping;
  assertGreater(lasted, 550);
  assertLess(lasted, SOON);
  assertLess(received.length, 100);
  await server.logged(/client left reason=frame_timeout /);
  await echoes(steady);
});

Deno.test("--frame-timeout: a large frame has a second more for each 64 KiB of it", async () => {
  await using server = await startServer({ args: ["--frame-timeout", "200ms"] });
  using large = await dial(server.port);
  await writeAll(large, frame(new Uint8Array(128 * 1024)).subarray(0, 1000));
  using small = await dial(server.port);
  await writeAll(small, frame(new Uint8Array(60_000)).subarray(0, 1000));
  const before = performance.now();
  assertEquals((await readToEnd(small)).length, 1000);
  const smallLasted = performance.now() - before;
  assertEquals((await readToEnd(large)).length, 1000);
  const largeLasted = performance.now() - before;
  assertGreater(largeLasted, 2000);
  assertGreater(largeLasted - smallLasted, 1000);
  assertLess(largeLasted, SOON + 2000);
});

Deno.test("--idle-timeout: who is silent between frames is let go, who sends is not", async () => {
  await using server = await startServer({ args: ["--idle-timeout", "500ms"] });
  await using active = await dialFramed(server.port);
  await using idle = await dialFramed(server.port);
  const before = performance.now();
  let isOver = false;
  const end = idle.receive().then((end) => (isOver = true, end));
  while (!isOver) {
    await echoes(active);
    await delay(50);
  }
  assertEquals(await end, null);
  await echoes(active);
  assertGreater(performance.now() - before, 450);
  assertLess(performance.now() - before, SOON);
  idle.close();
  await server.logged(/client left reason=idle_timeout /);
});

Deno.test({
  name: "--write-timeout: 100 that never read are cut off, and only their address pays while descriptors are not free",
  ignore: !hasProc || !hasPython,
  fn: async () => {
    await using server = await startServer({ args: ["--write-timeout", "400ms", "--max-connections", "100"] });
    // On a busy machine it may announce itself before it has opened all that it needs.
    assertEquals(await isServed(server.port), true);
    const before = descriptorsOf(server.pid);
    const stalled = await Promise.all(Array.from({ length: 100 }, () => stall(server.port)));
    await countLogged(server, /client left reason=write_timeout /g, 100);
    const { stdout } = await runPython(
      `s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), source_address=("127.0.0.2", 0))
s.sendall(struct.pack(">I", 2) + b"hi")
print(s.recv(6, socket.MSG_WAITALL))`,
      [server.port],
    );
    assertEquals(stdout, "b'\\x00\\x00\\x00\\x02hi'\n", "another address is served");
    // Deno 2.7.11 keeps a descriptor while a write is pending: then nobody else of that address is let in for it.
    const more = await Promise.all(Array.from({ length: 20 }, () => stall(server.port)));
    await countLogged(server, /client left reason=write_timeout |refused: .* limit=max_per_address/g, 120);
    assertLess(descriptorsOf(server.pid), before + 106);
    for (const client of [...stalled, ...more]) await client.leave();
    await until(() => descriptorsOf(server.pid) <= before + 1 + OWN_PAIR ? true : undefined, "the descriptors");
    assertEquals(await isServed(server.port), true);
  },
});

Deno.test("--max-pending: no more than that waits for a slow reader", async () => {
  for (const [limit, bytes] of [["8KiB", 8192], ["64KiB", 65536]] as const) {
    await using server = await startServer({ args: ["--write-timeout", "300ms", "--max-pending", limit] });
    const client = await stall(server.port);
    const line = await server.logged(/client left reason=write_timeout /);
    await client.leave();
    const [, received, sent] = /bytes_in=(\d+) bytes_out=(\d+)/.exec(line) ?? [];
    assertLess(Number(received) - Number(sent), bytes + 1);
    assertGreater(Number(received) - Number(sent), 0);
  }
});

Deno.test("--max-attempts: the reply to the last one closes", async () => {
  await using server = await startAuth(["anna"], { args: ["--max-attempts", "2"] });
  await using client = await AuthClient.to(server.port);
  assertEquals(codeOf(await client.scram("anna", "wrong password")), "530");
  assertEquals(codeOf(await client.scram("anna", "wrong password")), "421");
  assertEquals(await client.conn.receive(), null);
  await using again = await AuthClient.to(server.port);
  assertEquals(codeOf(await again.scram("anna", PASSWORD)), "235");
});

Deno.test("--drain-timeout: sessions that do not end are cut off in time", async () => {
  await using server = await startServer({ args: ["--drain-timeout", "600ms"] });
  using half = await dial(server.port);
  await writeAll(half, frame("never completed").subarray(0, 9));
  await server.logged(/client connected/);
  const stalled = await stall(server.port);
  await countLogged(server, /client connected/g, 2);
  const before = performance.now();
  server.kill("SIGTERM");
  assertEquals((await server.finished).code, 0);
  assertLess(performance.now() - before, SOON);
  await stalled.leave();
});

Deno.test("0 turns a deadline off", async () => {
  await using server = await startServer({
    args: ["--frame-timeout", "300ms", "--idle-timeout", "0ms", "--write-timeout", "0s", "--max-connections", "0"],
  });
  await using idle = await dialFramed(server.port);
  const stalled = await stall(server.port);
  // Two begun frames after one another: by then every other deadline would have been looked at often.
  for (let times = 0; times < 2; times++) {
    using half = await dial(server.port);
    await writeAll(half, frame("hello").subarray(0, 6));
    assertEquals((await readToEnd(half)).length, 6);
  }
  await echoes(idle);
  await stalled.leave();
  await countLogged(server, /client left/g, 3);
  assertEquals(server.log().match(/limit=\w+/g), ["limit=frame_timeout", "limit=frame_timeout"]);
});

Deno.test("a flood of half frames of 1 MiB is let go, and memory with it", async () => {
  await using server = await startServer({ args: ["--frame-timeout", "300ms"] });
  const wire = frame(new Uint8Array(MIB)).subarray(0, 1000);
  const conns = await Promise.all(Array.from({ length: 200 }, () => dial(server.port)));
  for (const conn of conns) await writeAll(conn, wire);
  assertEquals(await isServed(server.port), true);
  for (const conn of conns) conn.close();
  await countLogged(server, /client left reason=(truncated_frame|reset) /g, 200);
  assertEquals(await isServed(server.port), true);
});

/** One message there and back. */
async function echoes(conn: Awaited<ReturnType<typeof dialFramed>>): Promise<void> {
  await conn.send("tick");
  assertEquals(await conn.receiveText(), "tick");
}

/** Whether a new connection ends without an answer. */
async function isTurnedAway(port: number): Promise<boolean> {
  using conn = await dial(port);
  try {
    await writeAll(conn, frame("anyone?"));
    return (await readToEnd(conn)).length === 0;
  } catch (error) {
    return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
  }
}

async function countLogged(server: RunningServer, pattern: RegExp, count: number): Promise<void> {
  await until(
    () => (server.log().match(pattern)?.length ?? 0) >= count ? true : undefined,
    `${count} lines ${pattern}`,
  );
}
