import { assert, assertEquals, assertMatch } from "@std/assert";
import { dial, dialFramed, frame, isServed } from "../support/net.ts";
import { runProgram, runTool, startServer, tempDir, toolPath, until } from "../support/tools.ts";

const TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

Deno.test("echo-server logs a line with time, level, peer and message for each event", async () => {
  await using server = await startServer();
  {
    await using conn = await dialFramed(server.port);
    await conn.send("hello");
    await conn.receive();
  }
  await server.logged(/client left/);
  await server.stop();
  const lines = server.log().trimEnd().split("\n");
  const expected = [
    "INFO  - server starts pid=\\d+ .*framing=u32 max_frame=1048576",
    `INFO  - listening address=127\\.0\\.0\\.1:${server.port}`,
    "INFO  127\\.0\\.0\\.1:\\d+ client connected",
    "INFO  127\\.0\\.0\\.1:\\d+ client left reason=end bytes_in=9 bytes_out=9 frames=1 ms=\\d+",
    "INFO  - stopping: no new connections, sessions end sessions=0",
    "INFO  - server stopped",
  ];
  assertEquals(lines.length, expected.length, server.log());
  for (const [at, pattern] of expected.entries()) assertMatch(lines[at] ?? "", new RegExp(`^${TIME} ${pattern}$`));
});

Deno.test("echo-server --log-format json logs the same as objects", async () => {
  await using server = await startServer({ args: ["--log-format", "json"] });
  assertEquals(await isServed(server.port), true);
  await server.logged(/"event":"disconnect"/);
  await server.stop();
  const events = server.log().trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(events.map(({ event }) => event), ["start", "listen", "connect", "disconnect", "drain", "stop"]);
  for (const { time, level } of events) {
    assertMatch(time, new RegExp(`^${TIME}$`));
    assertEquals(level, "info");
  }
  const { peer, reason, bytes_in, bytes_out, frames, ms } = events[3];
  assertMatch(peer, /^127\.0\.0\.1:\d+$/);
  assertEquals([reason, bytes_in, bytes_out, frames, Number.isInteger(ms)], ["end", 16, 16, 1, true]);
});

Deno.test("echo-server says nothing on standard error but with --verbose, where it repeats the log", async () => {
  for (const args of [[], ["--verbose"]]) {
    await using server = await startServer({ args });
    {
      using conn = await dial(server.port);
      await conn.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
      await server.logged(/frame_too_large/);
    }
    await server.logged(/client left/);
    const { stdout, stderr } = await server.stop();
    assertEquals(stderr, args.length === 0 ? "" : server.log());
    assertEquals(stdout, `${server.announced}\n`);
  }
});

Deno.test("echo-server --verbose goes on when nobody reads its standard error any more", async () => {
  using dir = tempDir();
  const { stdout } = await runShell(`
    mkfifo "${dir.path}/err"
    "$SERVER" --no-input --verbose --port 0 --data "${dir.path}" --port-file "${dir.path}/port" \\
      >/dev/null 2>"${dir.path}/err" & server=$!
    head -1 "${dir.path}/err" >/dev/null
    while ! test -s "${dir.path}/port"; do kill -0 $server || exit 1; sleep 0.01; done
    "$CLIENT" --no-input -m one ":$(cat "${dir.path}/port")"
    "$CLIENT" --no-input -m two ":$(cat "${dir.path}/port")"
    kill $server; wait $server; echo "exit $?"
  `);
  assertEquals(stdout, "one\ntwo\nexit 0\n");
});

Deno.test("echo-server opens its log again on SIGHUP", async () => {
  await using server = await startServer();
  const file = `${server.data}/echo-server.log`;
  Deno.renameSync(file, `${file}.old`);
  assertEquals(await isServed(server.port), true);
  await until(() => /client left/.test(Deno.readTextFileSync(`${file}.old`)) || undefined, "lines in the old file");
  server.kill("SIGHUP");
  await until(() => exists(file) || undefined, "the new log file");
  await server.logged(/log file opened again/);
  assertEquals(await isServed(server.port), true);
  await server.logged(/client connected/);
  assertMatch(Deno.readTextFileSync(`${file}.old`), /server starts[^]*client left/);
});

