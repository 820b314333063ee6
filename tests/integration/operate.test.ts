import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FramedConn } from "../../lib/framed_conn.ts";
import { python } from "../support/python.ts";
import { isInstalled, type RunningServer, runTool, startServer, tempDir, toolPath, until } from "../support/tools.ts";

/** Sends a message and returns the echo. */
async function echoOnce(server: RunningServer, text: string): Promise<string | null> {
  await using conn = new FramedConn(await Deno.connect({ port: server.port }));
  await conn.send(text);
  return await conn.receiveText();
}

/** Where a server's metrics are, as its log tells. */
async function metricsAddress(server: RunningServer): Promise<string> {
  const line = await server.logged(/purpose=metrics/);
  return /address=(\S+)/.exec(line)?.[1] ?? "";
}

Deno.test("echo-server --config gives options values, and flags win over them", async () => {
  using dir = tempDir();
  const config = dir.at("echo.toml");
  Deno.writeTextFileSync(config, 'framing = "line"\nmax-frame = "1KiB"\nlog-format = "json"\n');
  await using server = await startServer({ args: ["--config", config, "--framing", "u8"] });
  const start = JSON.parse(server.log().split("\n")[0] ?? "");
  assertEquals([start.framing, start.max_frame], ["u8", 1024]);
});

Deno.test("echo-server --config names file, line and column of what is wrong, and exits with 78", async () => {
  using dir = tempDir();
  const config = dir.at("echo.toml");
  const faults: readonly (readonly [string, RegExp])[] = [
    ["port = 9090\nprot = 1\n", /echo\.toml, line 2, column 1: there is no option prot\. Did you mean port\?/],
    ['\n\nmax-frame = "64"\n', /echo\.toml, line 3, column 13: a size is a number with a unit/],
    ["port =\n", /echo\.toml:1:7: invalid value/],
    ['strict-port = "yes"\n', /echo\.toml:1:15: strict-port is a switch/],
  ];
  for (const [text, expected] of faults) {
    Deno.writeTextFileSync(config, text);
    const { code, stdout, stderr } = await runTool("echo-server", ["--no-input", "--config", config], {
      cwd: dir.path,
    });
    assertEquals([code, stdout], [78, ""], text);
    assertMatch(stderr, expected);
    assertEquals(stderr.trimEnd().split("\n").length, 1);
  }
});

Deno.test("echo-server --deny turns addresses away before they say a word, and SIGHUP reads the list again", async () => {
  using dir = tempDir();
  const list = dir.at("deny.txt");
  Deno.writeTextFileSync(list, "# nobody yet\n");
  await using server = await startServer({ args: ["--deny", `@${list}`] });
  assertEquals(await echoOnce(server, "let in"), "let in");
  await using kept = new FramedConn(await Deno.connect({ port: server.port }));
  await kept.send("before");
  assertEquals(await kept.receiveText(), "before");

  Deno.writeTextFileSync(list, "127.0.0.0/8 # the whole loopback\n");
  server.kill("SIGHUP");
  await server.logged(/lists read again/);
  assertEquals(await echoOnce(server, "kept out").catch(() => null), null);
  await server.logged(/WARN .*refused.* limit=access/);
  await kept.send("after");
  assertEquals(await kept.receiveText(), "after", "a session outlives the change of the list");

  Deno.writeTextFileSync(list, "127.0.0.300\n");
  server.kill("SIGHUP");
  await server.logged(/Cannot reload: .*deny\.txt:1:1/);
  assertEquals(await echoOnce(server, "still out").catch(() => null), null, "a bad list changes nothing");
});

Deno.test("echo-server --allow lets only the named networks in", async () => {
  await using server = await startServer({ args: ["--allow", "192.0.2.0/24"] });
  assertEquals(await echoOnce(server, "stranger").catch(() => null), null);
  const { code, stderr } = await runTool("echo-server", ["--no-input", "--allow", "300.1.2.3"]);
  assertEquals(code, 64);
  assertStringIncludes(stderr, 'invalid value "300.1.2.3" for --allow');
});

