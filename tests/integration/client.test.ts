import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { fakeServer, freePort, swallow } from "../support/fake_server.ts";
import { frame, readToEnd, writeAll } from "../support/net.ts";
import { bytesOf } from "../support/framing_vectors.ts";
import { type Finished, runProgram, runTool, sharedServer, startServer, toolPath } from "../support/tools.ts";

/** For tests that only ask for its echo. */
const shared = await sharedServer();

/** Runs the client, which fails; checks that it says so in one line. */
async function failure(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  const finished = await runTool("echo-client", args, { env, stdin: "" });
  assertMatch(finished.stderr, /^echo-client: [^\n]+\n$/, "one line, no stack");
  return finished;
}

Deno.test("echo-client --json prints an object for each echo", async () => {
  const { code, stdout } = await runTool("echo-client", ["--json", "-m", "привет", "-m", "", `:${shared.port}`]);
  const [first, second] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(code, 0);
  const { rtt_ms, ...rest } = first;
  assertEquals(rest, { number: 1, text: "привет", bytes: 12, sent_bytes: 12, match: true });
  assertEquals([typeof rtt_ms, second.number, second.text, second.bytes], ["number", 2, "", 0]);
});

Deno.test("echo-client --json gives bytes that are no text as base64", async () => {
  const { stdout } = await runTool("echo-client", ["--json", `:${shared.port}`], { stdin: bytesOf("\u00ff\u0000\n") });
  const { base64, text, bytes } = JSON.parse(stdout);
  assertEquals([base64, text, bytes], ["/wA=", undefined, 2]);
});

Deno.test("echo-client speaks every framing", async () => {
  for (const framing of ["u8", "u16", "u16le", "u32", "u32le", "dec:8", "hex:4", "netstring", "line", "raw"]) {
    await using server = await startServer({ args: ["--framing", framing] });
    const args = ["--framing", framing, "-m", "one", "-m", "два", `:${server.port}`];
    assertEquals(await runTool("echo-client", args), { code: 0, stdout: "one\nдва\n", stderr: "" }, framing);
  }
});

Deno.test("echo-client refuses a message that the framing cannot carry, with 64", async () => {
  await using server = await startServer({ args: ["--framing", "line"] });
  const { code, stdout, stderr } = await failure(["--framing", "line", "-m", "one\ntwo", `:${server.port}`]);
  assertEquals([code, stdout], [64, ""]);
  assertStringIncludes(stderr, "The message cannot be sent with the framing line: it contains a line feed");
});

Deno.test("echo-client prints the echoes before a message that cannot be sent", async () => {
  await using server = await startServer({ args: ["--framing", "line"] });
  const { code, stdout } = await failure(["--framing", "line", "-m", "good", "-m", "b\nad", `:${server.port}`]);
  assertEquals([code, stdout], [64, "good\n"]);
});

Deno.test("echo-client ends with 75 when no reply comes in time", async () => {
  await using server = fakeServer(swallow);
  const { code, stderr } = await failure(["--timeout", "200ms", "-m", "hello?", `:${server.port}`]);
  assertEquals([code, stderr], [75, "echo-client: No reply within 200 ms (--timeout).\n"]);
});

Deno.test("echo-client ends with 76 when the echo is wrong, having shown it", async () => {
  await using server = fakeServer(async (conn) => {
    await writeAll(conn, frame("hellO"));
    await swallow(conn);
  });
  const { code, stdout, stderr } = await failure(["--mode", "echo", "-m", "hello", `:${server.port}`]);
  assertEquals([code, stdout], [76, "hellO\n"]);
  assertMatch(stderr, /Reply 1 is not what was sent: byte 4 differs \(sent 5 bytes, received 5\)/);
});

Deno.test("echo-client ends with 69 when the server closes early, and counts what has no answer", async () => {
  await using server = fakeServer(async (conn) => {
    await conn.read(new Uint8Array(9));
    await writeAll(conn, frame("hello"));
    await conn.closeWrite();
    await swallow(conn);
  });
  const args = ["--mode", "echo", "-m", "hello", "-m", "lost", `:${server.port}`];
  const { code, stdout, stderr } = await failure(args);
  assertEquals([code, stdout], [69, "hello\n"]);
  assertMatch(stderr, /The server closed the connection; messages without an answer: 1\./);
});

