import { assert, assertEquals, assertLess } from "@std/assert";
import { dial, dialFramed, frame, readToEnd, writeAll } from "../support/net.ts";
import { concat } from "../../lib/base/bytes.ts";
import { scanAll } from "../support/framing_vectors.ts";
import { type RunningServer, startServer, until } from "../support/tools.ts";

const MIB = 1024 * 1024;
const CLIENTS = 20;

/** Far less than `--drain-timeout` by default, and more than a busy machine takes to end a process, in ms. */
const AT_ONCE = 5000;

Deno.test("echo-server answers all that 20 pipelining clients have sent before SIGTERM, and exits with 0", async () => {
  await using server = await startServer();
  const wire = concat(...Array.from({ length: 2000 }, (_, number) => frame(`request ${number}`)));
  const conns = await Promise.all(Array.from({ length: CLIENTS }, () => dial(server.port)));
  const answers = conns.map(async (conn) => {
    const [, received] = await Promise.all([writeAll(conn, wire), readToEnd(conn)]);
    return received;
  });
  await connected(server, CLIENTS);
  const before = performance.now();
  server.kill("SIGTERM");
  for (const received of await Promise.all(answers)) assertEquals(received, wire);
  const { code, stderr } = await server.finished;
  assertEquals([code, stderr], [0, ""]);
  assertLess(performance.now() - before, 10_000);
});

Deno.test("echo-server stops clients that never stop sending at the end of a frame, in time", async () => {
  await using server = await startServer({ args: ["--drain-timeout", "5s"] });
  const wire = concat(...Array.from({ length: 20 }, (_, number) => frame(`request ${number} ${"x".repeat(number)}`)));
  const talk = async (conn: Deno.TcpConn): Promise<Uint8Array> => {
    const received = readToEnd(conn);
    // Only the end of the connection ends the sender, and it may see that end before the reader does.
    const sending = (async (): Promise<void> => {
      for (;;) await writeAll(conn, wire);
    })().catch(() => {});
    return await received.finally(() => sending);
  };
  const conns = await Promise.all(Array.from({ length: CLIENTS }, () => dial(server.port)));
  const talking = conns.map(talk);
  await connected(server, CLIENTS);
  const before = performance.now();
  server.kill("SIGTERM");
  const { code } = await server.finished;
  assertEquals(code, 0);
  assertLess(performance.now() - before, 6000);
  const answers = (await Promise.all(talking)).map((bytes) => {
    const { frames, valid, isCut } = scanAll("u32", MIB, [bytes]);
    assertEquals([valid, isCut], [bytes.length, false], "the last answer is whole");
    return frames;
  });
  const logged = server.log().match(/(?<=reason=end .* frames=)\d+/g) ?? [];
  const numeric = (a: number, b: number): number => a - b;
  assertEquals(answers.toSorted(numeric), logged.map(Number).toSorted(numeric), "every frame received was answered");
  assert(answers.every((count) => count > 0));
});

Deno.test("echo-server tells idle clients at once that it stops", async () => {
  await using server = await startServer();
  await using conn = await dialFramed(server.port);
  await conn.send("hello");
  assertEquals(await conn.receiveText(), "hello");
  const before = performance.now();
  server.kill("SIGTERM");
  assertEquals(await conn.receive(), null);
  conn.close();
  assertEquals((await server.finished).code, 0);
  assertLess(performance.now() - before, AT_ONCE);
  const events = server.log().trimEnd().split("\n").map((line) => / - (.*)$/.exec(line)?.[1]).filter((text) => text);
  assertEquals(events.slice(2), ["stopping: no new connections, sessions end sessions=1", "server stopped"]);
});

for (const args of [[], ["--mode", "identify"], ["--workers", "2"]]) {
  Deno.test({
    name: `echo-server ${args.join(" ")}: idle clients that do not react to its FIN do not hold it up`,
    ignore: args.length > 1 && args[0] === "--workers" && Deno.build.os !== "linux",
    fn: async () => {
      await using server = await startServer({ args });
      const conns = await Promise.all([1, 2, 3].map(() => dialFramed(server.port)));
      for (const conn of conns) {
        await conn.send("Anna");
        await conn.receive();
      }
      const before = performance.now();
      server.kill("SIGTERM");
      assertEquals((await server.finished).code, 0);
      assertLess(performance.now() - before, AT_ONCE);
      for (const conn of conns) {
        while (await conn.receive() !== null) { /* what it was told before the end */ }
        conn.close();
      }
    },
  });
}

