import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { CheckReport, CheckStatus, Finding } from "../../lib/commands/grading/model.ts";
import { CHECK_IDS } from "../../lib/commands/check_server/ids.ts";
import { Program } from "../../lib/commands/check_server/program.ts";
import { type CheckResult, type CheckSpec, examine } from "../../lib/commands/check_server/run.ts";
import { eachOf, idsOf, PYTHON, workplaceOf } from "../support/lab.ts";
import { inRepository } from "../support/repository.ts";
import { isLong, someOf } from "../support/long.ts";
import { freePorts, reservePort } from "../support/ports.ts";
import { hasPython, python } from "../support/python.ts";
import { isInstalled, runTool, startServer, tempDir, toolPath, until } from "../support/tools.ts";

/** Steps run side by side. */
const TOGETHER = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

const FRAMINGS = ["u8", "u16", "u16le", "u32", "u32le", "dec:4", "dec:10", "hex:4", "netstring", "line", "raw"];
const MODES = ["echo", "identify", "auth"];

/** What is examined of them in any run. */
const SOME = ["u32 auth", "dec:4 identify", "line echo", "raw auth"];

/**
 * Framings that cannot be told from `raw`, since this server returns bytes before a frame has ended; and `raw` itself,
 * which with a dialogue is spoken in lines.
 */
const ALIKE: Readonly<Record<string, string>> = {
  "u8 echo": "raw",
  "line echo": "raw",
  "raw identify": "line",
  "raw auth": "line",
};

/** Runs the grader; the report, and how it ended. */
async function check(...args: readonly string[]): Promise<CheckReport & { readonly code: number }> {
  const { code, stdout, stderr } = await runTool("echo-client", ["check", "--json", ...args]);
  assert(stdout !== "", stderr);
  return { ...JSON.parse(stdout), code };
}

