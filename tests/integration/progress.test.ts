// What tells a person how far long work is, and nobody else.
import { assert, assertEquals } from "@std/assert";
import { hasPty, Pty } from "../support/pty.ts";
import { freePort } from "../support/fake_server.ts";
import { runTool, startServer, toolPath } from "../support/tools.ts";

/** A carriage return without a line feed. */
const WRITTEN_OVER = /\r(?!\n)/;

/** Arguments, and a pattern of what appears. */
const CASES: readonly (readonly [name: string, args: (port: number) => readonly string[], RegExp])[] = [
  [
    "a check shows on a terminal how far it is",
    (port) => ["check", "--tasks", "8", `:${port}`],
    /\r\d+ of \d+: [a-z-]+/,
  ],
  [
    "bench shows on a terminal what it measures",
    (port) => ["bench", "-d", "1s", "--warmup", "10ms", "--no-floor", `:${port}`],
    /frames\/s/,
  ],
  [
    "bench shows on a terminal how many connections it has opened",
    (port) => ["bench", "-c", "200", "-d", "10ms", "--warmup", "0s", "--no-floor", `:${port}`],
    /\rconnections open: \d+ of 200/,
  ],
  [
    "bench --one-way shows on a terminal what it measures",
    (port) => ["bench", "--one-way", "-d", "300ms", "--interval", "100ms", "--warmup", "0s", `:${port}`],
    /\r0\.\d s of 300 ms {2}\S+ \w+\/s/,
  ],
];

for (const [name, args, pattern] of CASES) {
  Deno.test({
    name: `${name}, and with -q or TERM=dumb it does not`,
    ignore: !hasPty,
    fn: async () => {
      await using server = await startServer();
      await using pty = new Pty("echo-client", args(server.port));
      await pty.expect(pattern);
      assertEquals((await pty.ended).exit, 0);
      await using quiet = new Pty("echo-client", [...args(server.port), "-q"]);
      assertEquals((await quiet.ended).exit, 0);
      assertEquals(quiet.text.match(WRITTEN_OVER), null, quiet.text);
      await using dumb = new Pty("echo-client", args(server.port), { TERM: "dumb" });
      assertEquals((await dumb.ended).exit, 0);
      assertEquals(dumb.text.match(WRITTEN_OVER), null, dumb.text);
    },
  });
}

Deno.test({
  name: "wait shows on a terminal that it waits, and for what",
  ignore: !hasPty,
  fn: async () => {
    await using pty = new Pty("echo-client", ["wait", "--timeout", "1s", `:${freePort()}`]);
    await pty.expect(/waiting for 127\.0\.0\.1:\d+/);
    assertEquals((await pty.ended).exit, 75);
    // Some terminals, such as a serial line's, do not tell how wide they are.
    const client = toolPath("echo-client");
    await using wide = new Pty("bash", ["-c", `stty cols 0; exec ${client} wait --timeout 1s :${freePort()}`]);
    await wide.expect(/waiting for 127\.0\.0\.1:\d+, \d s\r/);
    assertEquals((await wide.ended).exit, 75);
  },
});

Deno.test({
  name: "a message, wait, explain --read and replay show on a terminal that they wait, and for what",
  ignore: !hasPty,
  fn: async () => {
    // Nobody accepts, and the queue is full: a connection is not refused.
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
    const at = `127.0.0.1:${listener.addr.port}`;
    const { addr } = listener;
    using _queue = queued(
      await Promise.all([1, 2].map(() => Deno.connect({ hostname: "127.0.0.1", port: addr.port }))),
    );
    await using message = new Pty("echo-client", ["-m", "hi", at]);
    await using wait = new Pty("echo-client", ["wait", at]);
    const client = toolPath("echo-client");
    await using read = new Pty("bash", ["-c", `tail -f /dev/null | ${client} explain --read - > /dev/null`]);
    await using replay = new Pty("bash", ["-c", `tail -f /dev/null | ${client} replay - ${at}`]);
    await message.expect(`connecting to ${at}, 2 s`);
    await wait.expect(`waiting for ${at}, `);
    await read.expect("reading -, 2 s");
    await replay.expect("0 connections, 2 s");
  },
});

function queued(conns: readonly Deno.Conn[]): Disposable {
  return { [Symbol.dispose]: () => conns.forEach((conn) => conn.close()) };
}

Deno.test("-q leaves of bench its verdict, of ping its summary, of check its last line", async () => {
  await using server = await startServer();
  const lines = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await runTool("echo-client", [...args, "-q", `:${server.port}`]);
    assertEquals([code, stderr], [0, ""]);
    return stdout.trimEnd().split("\n");
  };
  const [verdict = "", ...more] = await lines("bench", "-n", "20", "--no-floor");
  assert(/frames\/s/.test(verdict) && more.length === 0, verdict);
  const [summary = "", ...echoes] = await lines("ping", "-c", "2", "-i", "10ms");
  assert(/^2 sent/.test(summary) && echoes.length === 0, summary);
  const [passed = "", ...checks] = await lines("check", "--tasks", "8");
  assert(/^passed \d/.test(passed) && checks.length === 0, passed);
});