Deno.test("echo-server --metrics tells connections, frames, bytes and refusals to Prometheus", async () => {
  await using server = await startServer({ args: ["--metrics", "127.0.0.1:0", "--max-frame", "10B"] });
  const address = await metricsAddress(server);
  await using conn = new FramedConn(await Deno.connect({ port: server.port }));
  await conn.send("hello");
  await conn.receive();
  const text = await (await fetch(`http://${address}/metrics`)).text();
  for (
    const line of [
      'echo_connections{state="echoing"} 1',
      "echo_frames_received_total 1",
      "echo_bytes_received_total 9",
      "echo_bytes_sent_total 9",
    ]
  ) assertStringIncludes(text, `${line}\n`);
  assertMatch(text, /echo_event_loop_delay_seconds_count \d+/);
  assertEquals([
    await (await fetch(`http://${address}/healthz`)).text(),
    await (await fetch(`http://${address}/readyz`)).text(),
  ], ["ok\n", "ready\n"]);
});

Deno.test("echo-server --metrics counts log-ins by result, and times the store", async () => {
  await using server = await startServer({ args: ["--metrics", "127.0.0.1:0", "--mode", "identify"] });
  const address = await metricsAddress(server);
  {
    await using conn = new FramedConn(await Deno.connect({ port: server.port }));
    await conn.receiveText();
    await conn.send("Anna");
    assertEquals(await conn.receiveText(), "230 Welcome, Anna.");
  }
  const text = await (await fetch(`http://${address}/metrics`)).text();
  assertStringIncludes(text, 'echo_logins_total{result="host_named"} 1');
  assertMatch(text, /echo_store_seconds_count\{call="putHost"\} 1/);
});

Deno.test("echo-server is not ready while it drains", async () => {
  await using server = await startServer({ args: ["--metrics", "127.0.0.1:0"] });
  const address = await metricsAddress(server);
  // A frame that is never finished keeps the session, and so the drain, waiting.
  using conn = await Deno.connect({ port: server.port });
  await conn.write(Uint8Array.of(0, 0, 0, 9, 1));
  await conn.read(new Uint8Array(9));
  server.kill("SIGTERM");
  await server.logged(/stopping/);
  const ready = await fetch(`http://${address}/readyz`);
  assertEquals([ready.status, await ready.text()], [503, "not ready\n"]);
  const alive = await fetch(`http://${address}/healthz`);
  assertEquals([alive.status, await alive.text()], [200, "ok\n"]);
});

/** Binds the socket that its argument names, and prints each new word until all three have been heard. */
const SYSTEMD = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
print('bound', flush=True)
seen = set()
while not seen >= {'READY=1', 'WATCHDOG=1', 'STOPPING=1'}:
    text = s.recv(1000).decode().split('\\n')[0]
    if text not in seen: print(text, flush=True)
    seen.add(text)`;

/** Who may write nothing but a data folder, as a service of a user of its own. */
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

for (
  const [who, wrapper, mayRun] of [["echo-server", [], true], ["a user without rights", NOBODY, isRoot()]] as const
) {
  Deno.test({
    name: `${who} tells systemd that it is ready, alive and stopping`,
    ignore: !isInstalled("python3") || !mayRun,
    async fn() {
      using dir = tempDir();
      using data = tempDir();
      Deno.chmodSync(dir.path, 0o755);
      if (wrapper.length > 0) Deno.chownSync(data.path, 65534, 65534);
      const path = dir.at("notify.sock");
      const listener = new Deno.Command(python(), { args: ["-c", SYSTEMD, path], stdout: "piped" }).spawn();
      let heard = "";
      const listening = (async (): Promise<void> => {
        for await (const part of listener.stdout.pipeThrough(new TextDecoderStream())) heard += part;
      })();
      const hears = (word: string): Promise<true> => until(() => heard.includes(word) || undefined, word);
      await hears("bound");
      const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "100000", HOME: "/nonexistent" };
      // The user may not be let into the folder of the repository: a clone in a folder of root's has mode 700 above it.
      const program = wrapper.length > 0 ? dir.at("echo-server") : toolPath("echo-server");
      if (wrapper.length > 0) Deno.copyFileSync(toolPath("echo-server"), program);
      await using server = await startServer({ env, wrapper, data: data.path, program });
      await hears("READY=1");
      await hears("WATCHDOG=1");
      const { code } = await server.stop();
      await hears("STOPPING=1");
      assertEquals(code, 0);
      await listening;
      assert((await listener.status).success);
    },
  });
}

function isRoot(): boolean {
  return Deno.uid() === 0 && isInstalled("setpriv");
}