function finding(report: CheckReport, id: string): Finding {
  const found = report.checks.find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no finding ${id}`);
  return found;
}

/** The examination within this process: what the command line adds is seen in the other tests. */
async function examined(port: number, spec: Partial<CheckSpec>): Promise<CheckResult> {
  return await examine({
    target: { transport: "tcp", host: "127.0.0.1", port },
    signal: new AbortController().signal,
    dialogue: { name: "Checker", password: "correct horse" },
    ...spec,
  });
}

Deno.test("echo-client check finds out the framing of echo-server and passes it, in every framing and mode", async (t) => {
  // A dialogue in frames is the same in all framings; without frames it differs.
  const cases = FRAMINGS.flatMap((framing) =>
    ["u32", "dec:4", "line", "raw"].includes(framing)
      ? MODES.map((mode) => ({ framing, mode }))
      : [{ framing, mode: "echo" }]
  );
  const some = isLong ? cases : cases.filter(({ framing, mode }) => SOME.includes(`${framing} ${mode}`));
  await eachOf(some, 6, async ({ framing, mode }) => {
    await t.step({
      name: `${framing} ${mode}`,
      ...TOGETHER,
      async fn() {
        await using server = await startServer({ args: ["--framing", framing, "--mode", mode] });
        // To watch the process takes a second: of one framing it is enough.
        const watched = framing === "u32" ? ["no-spin", "no-leak"] : [];
        const target = { transport: "tcp", host: "127.0.0.1", port: server.port } as const;
        const program = watched.length > 0 ? { program: Program.attached(server.pid, target) } : {};
        const found = await examined(server.port, { folder: server.data, ...program });
        const ended = (status: CheckStatus): string[] =>
          found.observations.filter((one) => one.status === status).map(({ id }) => id);
        assertEquals(ended("failed"), [], JSON.stringify(found.observations, undefined, 1));
        const alike = ALIKE[`${framing} ${mode}`] ?? framing;
        assertEquals(found.framing?.name, alike);
        const passed = [
          ...["leave-close", "leave-reset", "many-messages", "many-clients", "emoji", ...watched],
          ...alike === "raw" ? [] : ["byte-lengths", "split-utf8", "merged-frames"],
          ...mode === "identify" ? ["knows-client"] : [],
          ...mode === "auth" ? ["right-password", "wrong-password", "password-not-plain", "token"] : [],
        ];
        for (const id of passed) assert(ended("passed").includes(id), id);
      },
    });
  });
});

Deno.test("echo-client check waits for a greeting that is late, and does not take it for the echo of a question", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const greet = async (conn: Deno.Conn): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await conn.write(new TextEncoder().encode("0024Hello! What's your name?")).catch(() => 0);
    await conn.read(new Uint8Array(1000)).catch(() => null);
    conn.close();
  };
  const serving = (async (): Promise<void> => {
    const greeted: Promise<void>[] = [];
    try {
      for (;;) greeted.push(greet(await listener.accept()));
    } catch {
      // The test has closed it.
    }
    await Promise.all(greeted);
  })();
  const found = await examined(listener.addr.port, {});
  assertEquals(found.framing?.name, "dec:4", JSON.stringify(found.notes));
  listener.close();
  await serving;
});

Deno.test("echo-client check --framing is believed", async () => {
  await using server = await startServer({ args: ["--framing", "u8"] });
  const found = await check(`:${server.port}`, "--framing", "u8");
  assertEquals([found.framing, found.code], ["u8", 0]);
  assertEquals(finding(found, "byte-lengths").status, "passed");
  assertMatch(finding(found, "split-header").diagnosis, /no header that could be split/);
});

Deno.test("echo-client check starts echo-server itself, and sees log, console and ports", async () => {
  using dir = tempDir();
  const port = freePorts().next().value;
  const command = `${toolPath("echo-server")} --no-input --data . --port ${port}`;
  const found = await check(`:${port}`, "--command", command, "--dir", dir.path);
  assertEquals([idsOf(found, "failed"), found.code], [[], 0], JSON.stringify(found, undefined, 1));
  const passed = idsOf(found, "passed");
  for (const id of ["log-file", "quiet-console", "port-fallback", "port-printed", "no-spin", "no-leak"]) {
    assert(passed.includes(id), id);
  }
  assertEquals(finding(found, "log-file").received, "echo-server.log");
});

Deno.test({
  name: "echo-client check resets connections to a server that it has started",
  ignore: !hasPython,
  async fn() {
    using place = workplaceOf(["dies_on_reset.py", "base.py"].map((file) => inRepository(`tests/lab/broken/${file}`)));
    const command = `exec ${PYTHON.join(" ")} dies_on_reset.py`;
    const found = await check(`:${place.port}`, "--command", command, "--dir", place.dir.path, "--tasks", "1");
    assertEquals([idsOf(found, "failed"), found.code], [["leave-reset"], 10], JSON.stringify(found, undefined, 1));
  },
});

const SOCKETSERVER = `
import socketserver, sys

class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1024):
            self.request.sendall(data)

