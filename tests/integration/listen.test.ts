import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { FramedConn } from "../../lib/framed_conn.ts";
import { dialFramed, isServed } from "../support/net.ts";
import { isInstalled, runProgram, runTool, startServer, tempDir, toolPath, until } from "../support/tools.ts";

const hasIpv6 = ((): boolean => {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
})();

/** Starts a server that is expected to fail, and checks that it does so in one line. */
async function failure(args: readonly string[]): Promise<{ code: number; line: string }> {
  using dir = tempDir();
  const { code, stdout, stderr } = await runTool("echo-server", ["--no-input", "--data", dir.path, ...args]);
  assertEquals(stdout, "");
  assertMatch(stderr, /^echo-server: [^\n]+\n$/, "one line, no stack");
  return { code, line: stderr.trimEnd() };
}

Deno.test("echo-server takes the next port when the wanted one is busy, prints it and logs it", async () => {
  await using first = await startServer();
  await using second = await startServer({ port: first.port });
  assertNotEquals(second.port, first.port);
  assertEquals(second.announced, `Listening on 127.0.0.1:${second.port}`);
  assertEquals(await isServed(second.port), true);
  await second.logged(new RegExp(`WARN +- port is busy, trying the next one port=${first.port}$`));
  await second.logged(new RegExp(`INFO +- listening address=127\\.0\\.0\\.1:${second.port}$`));
});

Deno.test("echo-server --strict-port exits with 69 and one line when the port is busy", async () => {
  await using first = await startServer();
  const { code, line } = await failure(["--strict-port", "--port", String(first.port)]);
  assertEquals(code, 69);
  assertEquals(
    line,
    `echo-server: Cannot listen on 127.0.0.1:${first.port}: another program uses it. ` +
      "Choose another port, or leave out --strict-port.",
  );
  assertEquals(await isServed(first.port), true);
});

Deno.test({
  name: "echo-server tells that a privileged port needs privileges, and exits with 69",
  ignore: Deno.uid() === 0 && !isInstalled("setpriv"),
  fn: async () => {
    using dir = tempDir();
    const plain = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : ["env"];
    const [program = "", ...args] = [...plain, toolPath("echo-server"), "--no-input", "--data", dir.path];
    const { code, stdout, stderr } = await runProgram(program, [...args, "--port", "7"]);
    assertEquals([code, stdout], [69, ""]);
    assertEquals(
      stderr,
      "echo-server: Cannot listen on 127.0.0.1:7: permission denied. " +
        "Ports below 1024 need privileges: choose a higher one.\n",
    );
  },
});

Deno.test("echo-server tells that a host is unknown, and exits with 68", async () => {
  const { code, line } = await failure(["--host", "no-such-host.invalid", "--port", "0"]);
  assertEquals(code, 68);
  assertMatch(line, /Cannot listen on no-such-host\.invalid:0: no such host\. Check the name after --host\.$/);
});

Deno.test("echo-server tells that an address is not this machine's, and exits with 69", async () => {
  const { code, line } = await failure(["--host", "192.0.2.1", "--port", "0"]);
  assertEquals(code, 69);
  assertMatch(line, /Cannot listen on 192\.0\.2\.1:0: this machine has no such address\./);
});

Deno.test({
  name: "echo-server listens on several hosts with one port, IPv6 in brackets or without",
  ignore: !hasIpv6,
  fn: async () => {
    await using server = await startServer({ args: ["--host", "127.0.0.1", "--host", "[::1]"] });
    assertEquals(server.announced, `Listening on 127.0.0.1:${server.port}, [::1]:${server.port}`);
    assertEquals(await isServed(server.port), true);
    const { code, stdout } = await runTool("echo-client", ["-m", "six", `[::1]:${server.port}`]);
    assertEquals([code, stdout], [0, "six\n"]);
    await server.logged(/INFO +\[::1\]:\d+ client connected/);
  },
});

Deno.test({
  name: "echo-server --host :: serves IPv4 as well, and knows such a client by its IPv4 address",
  ignore: !hasIpv6,
  fn: async () => {
    await using server = await startServer({ args: ["--host", "::", "--host", "127.0.0.1"] });
    assertEquals(server.announced, `Listening on [::]:${server.port}`);
    assertEquals(await isServed(server.port), true);
    await server.logged(/INFO +(\[::ffff:127\.0\.0\.1\]|127\.0\.0\.1):\d+ client connected/);
  },
});

