import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort } from "../support/fake_server.ts";
import { isInstalled, runProgram, runTool, startServer, tempDir, toolPath } from "../support/tools.ts";

Deno.test("commands answer --help with 0, within 80 columns, and help COMMAND says the same", async () => {
  for (const tool of ["echo-server", "echo-client"] as const) {
    const { stdout: all } = await runTool(tool, ["help"]);
    const commands = [...all.matchAll(/^ {2}([a-z]+(?: [a-z]+)?)(?= {2}| [[A-Z])/gm)].map(([, name = ""]) => name);
    assert(commands.length >= 10, all);
    // All of them: tests/unit/cli/command.test.ts.
    for (const command of commands.slice(0, 2)) {
      const asked = await runTool(tool, ["help", ...command.split(" ")]);
      const { code, stdout } = await runTool(tool, [...command.split(" "), "--help"]);
      assertEquals([code, stdout], [0, asked.stdout]);
      assertEquals(stdout.split("\n").filter((line) => line.length > 80 && !line.startsWith("  echo-")), []);
    }
  }
});

Deno.test("help is as wide as COLUMNS says, and bold where colours are asked for", async () => {
  const { stdout } = await runTool("echo-client", ["--help"], { env: { COLUMNS: "60" } });
  // What has no space in it is not cut.
  const long = stdout.split("\n").filter((line) => line.length > 60 && !/^ {2}(echo-client|seq) |^ +\S+$/.test(line));
  assertEquals(long, []);
  assert(!stdout.includes("\x1b"));
  for (const [args, env] of [[["--color=always"], {}], [[], { FORCE_COLOR: "1" }], [[], { CLICOLOR_FORCE: "1" }]]) {
    const coloured = await runTool("echo-client", ["ping", "--help", ...args as string[]], {
      env: { NO_COLOR: "", ...env as Record<string, string> },
    });
    assertStringIncludes(coloured.stdout, "\x1b[1mExamples:\x1b[0m");
  }
});

for (
  const [tool, args, text] of [
    ["echo-client", ["pign"], 'unknown command "pign". Did you mean echo-client ping?'],
    ["echo-client", ["benhc", ":9481"], 'unknown command "benhc". Did you mean echo-client bench?'],
    ["echo-client", ["bench", "--register"], "unknown option --register."],
    ["echo-client", ["compare", "-v", "a", "b"], "unknown option -v."],
    ["echo-client", ["compare", "a"], "incomplete command. Usage: echo-client compare [options] A.json B.json"],
    ["echo-client", ["-p", "1", "127.0.0.1:9481"], "cannot use --port: it does not go with 127.0.0.1:9481."],
    ["echo-client", ["127.0.0.1:1", "2"], "cannot use PORT: it does not go with HOST:PORT."],
    ["echo-client", ["localhost", "80x"], 'invalid value "80x" for PORT: a port is'],
    ["echo-client", ["-m", "hi", ""], 'invalid value "" for HOST[:PORT]: write HOST, HOST:PORT or unix:/path'],
    ["echo-client", ["wait", ":0"], "a port to connect to is a whole number from 1 to 65535"],
    ["echo-client", ["--json=maybe"], "for --json: write true or false"],
    ["echo-server", ["users", "list", "--data", ""], 'invalid value "" for --data: a path has at least one character'],
    ["echo-client", ["docs", "task7"], "There is no page task7. Did you mean task-7?"],
    ["echo-client", ["--source", "::1", "-m", "hi", "127.0.0.1:1"], "127.0.0.1 is no IPv6 address, and both ends"],
    [
      "echo-client",
      ["explain", "--fault", "bogus=1"],
      "for --fault: there is no such fault; there are latency, jitter",
    ],
    ["echo-client", ["-m", "@-", "-m", "@-", ":1"], "cannot use -: standard input can be read only once"],
    ["echo-client", ["bench", "--csv", "no-such", "--html", "./no-such", ":1"], "--html names the same file"],
    [
      "echo-client",
      ["explain", "--read", "README.md", "--pcap", "README.md"],
      "cannot use --pcap: --read names the same",
    ],
    ["echo-client", ["check", "--csv", "all.csv", ":1"], "cannot use --csv: it is for a whole class: --class DIR"],
    ["echo-server", ["check", "--jobs", "2", "--", "true"], "cannot use --jobs: it is for a whole class: --class DIR"],
    ["echo-server", ["users", "lst"], 'unknown command "users lst". Did you mean echo-server users list?'],
    ["echo-server", ["users", "list", "--port", "1"], "unknown option --port."],
    ["echo-server", ["completions", "tcsh"], 'invalid value "tcsh" for SHELL: choose one of bash, zsh, fish'],
  ] as const
) {
  Deno.test(`${tool} ${args.join(" ")} ends with 64 and says why`, async () => {
    const { code, stdout, stderr } = await runTool(tool, [...args]);
    assertEquals([code, stdout], [64, ""]);
    assertStringIncludes(stderr, text);
  });
}

Deno.test("echo-client explain refuses a server that would be explain itself", async () => {
  const port = freePort();
  const args = ["explain", "--listen", `127.0.0.1:${port}`, "--count", "1", `localhost:${port}`];
  const { code, stderr } = await runTool("echo-client", args);
  assertEquals(code, 64);
  assertStringIncludes(stderr, "the server has to be at another address than explain");
});

Deno.test("a wrong variable is named, one of another command does not count, and Kubernetes' value is passed over", async () => {
  const wrong = await runTool("echo-client", ["-m", "x"], { env: { ECHO_PORT: "abc" } });
  assertStringIncludes(wrong.stderr, 'invalid value "abc" for ECHO_PORT');
  const other = await runTool("echo-client", ["bench"], {
    env: { ECHO_BENCH_DURATION: "never", ECHO_PING_COUNT: "x" },
  });
  assertStringIncludes(other.stderr, 'invalid value "never" for ECHO_BENCH_DURATION');
  await using server = await startServer({ env: { ECHO_PORT: "tcp://10.0.0.7:9090", ECHO_MESSAGE: "?" } });
  assertStringIncludes(await server.logged(/ECHO_PORT/), "passed over");
});

Deno.test("with --json an error is one object on standard error", async () => {
  const { code, stdout, stderr } = await runTool("echo-client", ["--json", "-m", "hi", `127.0.0.1:${freePort()}`]);
  const { error } = JSON.parse(stderr);
  assertEquals([code, stdout, error.code, error.exit], [69, "", "refused", 69]);
  assertStringIncludes(error.message, "nothing listens there");
});

Deno.test("a configuration file is found by XDG, and may hold options of other commands", async () => {
  using home = tempDir();
  Deno.mkdirSync(home.at("echo-client"));
  Deno.writeTextFileSync(home.at("echo-client", "config.toml"), 'port = 1\ntimeout = "2s"\ncount = 3\n');
  const { code, stderr } = await runTool("echo-client", ["-m", "x"], { env: { XDG_CONFIG_HOME: home.path } });
  assertEquals(code, 69);
  assertStringIncludes(stderr, "127.0.0.1:1");
});

Deno.test("a wrong file of XDG stops neither help, version nor documentation, and what it says is told", async () => {
  using home = tempDir();
  Deno.mkdirSync(home.at("echo-client"));
  Deno.writeTextFileSync(home.at("echo-client", "config.toml"), "help = true\n");
  const env = { XDG_CONFIG_HOME: home.path };
  for (const args of [["--version"], ["bench", "--help"], ["help"], ["docs", "client"], ["completions", "bash"]]) {
    const { code, stderr } = await runTool("echo-client", args, { env });
    assertEquals([code, stderr], [0, ""], args.join(" "));
  }
  const { code, stderr } = await runTool("echo-client", ["-m", "x"], { env });
  assertEquals(code, 78);
  assertStringIncludes(stderr, "line 1, column 1: help belongs on the command line");
});

Deno.test("standard input is read where a file is named, whatever it is called; /dev/null is an empty file", async () => {
  await using server = await startServer();
  const config = { stdin: `port = ${server.port}\n` };
  for (const name of ["-", "/dev/stdin", "/dev/fd/0"]) {
    const { code, stdout } = await runTool("echo-client", ["--config", name, "-m", "hi"], config);
    assertEquals([code, stdout], [0, "hi\n"], name);
    const sent = await runTool("echo-client", ["-p", `${server.port}`, "-m", `@${name}`], { stdin: "a\nb" });
    assertEquals([sent.code, sent.stdout], [0, "a\nb\n"], name);
  }
  const { code } = await runTool("echo-client", ["--config", "/dev/null", "-p", `${server.port}`, "-m", "hi"]);
  assertEquals(code, 0);
});

Deno.test("echo-server --check-config tells whether it could start, and opens no port", async () => {
  using dir = tempDir();
  const fine = await runTool("echo-server", ["--check-config", "--data", dir.at("data")]);
  assertEquals([fine.code, fine.stdout], [0, "The configuration can be used.\n"]);
  const wrong = await runTool("echo-server", ["--check-config", "--tls-cert", dir.at("no"), "--tls-key", dir.at("no")]);
  assertEquals([wrong.code, wrong.stdout], [78, ""]);
  assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
});

Deno.test("looking at users makes no folder; a new database is told; nothing is removed by --dry-run", async () => {
  using parent = tempDir();
  const data = parent.at("data");
  const run = async (...words: string[]) =>
    await runTool("echo-server", [...words, "--data", data], { stdin: "correct horse\n" });
  assertEquals((await run("users", "list")).code, 0);
  assertEquals((await run("users", "remove", "Anna")).code, 78);
  const invited = await run("users", "invite", "--dry-run", "--count", "3");
  assertEquals([invited.code, invited.stdout], [0, "Invitations that would be made: 3.\n"]);
  assertEquals(Array.from(Deno.readDirSync(parent.path)), []);
  assertStringIncludes((await run("users", "add", "Anna")).stderr, "a new one is made");
  const dry = await run("users", "remove", "--dry-run", "Anna");
  assertEquals([dry.code, dry.stdout], [0, "Would remove: user Anna.\n"]);
  assertStringIncludes((await run("users", "list")).stdout, "Anna");
  assertEquals((await run("users", "remove", "--yes", "Anna")).stdout, "Removed Anna; all sessions have ended.\n");
});

Deno.test("- stands for standard output wherever a file is written", async () => {
  await using server = await startServer();
  const html = await runTool("echo-client", [
    "bench",
    "-d",
    "100ms",
    "--warmup",
    "0s",
    "--no-floor",
    "--html",
    "-",
    `:${server.port}`,
  ]);
  assertMatch(html.stdout, /<!doctype html>/i);
  const log = await startServer({ args: ["--log", "-"] });
  // The first line that it prints is one of the log: it may be stopped before it listens.
  assertMatch(log.announced, /INFO .*server starts/);
  await log.stop();
});

Deno.test("echo-client wait ends when a server listens, and with 75 when none comes", async () => {
  const port = freePort();
  const waiting = runTool("echo-client", ["wait", "--timeout", "20s", `127.0.0.1:${port}`]);
  await using _server = await startServer({ port });
  const { code, stderr } = await waiting;
  assertEquals(code, 0);
  assertMatch(stderr, new RegExp(`127\\.0\\.0\\.1:${port} takes connections after \\d+ ms`));
  const closed = `127.0.0.1:${freePort()}`;
  const vain = await runTool("echo-client", ["wait", "--lang", "en", "--timeout", "200ms", closed]);
  assertEquals(vain.code, 75);
  assertMatch(vain.stderr, new RegExp(`Cannot connect to ${closed} within 200 ms .*: nothing listens there\\.`));
});

Deno.test("both tools have their documentation in themselves, in both languages", async () => {
  for (const tool of ["echo-server", "echo-client"] as const) {
    assertMatch((await runTool(tool, ["docs"])).stdout, /^task-7 +Task 7\. /m);
    assertMatch((await runTool(tool, ["docs", "task-7", "--lang", "ru"])).stdout, /^# Задание 7\. /);
    assertMatch((await runTool(tool, ["docs", "protocol"])).stdout, /^# Protocol/);
  }
});

Deno.test("-q keeps a server's and a client's talk to themselves", async () => {
  using data = tempDir();
  const child = new Deno.Command(toolPath("echo-server"), {
    args: ["-q", "--no-input", "--port", "0", "--data", data.path, "--port-file", data.at("port")],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const watcher = Deno.watchFs(data.path);
  for await (const { paths } of watcher) if (paths.some((path) => path.endsWith("/port"))) break;
  child.kill("SIGTERM");
  const { stdout, stderr } = await child.output();
  assertEquals([stdout.length, stderr.length], [0, 0]);
});

Deno.test({
  name: "completions bash completes commands, options and values",
  ignore: !isInstalled("bash"),
  fn: async () => {
    const { stdout: script } = await runTool("echo-client", ["completions", "bash"]);
    const complete = async (...words: string[]): Promise<string[]> => {
      const call = `${script}\nCOMP_WORDS=(echo-client ${words.map((word) => `'${word}'`).join(" ")})\n` +
        `COMP_CWORD=${words.length}\n_echo_client\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = await runProgram("bash", ["--norc", "-c", call]);
      assertEquals(stderr, "");
      return stdout.split("\n").filter(Boolean);
    };
    assertEquals(await complete("be"), ["bench"]);
    assertEquals(await complete("bench", "--thr"), ["--threads"]);
    assertEquals(await complete("--mode", ""), ["echo", "identify", "auth"]);
    assertEquals(await complete("bench", "--regi"), []);
    assertEquals(await complete("bench", "--framing", "=", "net"), ["netstring"]);
    assertEquals(await complete("--color", "="), ["auto", "always", "never"]);
    assertEquals(await complete("help", "be"), ["bench"]);
    assertEquals(await complete("completions", ""), ["bash", "zsh", "fish"]);
    assertEquals(await complete("docs", "question-1"), ["question-1"]);
    const { stdout: server } = await runTool("echo-server", ["completions", "bash"]);
    const nested = `${server}\nCOMP_WORDS=(echo-server users pa)\nCOMP_CWORD=2\n_echo_server\necho "\${COMPREPLY[@]}"`;
    assertEquals((await runProgram("bash", ["--norc", "-c", nested])).stdout, "passwd\n");
  },
});

Deno.test({
  name: "completions zsh: one tool's script leaves the other's alone",
  ignore: !isInstalled("zsh"),
  fn: async () => {
    using home = tempDir();
    const [client, server] = await Promise.all(
      (["echo-client", "echo-server"] as const).map((tool) => runTool(tool, ["completions", "zsh"])),
    );
    const call = `autoload -U compinit && compinit -u -d ${home.at("dump")}\n${client?.stdout}${server?.stdout}` +
      'print -l "$_comps[echo-client]" "$_comps[echo-server]"';
    const { stdout, stderr } = await runProgram("zsh", ["-f", "-c", call]);
    const by = (name: string): string => `_bash_complete -o default -F ${name}\n`;
    assertEquals([stdout, stderr], [by("_echo_client") + by("_echo_server"), ""]);
  },
});

Deno.test("-m @FILE sends a file's bytes, --hex bytes by their digits, --output prints them so", async () => {
  await using server = await startServer();
  using dir = tempDir();
  Deno.writeFileSync(dir.at("bytes"), Uint8Array.of(0, 10, 255));
  const at = `:${server.port}`;
  const said = async (args: readonly string[], stdin = ""): Promise<string> => {
    const { code, stdout, stderr } = await runTool("echo-client", [...args, at], { stdin });
    assertEquals([code, stderr], [0, ""]);
    return stdout;
  };
  assertEquals(await said(["-m", `@${dir.at("bytes")}`, "--output", "hex"]), "00 0a ff\n");
  assertEquals(await said(["--hex", "-m", "de:ad BEEF", "--output=hex"]), "de ad be ef\n");
  assertEquals(await said(["--hex", "--output", "raw"], "68 69\n6f\n"), "hio");
  assertEquals(await said(["-m", "@@home"]), "@home\n");
  assertEquals(await said(["-m", "@-"], "one\ntwo\n"), "one\ntwo\n\n");
  assertEquals(JSON.parse(await said(["-m", "x", "--output", "json"])).text, "x");
  const wrong = await runTool("echo-client", ["--hex", "-m", "xyz", at]);
  assertEquals([wrong.code, wrong.stdout], [64, ""]);
  assertStringIncludes(wrong.stderr, "write pairs of hexadecimal digits");
});

for (const framing of ["u64", "varint", "u32incl", "crlf", "until:\\x1e", "dec:64"]) {
  Deno.test(`server and client speak --framing ${framing}`, async () => {
    await using server = await startServer({ args: ["--framing", framing] });
    const args = ["--framing", framing, "-m", "привет", "-m", "x".repeat(300), `:${server.port}`];
    const { code, stdout } = await runTool("echo-client", args);
    assertEquals([code, stdout], [0, `привет\n${"x".repeat(300)}\n`]);
  });
}