class Once(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(self.request.recv(1024).strip().upper())

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass

with Server(("127.0.0.1", int(sys.argv[1])), Once if "once" in sys.argv else Handler) as server:
    server.serve_forever()
`;

/** A server of others; what is found in it, and what may be. */
interface Other {
  readonly name: string;
  readonly needs: string;
  readonly command: (port: number) => string;
  readonly failed: readonly string[];
  readonly chance?: readonly string[];
}

const OTHERS: readonly Other[] = [
  {
    name: "Python's socketserver",
    needs: "python3",
    command: (port) => `exec ${PYTHON.join(" ")} server.py ${port}`,
    // Nothing is logged, nothing printed, and a busy port ends it: that is what tasks 3 and 4 are about.
    failed: ["log-file", "port-fallback", "port-printed"],
  },
  {
    name: "Python's socketserver, one answer a connection, in capitals",
    needs: "python3",
    command: (port) => `exec ${PYTHON.join(" ")} server.py ${port} once`,
    failed: ["log-file", "port-fallback", "port-printed", "many-messages"],
  },
  {
    name: "socat",
    needs: "socat",
    command: (port) => `exec socat TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork EXEC:cat`,
    failed: ["log-file", "port-fallback", "port-printed"],
  },
  {
    name: "ncat",
    needs: "ncat",
    command: (port) => `exec ncat -l -k 127.0.0.1 ${port} -e /bin/cat`,
    failed: ["log-file", "port-fallback", "port-printed"],
    // It ends at the client's FIN, and then loses what cat has not answered yet; and while it writes to cat it does not read
    // from it: of 1 MB sent at once, 5 of 12 clients got 57,344 bytes back and nothing more.
    chance: ["leave-half-close", "large-frame"],
  },
];

Deno.test("echo-client check examines servers of others", async (t) => {
  await eachOf(someOf(OTHERS, 2), 4, async ({ name, needs, command, failed, chance = [] }) => {
    await t.step({
      name,
      ignore: !isInstalled(needs),
      ...TOGETHER,
      async fn() {
        using dir = tempDir();
        Deno.writeTextFileSync(dir.at("server.py"), SOCKETSERVER);
        using reserved = reservePort();
        const { port } = reserved;
        const found = await check(`:${port}`, "--command", command(port), "--dir", dir.path);
        const certain = idsOf(found, "failed").filter((id) => !chance.includes(id));
        assertEquals([found.framing, certain, found.code], ["raw", failed, 10], JSON.stringify(found));
      },
    });
  });
});

/** A server in free text, in Russian, over `raw`. */
const RUSSIAN = `
import hashlib, json, os, socket, threading

def load():
    return json.load(open("users.json")) if os.path.exists("users.json") else {}
def digest(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), 100000).hex()
def fits(name, password):
    users = load()
    if name not in users:
        salt = os.urandom(16).hex()
        users[name] = [salt, digest(password, salt)]
        json.dump(users, open("users.json", "w"))
    salt, kept = users[name]
    return digest(password, salt) == kept
def client(conn):
    with conn:
        conn.sendall("Введите имя: ".encode())
        name = conn.recv(1024).decode().strip()
        conn.sendall("Введите пароль: ".encode())
        password = conn.recv(1024).decode().strip()
        if not fits(name, password):
            conn.sendall("Пароль не подошёл\\n".encode())
            return
        conn.sendall(f"Здравствуйте, {name}\\n".encode())
        while data := conn.recv(1024):
            conn.sendall("Эхо: ".encode() + data)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=client, args=(listener.accept()[0],), daemon=True).start()
