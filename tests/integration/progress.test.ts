// What tells a person how far long work is, and nobody else.
import { assert, assertEquals } from "@std/assert";
import { hasPty, Pty } from "../support/pty.ts";
import { freePort } from "../support/fake_server.ts";
import { runTool, startServer } from "../support/tools.ts";

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
  },
});

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
