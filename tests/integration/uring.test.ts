/** `--engine`: io_uring where it is wanted and to be had. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dial, dialFramed, frame, isServed } from "../support/net.ts";
import { hasPython } from "../support/python.ts";
import { hasRing, withoutRing } from "../support/ring.ts";
import { runProgram, runTool, startServer, tempDir, toolPath } from "../support/tools.ts";

function fdTarget(pid: number, fd: string): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "closed meanwhile";
  }
}

Deno.test("--engine io_uring serves, on several threads as well", { ignore: !hasRing }, async () => {
  for (const args of [[], ["--workers", "2"]]) {
    await using server = await startServer({ args: ["--engine", "io_uring", ...args] });
    assert(await isServed(server.port));
    assert(
      Array.from(Deno.readDirSync(`/proc/${server.pid}/fd`), ({ name }) => fdTarget(server.pid, name)).some((to) =>
        to.includes("io_uring")
      ),
    );
    assertEquals((await server.stop()).code, 0);
  }
});

Deno.test("--engine io_uring fails with 69 and the reason where it is forbidden", { ignore: !hasPython }, async () => {
  using folder = tempDir();
  const [program = "", ...args] = withoutRing();
  const { code, stderr } = await runProgram(program, [
    ...[...args, toolPath("echo-server"), "--no-input", "--port", "0", "--data", folder.path],
    ...["--engine", "io_uring"],
  ]);
  assertEquals(code, 69);
  assertMatch(stderr, /^echo-server: Cannot use io_uring: the system forbids it .*\n$/);
});

Deno.test(
  "--engine auto serves without io_uring where it is forbidden, and logs why",
  { ignore: !hasPython },
  async () => {
    await using server = await startServer({ args: ["--engine", "auto"], wrapper: withoutRing() });
    assert(await isServed(server.port));
    await server.logged(/connections are carried by engine=deno reason="the system forbids it/);
  },
);

Deno.test("--engine io_uring echoes 300 connections that come, echo and go", { ignore: !hasRing }, async () => {
  await using server = await startServer({ args: ["--engine", "io_uring", "--max-connections", "0"] });
  for (let round = 0; round < 3; round++) {
    const conns = await Promise.all(Array.from({ length: 300 }, () => dialFramed(server.port)));
    await Promise.all(conns.map(async (conn, at) => {
      for (let turn = 0; turn < 3; turn++) {
        await conn.send(`${at} ${"x".repeat((at * 37 + turn * 1999) % 9000)}`);
        assertEquals((await conn.receiveText())?.split(" ")[0], String(at));
      }
      conn.close();
    }));
  }
  assert(await isServed(server.port));
  assertEquals((await server.stop()).code, 0);
});

Deno.test(
  "--engine io_uring: clients that read nothing do not keep others from being served",
  { ignore: !hasRing },
  async () => {
    await using server = await startServer({ args: ["--engine", "io_uring", "--max-connections", "0"] });
    // More than there are small buffers, each of which a waiting answer keeps.
    const lazy = await Promise.all(Array.from({ length: 60 }, () => dial(server.port)));
    const bytes = frame(new Uint8Array(60_000));
    const stuck = lazy.map(async (conn) => {
      try {
        for (;;) await conn.write(bytes);
      } catch {
        // The test has ended.
      }
    });
    for (let turn = 0; turn < 20; turn++) assert(await isServed(server.port));
    for (const conn of lazy) conn.close();
    await Promise.all(stuck);
  },
);

for (const args of [[], ["--threads", "2"], ["--connect"]] as const) {
  Deno.test(`bench --engine io_uring ${args.join(" ")} verifies every echo`, { ignore: !hasRing }, async () => {
    await using server = await startServer();
    const { code, stdout, stderr } = await runTool("echo-client", [
      ...["bench", "--engine", "io_uring", "-c", "20", "-n", "2000", "--json", "--no-floor", ...args],
      `127.0.0.1:${server.port}`,
    ]);
    assertEquals([code, stderr], [0, ""]);
    const { answered, lost, settings } = JSON.parse(stdout);
    assertEquals([answered, lost, settings.engine], [2000, 0, "io_uring"]);
  });
}

Deno.test("bench --engine io_uring where it is forbidden: 69 and the reason", { ignore: !hasPython }, async () => {
  const args = ["bench", "--engine", "io_uring", "-d", "1s", "127.0.0.1:1"];
  const [program = "", ...wrapper] = withoutRing();
  const { code, stderr } = await runProgram(program, [...wrapper, toolPath("echo-client"), ...args]);
  assertEquals(code, 69);
  assertMatch(stderr, /^echo-client: Cannot use io_uring: the system forbids it/);
});