Deno.test("echo-server ends within --drain-timeout, as a client that never ends its frame is cut off before", async () => {
  await using server = await startServer({ args: ["--drain-timeout", "2s"] });
  using conn = await dial(server.port);
  await writeAll(conn, frame("never whole").subarray(0, 6));
  await connected(server, 1);
  const before = performance.now();
  server.kill("SIGTERM");
  assertEquals((await server.finished).code, 0);
  // Cut off at 0.85 of it; on a busy machine the process takes some time to end.
  assertLess(performance.now() - before, 4000);
});

Deno.test("echo-server is not held up by a client that never reads", async () => {
  await using server = await startServer({ args: ["--drain-timeout", "1s"] });
  using conn = await dial(server.port);
  const sending = stalled(conn);
  await sending.isStalled;
  const before = performance.now();
  server.kill("SIGTERM");
  assertEquals((await server.finished).code, 0);
  assertLess(performance.now() - before, AT_ONCE);
  await sending.ended;
  await server.logged(/client left reason=shutdown /);
});

Deno.test("echo-server ends at once on the second SIGTERM", async () => {
  await using server = await startServer();
  using conn = await dial(server.port);
  const sending = stalled(conn);
  await sending.isStalled;
  server.kill("SIGTERM");
  await server.logged(/stopping/);
  const before = performance.now();
  server.kill("SIGTERM");
  assertEquals((await server.finished).code, 143);
  assertLess(performance.now() - before, AT_ONCE);
  await sending.ended;
});

Deno.test("echo-server ends on SIGINT as on SIGTERM", async () => {
  await using server = await startServer();
  server.kill("SIGINT");
  assertEquals((await server.finished).code, 0);
  await server.logged(/server stopped/);
});

Deno.test("echo-server refuses new connections while it drains, and the others go on", async () => {
  await using server = await startServer();
  await using conn = await dialFramed(server.port);
  const big = new Uint8Array(MIB);
  const wire = frame(big);
  using slow = await dial(server.port);
  await writeAll(slow, wire.subarray(0, 1000));
  await connected(server, 2);
  server.kill("SIGTERM");
  assertEquals(await conn.receive(), null);
  await dial(server.port).then(
    (late) => late.close() ?? Promise.reject(new Error("accepted while draining")),
    (error) => assert(error instanceof Deno.errors.ConnectionRefused),
  );
  // The frame that had begun still gets its echo.
  const received = readToEnd(slow);
  await writeAll(slow, wire.subarray(1000)).catch(() => {});
  assertEquals((await received).length, wire.length);
  conn.close();
  assertEquals((await server.finished).code, 0);
});

Deno.test("echo-server sends all echoes to a client that has shut its sending side", async () => {
  await using server = await startServer();
  await using conn = await dialFramed(server.port);
  const count = 1000;
  const sending = (async (): Promise<void> => {
    for (let number = 0; number < count; number++) await conn.send(`message ${number}`);
    await conn.closeWrite();
  })();
  const echoes = await Array.fromAsync(conn, (payload) => new TextDecoder().decode(payload));
  await sending;
  assertEquals(echoes, Array.from({ length: count }, (_, number) => `message ${number}`));
  await server.logged(/client left reason=end .* frames=1000 /);
});

/** Sends without reading, until nothing more is taken. */
function stalled(conn: Deno.Conn): { isStalled: Promise<void>; ended: Promise<void> } {
  const wire = frame(new Uint8Array(MIB));
  const { promise: isStalled, resolve } = Promise.withResolvers<void>();
  let timer = setTimeout(resolve, 500);
  const ended = (async (): Promise<void> => {
    try {
      for (;;) {
        await writeAll(conn, wire);
        clearTimeout(timer);
        timer = setTimeout(resolve, 500);
      }
    } catch {
      // The server has cut the connection off: what the test waits for.
    } finally {
      clearTimeout(timer);
    }
  })();
  return { isStalled, ended };
}

/** Resolves once the server has accepted that many clients: what it has not accepted, a drain need not serve. */
async function connected(server: RunningServer, clients: number): Promise<void> {
  await until(() => server.log().match(/client connected/g)?.length === clients || undefined, `${clients} clients`);
}