`;

Deno.test({
  name: "echo-client check logs in where questions are asked in Russian, and accepts an echo that says so",
  ignore: !hasPython,
  async fn() {
    using dir = tempDir();
    Deno.writeTextFileSync(dir.at("server.py"), RUSSIAN);
    const found = await check(
      "--command",
      `exec ${PYTHON.join(" ")} server.py`,
      "--dir",
      dir.path,
      "--tasks",
      "1,6,8",
      "--lang",
      "ru",
    );
    assertEquals([idsOf(found, "failed"), found.code], [[], 0], JSON.stringify(found, undefined, 1));
    const passed = idsOf(found, "passed");
    for (const id of ["right-password", "wrong-password", "password-not-plain", "leave-reset", "many-clients"]) {
      assert(passed.includes(id), id);
    }
    assert(found.notes?.some((note) => note.includes("«Эхо: »")), JSON.stringify(found.notes));
    assertEquals(finding(found, "token").status, "skipped");
  },
});

Deno.test("echo-client check tells a server that never answers", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const conn of listener) void conn.readable.pipeTo(new WritableStream()).catch(() => {});
  })();
  const found = await check(`:${listener.addr.port}`, "--framing", "dec:4", "--tasks", "7,8");
  assertEquals([idsOf(found, "failed"), found.code], [["many-messages"], 10]);
  assertMatch(finding(found, "many-messages").diagnosis, /is that the server's framing/);
  listener.close();
  await serving;
});

Deno.test({
  name: "echo-client check tells a server that never answers, whatever it is asked, and that runs already",
  ignore: !hasPython,
  async fn() {
    const code =
      "import socket, threading; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)\n" +
      "while True: threading.Thread(target=s.accept()[0].makefile('rb').read, daemon=True).start()";
    const server = new Deno.Command(python(), { args: ["-c", code], stdout: "piped" }).spawn();
    const reader = server.stdout.getReader();
    const port = Number(new TextDecoder().decode((await reader.read()).value));
    const program = Program.attached(server.pid, { transport: "tcp", host: "127.0.0.1", port });
    const { observations } = await examined(port, { program, tasks: [8] });
    server.kill();
    await reader.cancel();
    await server.status;
    const statuses = observations.map(({ id, status }) => `${id} ${status}`);
    assertEquals(statuses, ["many-messages failed", "many-clients skipped", "exit-word skipped"]);
  },
});

Deno.test("echo-client check writes a report for people, in either language, and JUnit's", async () => {
  await using server = await startServer();
  using dir = tempDir();
  const args = ["check", `127.0.0.1:${server.port}`, "--framing", "u32"];
  const en = await runTool("echo-client", [...args, "--junit", dir.at("report.xml")]);
  assertEquals([en.code, en.stderr], [0, ""]);
  assertStringIncludes(en.stdout, `127.0.0.1:${server.port}, framing u32\n`);
  assertMatch(en.stdout, /^Task 7$/m);
  assertMatch(en.stdout, /✓ split-header +the header comes in single bytes$/m);
  assertMatch(en.stdout, /passed \d+ · failed 0 · not examined \d+\n$/);
  const xml = Deno.readTextFileSync(dir.at("report.xml"));
  assertStringIncludes(xml, `<testsuites name="echo-client check" tests="${CHECK_IDS.length}" failures="0"`);
  assertEquals(xml.match(/<testcase /g)?.length, CHECK_IDS.length);
  const ru = await runTool("echo-client", [...args, "--lang", "ru", "--tasks", "7"]);
  assertEquals([ru.code, ru.stderr], [0, ""]);
  assertMatch(ru.stdout, /^Задание 7$/m);
  assertMatch(ru.stdout, /не пройдено 0/);
  // A file that cannot be written is told before the examination, which takes its time.
  const none = await runTool("echo-client", [...args, "--tasks", "7", "--junit", dir.at("none", "x")]);
  assertEquals([none.code, none.stdout], [73, ""]);
});

Deno.test("echo-client check has the exit codes of the other commands", async () => {
  const [port] = freePorts();
  const codes: readonly (readonly [readonly string[], number])[] = [
    [[`127.0.0.1:${port}`], 69],
    [["--command", "exit 3", "--timeout", "5s"], 69],
    [["--tasks", "9", ":1"], 64],
    [["--tasks", "", ":1"], 64],
    [["--dir", fromFileUrl(import.meta.url), ":1"], 64],
    [["--pid", "1", "--command", "true", ":1"], 64],
    // Above the greatest number Linux gives a process.
    [["--pid", "99999999", ":1"], 64],
    [["a", "b"], 64],
    [["--help"], 0],
  ];
  await eachOf(codes, 4, async ([args, expected]) => {
    const { code, stderr } = await runTool("echo-client", ["check", ...args]);
    assertEquals(code, expected, `${args.join(" ")}: ${stderr}`);
  });
});

Deno.test({
  name: "echo-client check keeps its time limit, and ends what it has started: also after Ctrl-C",
  ignore: Deno.build.os === "windows",
  async fn() {
    const cases = [[["--timeout", "1s"], undefined, 69], [[], "SIGINT", 130]] as const;
    await eachOf(cases, 2, async ([args, signal, expected]) => {
      using dir = tempDir();
      // It starts another program, ignores SIGTERM, and never listens.
      const command = `trap '' TERM; sleep 1000 & echo $! > pid; wait`;
      const child = new Deno.Command(toolPath("echo-client"), {
        args: ["check", "--command", command, "--dir", dir.path, ...args],
        stdout: "null",
        stderr: "null",
      }).spawn();
      const pid = await until(() => pidIn(dir.at("pid")), "the server's child");
      if (signal !== undefined) child.kill(signal);
      assertEquals((await child.status).code, expected);
      await until(() => isAlive(pid) ? undefined : true, "the end of the server's child");
    });
  },
});

function pidIn(path: string): number | undefined {
  try {
    return Number(Deno.readTextFileSync(path)) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    // SIGCONT does nothing to a process that runs.
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}