for (
  const [why, reply] of [
    ["a length over the limit", "\u00ff\u00ff\u00ff\u00ff"],
    ["an answer in HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["an end inside a frame", "\u0000\u0000\u0000\u0005he"],
  ] as const
) {
  Deno.test(`echo-client ends with 65 on ${why}`, async () => {
    await using server = fakeServer(async (conn) => {
      await conn.read(new Uint8Array(9));
      await writeAll(conn, bytesOf(reply));
      await conn.closeWrite();
      await swallow(conn);
    });
    const { code, stderr } = await failure(["--mode", "echo", "-m", "hello", `:${server.port}`]);
    assertEquals(code, 65);
    assertMatch(stderr, /Is the framing the same on both sides/);
  });
}

Deno.test("echo-client ends with 68 for an unknown host and 69 where nothing listens", async () => {
  const unknown = await failure(["-m", "x", "no-such-host.invalid:9090"]);
  assertEquals(unknown.code, 68);
  assertStringIncludes(unknown.stderr, "Cannot connect to no-such-host.invalid:9090: no such host.");
  const port = freePort();
  const refused = await failure(["-m", "x", `:${port}`]);
  assertEquals(refused.code, 69);
  assertStringIncludes(refused.stderr, `Cannot connect to 127.0.0.1:${port}: nothing listens there.`);
  const noSocket = await failure(["-m", "x", "unix:/nonexistent/echo.sock"]);
  assertEquals(noSocket.code, 69);
});

for (
  const [args, text] of [
    [["--timeot", "5s"], "unknown option --timeot. Did you mean --timeout?"],
    [["--prot=1"], "unknown option --prot. Did you mean --port?"],
    [["--port"], "--port needs a value: --port N."],
    [["--port", "70000"], 'invalid value "70000" for --port: a port is a whole number from 0 to 65535.'],
    [["--port", "-1"], 'invalid value "-1" for --port'],
    [["--port", "9090x"], 'invalid value "9090x" for --port'],
    [["--timeout", "10"], 'invalid value "10" for --timeout: a time is a number with a unit'],
    [["--max-frame", "1000"], 'invalid value "1000" for --max-frame: a size is a number with a unit'],
    [["--framing", "u63"], 'invalid value "u63" for --framing: choose one of u32, u8'],
    [["--framing", "constructor"], 'invalid value "constructor" for --framing'],
    [["--host", "local host"], 'invalid value "local host" for --host'],
    [["--lang", "de"], 'invalid value "de" for --lang: choose one of ru, en'],
    [["127.0.0.1:port"], 'invalid value "port" for HOST[:PORT]'],
    [["one.example:1", "two.example:2"], "two.example:2"],
  ] as const
) {
  Deno.test(`echo-client ${args.join(" ")} exits with 64 and says why`, async () => {
    const { code, stdout, stderr } = await failure(args);
    assertEquals([code, stdout], [64, ""]);
    assertStringIncludes(stderr, text);
    assertStringIncludes(stderr, "echo-client --help");
  });
}

Deno.test("echo-client takes host and port from flags before the environment", async () => {
  const port = String(shared.port);
  const viaEnvironment = await runTool("echo-client", ["-m", "hi"], {
    env: { ECHO_HOST: "127.0.0.1", ECHO_PORT: port },
  });
  assertEquals([viaEnvironment.code, viaEnvironment.stdout], [0, "hi\n"]);
  const flagged = await runTool("echo-client", ["-m", "hi", "--port", port, "--host", "127.0.0.1"], {
    env: { ECHO_HOST: "no-such-host.invalid", ECHO_PORT: "1" },
  });
  assertEquals(flagged.code, 0);
  const named = await runTool("echo-client", ["-m", "hi", `127.0.0.1:${port}`], { env: { ECHO_PORT: "1" } });
  assertEquals(named.code, 0);
});

Deno.test("echo-client tells a bad value of the environment as one of its option", async () => {
  const { code, stderr } = await failure(["-m", "x"], { ECHO_PORT: "nine" });
  assertEquals(code, 64);
  assertStringIncludes(stderr, '"nine" for ECHO_PORT');
});

Deno.test("echo-client speaks Russian by --lang and by the locale variables in their order", async () => {
  const port = freePort();
  const spoken = async (args: readonly string[], env: Record<string, string>): Promise<string> => {
    const { stderr } = await failure([...args, "-m", "x", `:${port}`], env);
    return stderr.includes("Не удалось подключиться") ? "ru" : stderr.includes("Cannot connect") ? "en" : stderr;
  };
  assertEquals(await spoken(["--lang", "ru"], {}), "ru");
  assertEquals(await spoken(["--lang=en"], { LC_ALL: "ru_RU.UTF-8" }), "en");
  assertEquals(await spoken([], { LC_ALL: "ru_RU.UTF-8", LANG: "en_US.UTF-8" }), "ru");
  assertEquals(await spoken([], { LC_ALL: "", LC_MESSAGES: "ru_RU.UTF-8", LANG: "en_US.UTF-8" }), "ru");
  assertEquals(await spoken([], { LC_ALL: "", LC_MESSAGES: "", LANG: "ru" }), "ru");
  assertEquals(await spoken([], { LC_ALL: "C", LANG: "ru_RU.UTF-8" }), "en");
});

Deno.test("Both tools' help begins with examples and names every option", async () => {
  for (const tool of ["echo-server", "echo-client"] as const) {
    const { code, stdout, stderr } = await runTool(tool, ["--help"]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, new RegExp(`^${tool} [^\n]+\n\nExamples:\n  ${tool} `));
    for (const option of ["--host HOST", "-p, --port N", "--framing F", "--max-frame SIZE", "-h, --help"]) {
      assertStringIncludes(stdout, option);
    }
  }
});

Deno.test("Both tools tell version, Deno, V8 and target", async () => {
  for (const tool of ["echo-server", "echo-client"] as const) {
    const { code, stdout } = await runTool(tool, ["--version"]);
    assertEquals(code, 0);
    assertMatch(stdout, /^echo-(server|client) \d+\.\d+\.\d+ \(Deno [\d.]+, V8 [\w.-]+, [\w-]+\)\n$/);
    assertStringIncludes(stdout, `${tool} ${manifest.version} `);
  }
});

Deno.test("echo-client --verbose tells of connection and times on standard error, data stays alone", async () => {
  const { stdout, stderr } = await runTool("echo-client", ["--verbose", "-m", "hello", `:${shared.port}`]);
  assertEquals(stdout, "hello\n");
  assertMatch(stderr, /^Connected to 127\.0\.0\.1:\d+ in [\d.]+ ms\.\n[^\n]*5 bytes in [\d.]+ ms\n$/);
});

Deno.test("echo-client says nothing when its output is closed early", async () => {
  const { stdout, stderr } = await runProgram("sh", [
    "-c",
    'seq 100000 | "$0" ":$1" | head -1',
    toolPath("echo-client"),
    String(shared.port),
  ]);
  assertEquals([stdout, stderr], ["1\n", ""]);
});

Deno.test("echo-client tells in one line that its output cannot be written, or its input read", async () => {
  const run = async (redirection: string): Promise<Finished> =>
    await runProgram("sh", ["-c", `"$0" ":$1" ${redirection}`, toolPath("echo-client"), String(shared.port)], {
      stdin: "hello\n",
    });
  const full = await run(">/dev/full");
  assertEquals([full.code, full.stdout], [73, ""]);
  assertMatch(full.stderr, /^echo-client: Cannot write standard output: [^\n]+\n$/);
  const folder = await run("</");
  assertEquals(folder.code, 73);
  assertMatch(folder.stderr, /^echo-client: Cannot read standard input: [^\n]+\n$/);
});

Deno.test("echo-client sends a message that looks like an option", async () => {
  const { stdout } = await runTool("echo-client", ["-m", "--help", "-m", "-x", "--message=-m", `:${shared.port}`]);
  assertEquals(stdout, "--help\n-x\n-m\n");
});

Deno.test("echo-client leaves the connection in order", async () => {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  await using server = fakeServer(async (conn) => {
    await writeAll(conn, frame("hi"));
    resolve(await readToEnd(conn));
  });
  const { code } = await runTool("echo-client", ["--mode", "echo", "-m", "hi", `:${server.port}`]);
  assertEquals([code, await promise], [0, frame("hi")]);
});