Deno.test("echo-server takes a host named in two ways once", async () => {
  await using server = await startServer({ args: ["--host", "localhost", "--host", "127.0.0.1", "--strict-port"] });
  assertEquals(await isServed(server.port), true);
});

Deno.test("echo-server --json announces host, port and process as one JSON object", async () => {
  await using server = await startServer({ args: ["--json"] });
  const { event, host, port, pid } = JSON.parse(server.announced);
  assertEquals([event, host, port, pid], ["listening", "127.0.0.1", server.port, server.pid]);
  assertEquals(await isServed(port), true);
});

Deno.test("echo-server --port-file holds the port while the server runs", async () => {
  using dir = tempDir();
  await using server = await startServer({ args: ["--port-file", dir.at("port")] });
  assertEquals(Deno.readTextFileSync(dir.at("port")), `${server.port}\n`);
  await server.stop();
  assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
});

Deno.test("echo-server ends with 73 when the port file cannot be written", async () => {
  using dir = tempDir();
  const { code, line } = await failure(["--port", "0", "--port-file", dir.at("missing", "port")]);
  assertEquals(code, 73);
  assertMatch(line, /Cannot write .*\/missing\/port: /);
  const none = await failure(["--port", "0", "--port-file", "/dev/null/port"]);
  assertEquals(none.code, 78);
  assertMatch(none.line, /Cannot use \/dev\/null: it is not a directory/);
});

Deno.test("echo-server serves a Unix socket that only its owner may use, and removes it at the end", async () => {
  using dir = tempDir();
  const path = dir.at("echo.sock");
  await using server = await startServer({ args: ["--host", `unix:${path}`] });
  assertEquals(server.announced, `Listening on unix:${path}`);
  assertEquals((Deno.lstatSync(path).mode ?? 0) & 0o777, 0o600);
  const { code, stdout } = await runTool("echo-client", ["-m", "over unix", `unix:${path}`]);
  assertEquals([code, stdout], [0, "over unix\n"]);
  await server.logged(/client left reason=end bytes_in=13 bytes_out=13 frames=1 /);
  await server.stop();
  assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
});

Deno.test("echo-server takes over the Unix socket of a killed server, not that of a living one", async () => {
  using dir = tempDir();
  const path = dir.at("echo.sock");
  const host = ["--host", `unix:${path}`];
  {
    await using killed = await startServer({ args: host });
    killed.kill("SIGKILL");
    await killed.finished;
  }
  assertEquals(Deno.lstatSync(path).isSocket, true);
  await using living = await startServer({ args: host });
  const { code, line } = await failure(host);
  assertEquals(code, 69);
  assertMatch(line, /Cannot listen on unix:.*: another program uses it\. Choose another path\./);
  await using conn = new FramedConn(await Deno.connect({ transport: "unix", path }));
  await conn.send("still mine");
  assertEquals(await conn.receiveText(), "still mine");
  assertEquals(living.announced, `Listening on unix:${path}`);
});

Deno.test("echo-server leaves a file alone that stands where its Unix socket belongs", async () => {
  using dir = tempDir();
  Deno.writeTextFileSync(dir.at("precious"), "data");
  const { code, line } = await failure(["--host", `unix:${dir.at("precious")}`]);
  assertEquals(code, 73);
  assertMatch(line, /Cannot write .*precious: a file of that name is in the way\./);
  assertEquals(Deno.readTextFileSync(dir.at("precious")), "data");
});

Deno.test("echo-server listens on the same port again right after it ended", async () => {
  const first = await startServer();
  const conn = await dialFramed(first.port);
  await conn.send("hello");
  await conn.receive();
  first.kill("SIGTERM");
  assertEquals(await conn.receive(), null, "the server closes first, and its port is in TIME_WAIT");
  conn.close();
  await first[Symbol.asyncDispose]();
  await using second = await startServer({ port: first.port, args: ["--strict-port"] });
  assertEquals(second.port, first.port);
});

Deno.test("echo-server serves a client that left and came back", async () => {
  await using server = await startServer();
  for (let visit = 1; visit <= 3; visit++) {
    assertEquals(await isServed(server.port), true);
    await until(() => server.log().match(/client left reason=end/g)?.length === visit || undefined, `leave ${visit}`);
  }
});