Deno.test("echo-server goes on with the old log when the new one cannot be opened on SIGHUP", async () => {
  using dir = tempDir();
  Deno.mkdirSync(dir.at("logs"));
  await using server = await startServer({ args: ["--log", dir.at("logs", "x.log")] });
  Deno.renameSync(dir.at("logs"), dir.at("moved"));
  // In place of the folder, which would be made again.
  Deno.writeTextFileSync(dir.at("logs"), "");
  server.kill("SIGHUP");
  await until(
    () => /ERROR .*Cannot /.test(Deno.readTextFileSync(dir.at("moved", "x.log"))) || undefined,
    "the complaint",
  );
  assertEquals(await isServed(server.port), true);
});

Deno.test("echo-server --log-max-size starts a new log file and keeps --log-keep old ones", async () => {
  await using server = await startServer({ args: ["--log-max-size", "1KiB", "--log-keep", "2"] });
  const file = `${server.data}/echo-server.log`;
  for (let visit = 0; visit < 40; visit++) assertEquals(await isServed(server.port), true);
  await server.stop();
  const names = Array.from(Deno.readDirSync(server.data), ({ name }) => name).sort();
  assertEquals(names, ["echo-server.log", "echo-server.log.1", "echo-server.log.2"]);
  for (const name of names) assert(Deno.statSync(`${server.data}/${name}`).size <= 1024, name);
  assertMatch(Deno.readTextFileSync(file), /server stopped\n$/);
  const both = Deno.readTextFileSync(`${file}.1`) + Deno.readTextFileSync(file);
  for (const line of both.trimEnd().split("\n")) assertMatch(line, new RegExp(`^${TIME} INFO  `));
});

Deno.test("echo-server keeps its log to itself", async () => {
  await using server = await startServer();
  assertEquals((Deno.statSync(`${server.data}/echo-server.log`).mode ?? 0) & 0o777, 0o600);
});

Deno.test("echo-server --log-level error leaves out what goes well", async () => {
  await using server = await startServer({ args: ["--log-level", "error"] });
  assertEquals(await isServed(server.port), true);
  await server.stop();
  assertEquals(server.log(), "");
});

Deno.test("echo-server ends with 73 and one line when its log or data cannot be written", async () => {
  for (const args of [["--log", "/dev/null/x.log"], ["--data", "/dev/null/data"]]) {
    const { code, stdout, stderr } = await runTool("echo-server", ["--no-input", "--port", "0", ...args]);
    assertEquals([code, stdout], [73, ""]);
    assertMatch(stderr, /^echo-server: Cannot write \/dev\/null\/[^\n]+: [^\n]+\.\n$/);
  }
});

Deno.test("echo-server logs its own failure to start", async () => {
  using dir = tempDir();
  await runTool("echo-server", ["--no-input", "--data", dir.path, "--host", "192.0.2.1"]);
  assertMatch(Deno.readTextFileSync(dir.at("echo-server.log")), /ERROR - error error="Cannot listen on 192\.0\.2\.1/);
});

Deno.test("echo-server writes no line that a client could forge", async () => {
  await using server = await startServer({ args: ["--framing", "dec:8"] });
  using conn = await dial(server.port);
  await conn.write(new TextEncoder().encode("\n2026 ERR"));
  await conn.closeWrite();
  await server.logged(/client left reason=bad_header/);
  for (const line of server.log().trimEnd().split("\n")) assertMatch(line, new RegExp(`^${TIME} `));
});

Deno.test("echo-server counts an echo that its client did not wait for", async () => {
  await using server = await startServer();
  {
    using conn = await dial(server.port);
    await conn.write(frame("hello"));
    await conn.closeWrite();
    await server.logged(/client left reason=(end|reset) bytes_in=9 bytes_out=9 frames=1 /);
  }
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

async function runShell(script: string): Promise<{ stdout: string }> {
  return await runProgram("sh", ["-c", script], {
    env: { SERVER: toolPath("echo-server"), CLIENT: toolPath("echo-client") },
  });
}
