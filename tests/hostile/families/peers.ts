/**
 * Families in which the other side is hostile: servers that the client meets, and students' programs under the graders.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { concat, utf8 } from "../../../lib/base/bytes.ts";
import { delay } from "../../../lib/base/delay.ts";
import { encodeText } from "../../../lib/protocol/commands.ts";
import { fakeServer as fakeLogin, FAULTS } from "../../support/auth_fake_server.ts";
import { fakeServer, swallow } from "../../support/fake_server.ts";
import { PYTHON } from "../../support/lab.ts";
import { dial, frame, writeAll } from "../../support/net.ts";
import { reservePort } from "../../support/ports.ts";
import { hasPython } from "../../support/python.ts";
import { until } from "../../support/tools.ts";
import type { Kit, ToolResult } from "../kit.ts";
import type { Family, SuiteCase } from "../suite.ts";

const MIB = 1024 * 1024;

// Servers -----------------------------------------------------------------------------------------------------------

type Serve = (conn: Deno.TcpConn) => Promise<void>;

/** Sends the same bytes until the client leaves. */
const endless = (bytes: Uint8Array): Serve => async (conn) => {
  for (;;) await writeAll(conn, bytes);
};

/** Sends bytes, then reads on. */
const says = (bytes: Uint8Array | string): Serve => async (conn) => {
  await writeAll(conn, typeof bytes === "string" ? utf8(bytes) : bytes);
  await swallow(conn);
};

/** Answers each frame, or the connection itself, with the same frame. */
const answers = (text: string): Serve => async (conn) => {
  await writeAll(conn, frame(text));
  const buffer = new Uint8Array(65536);
  while (await conn.read(buffer) !== null) await writeAll(conn, frame(text));
};

/** Does something with what it reads. */
const returns = (change: (bytes: Uint8Array) => Uint8Array): Serve => async (conn) => {
  const buffer = new Uint8Array(65536);
  for (let size = await conn.read(buffer); size !== null; size = await conn.read(buffer)) {
    await writeAll(conn, change(buffer.slice(0, size)));
  }
};

const SERVERS: readonly (readonly [string, Serve])[] = [
  ["closes at once", () => Promise.resolve()],
  ["is silent", swallow],
  ["sends zeros without end", endless(new Uint8Array(65536))],
  ["sends 0xFF without end", endless(new Uint8Array(65536).fill(255))],
  ["sends frames without end", endless(concat(...Array.from({ length: 1000 }, () => frame("x".repeat(60)))))],
  ["sends letters without end and no line end", endless(new Uint8Array(65536).fill(0x78))],
  ["sends a frame of 1 MiB again and again", endless(frame(new Uint8Array(MIB).fill(0x79)))],
  ["sends greetings without end", endless(frame("331 What is your name?"))],
  ["announces 4 GiB", says(Uint8Array.of(0xff, 0xff, 0xff, 0xff))],
  ["announces 1 MiB and falls silent", says(Uint8Array.of(0, 16, 0, 0))],
  ["greets with 1 MiB", says(frame(`331 ${"x".repeat(MIB - 10)}`))],
  ["greets with 50,000 tags", says(frame(`331 ${"[A b] ".repeat(50_000)}What?`))],
  ["greets with a tag without end", says(frame(`331 [AUTH ${"SCRAM-SHA-256 ".repeat(20_000)}`))],
  ["greets with brackets", says(frame(`331 ${"[".repeat(500_000)}`))],
  ["greets with escapes", says(frame("331 \u001b[2J\u001b]0;owned\u0007What is your name?"))],
  ["asks for a name again and again", answers("331 What is your name?")],
  ["says 334 to all", answers("334 cj14")],
  ["says 501 to all", answers("501 \u001b[31mNo. What is your name?")],
  ["says 530 to all", answers("530 Log-in incorrect. What is your name?")],
  ["says 235 to all", answers("235 Welcome")],
  ["says 999 to all", answers("999 What?")],
  ["says that it is full", answers("421 [BUSY] Too many")],
  ["speaks HTTP", says("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")],
  ["speaks SSH", says("SSH-2.0-OpenSSH_9.6\r\n")],
  ["sends an alert of TLS", says(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40))],
  ["sends one byte every 100 ms", async (conn) => {
    for (;;) await writeAll(conn, Uint8Array.of(0)), await delay(100);
  }],
  ["returns one bit wrong", returns((bytes) => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1))],
  ["returns everything twice", returns((bytes) => concat(bytes, bytes))],
  ["returns it backwards", returns((bytes) => bytes.toReversed())],
  ["returns half of it", returns((bytes) => bytes.subarray(0, bytes.length >> 1))],
  ["returns escapes", returns(() => frame("\u001b[2J\u001b]0;owned\u0007"))],
  ["resets after the first bytes", async (conn) => {
    await conn.read(new Uint8Array(1));
  }],
];

/** What the client is told to do with each of them. */
const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ["message", ["--timeout", "1s", "-m", "hello"]],
  ["log-in", ["login", "--timeout", "1s", "--mode", "auth", "-u", "anna", "--password-stdin"]],
  ["ping", ["ping", "--timeout", "1s", "-c", "1", "--mode", "echo"]],
  ["bench", ["bench", "--timeout", "1s", "-n", "20", "--mode", "echo", "--no-floor"]],
];

const HOSTILE_SERVERS: readonly SuiteCase[] = [
  ...SERVERS.flatMap(([name, serve]) =>
    COMMANDS.map(([command, args]): SuiteCase => ({
      name: `${command}, and a server that ${name}`,
      time: 60_000,
      run: async (kit) => {
        await using server = fakeServer(serve);
        const result = await kit.run("echo-client", [...args, `127.0.0.1:${server.port}`], {
          stdin: "correct horse battery staple\n",
          // A log-in waits longer for an answer: servers make those wait who guess.
          time: command === "log-in" ? 40_000 : 15_000,
        });
        // The reply itself goes to a pipe as it is, whatever it is.
        assertHarmless(command === "message" ? { ...result, stdout: "", written: result.stderr.length } : result);
        assert(command !== "log-in" || result.code !== 0, "a log-in in which nobody proved anything");
      },
    }))
  ),
  ...FAULTS.map((fault): SuiteCase => ({
    name: `log-in, and a server that ${fault}`,
    run: async (kit) => {
      await using server = fakeLogin(fault);
      const args = ["login", "--timeout", "2s", "--mode", "auth", "-u", "anna", "--password-stdin"];
      const result = await kit.run("echo-client", [...args, `127.0.0.1:${server.port}`], {
        stdin: "correct horse battery staple\n",
      });
      assertHarmless(result);
      assert(result.code !== 0, "logged in");
      assert(!server.received.join("\n").includes("correct horse"), "the password was sent");
    },
  })),
  ...([1, 4095, 2_000_001, 4_294_967_296] as const).map((rounds): SuiteCase => ({
    name: `log-in, and a server that asks for ${rounds} rounds`,
    run: async (kit) => {
      await using server = fakeServer(async (conn) => {
        await writeAll(conn, frame("331 [AUTH SCRAM-SHA-256] What is your name?"));
        const buffer = new Uint8Array(4096);
        const size = await conn.read(buffer) ?? 0;
        const first = atob(new TextDecoder().decode(buffer.subarray(4, size)).split(" ")[2] ?? "");
        const nonce = /r=([^,]+)/.exec(first)?.[1];
        await writeAll(conn, frame(`334 ${encodeText(`r=${nonce}x,s=${btoa("0123456789abcdef")},i=${rounds}`)}`));
        await swallow(conn);
      });
      const args = ["login", "--timeout", "2s", "-u", "anna", "--password-stdin", `127.0.0.1:${server.port}`];
      const result = await kit.run("echo-client", args, { stdin: "correct horse battery staple\n" });
      assertHarmless(result);
      assert(result.code !== 0);
    },
  })),
];

/** Whatever a peer does, the tool ends with an exit code that it documents, and lets no escape sequence through. */
function assertHarmless({ code, stdout, stderr, written }: ToolResult): void {
  assert([0, 10, 64, 65, 69, 75, 76, 77].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
  assert(!hasControls(stdout + stderr), "control characters on the terminal");
  assert(!/^\s+at .*:\d+/m.test(stderr), `a stack trace: ${stderr.slice(0, 300)}`);
  assert(written < 64 * 1024, `it wrote ${written} bytes`);
}

// explain between two of them ---------------------------------------------------------------------------------------

/** How long the client of a case goes on, in ms. */
const TALK = 500;

/** Clients, by what they do to whoever they are connected to. */
const CLIENTS: readonly (readonly [string, Serve])[] = [
  ["is silent", () => delay(TALK)],
  ["ends its side at once", async (conn) => {
    await conn.closeWrite();
    await delay(TALK);
  }],
  ["sends random bytes without end", async (conn) => {
    const bytes = crypto.getRandomValues(new Uint8Array(65536));
    for (const end = performance.now() + TALK; performance.now() < end;) await writeAll(conn, bytes);
  }],
  ["sends odd log-ins", async (conn) => {
    const texts = ["anna", SECRET, `auth token es1.${SECRET}`, btoa(SECRET)];
    for (let times = 0; times < 100; times++) await writeAll(conn, concat(...texts.map((text) => frame(text))));
    await delay(TALK);
  }],
  ["resets in the middle of a frame", async (conn) => {
    await writeAll(conn, frame(SECRET).subarray(0, 10));
    await delay(TALK / 5);
  }],
];

/** What the client says to a server that asks for it. */
const SECRET = "correct-horse-battery";

/** Servers that send without end take what a client says, too: otherwise it would be theirs to end. */
const TALKERS: typeof SERVERS = SERVERS.map(([name, serve]) => [
  name,
  /^sends .*(?:without end|again and again)/.test(name)
    ? async (conn): Promise<void> => void await Promise.all([serve(conn), swallow(conn)])
    : serve,
]);

const BETWEEN: readonly SuiteCase[] = [
  ...TALKERS.filter(([name]) => !/^asks .*again|one bit|backwards|half of it|speaks|100 ms/.test(name))
    .flatMap(([serverName, serve]) =>
      CLIENTS.map(([clientName, talk]): SuiteCase => ({
        name: `a server that ${serverName}, and a client that ${clientName}`,
        run: (kit) => between(kit, { serve, talk, framing: "auto", time: 2 * TALK }),
      }))
    ),
  // A read may hold 64 Ki frames of them, and each is told of.
  ...([["u8", 0], ["u16", 0], ["line", 10]] as const).map(([framing, byte]): SuiteCase => ({
    name: `a server that sends empty frames of ${framing} without end, and a client that takes them`,
    run: (kit) => {
      const [serve, time] = [endless(new Uint8Array(65536).fill(byte)), 6000];
      return between(kit, { serve, talk: () => delay(time), framing, time });
    },
  })),
];

/** Has `explain` stand between both for at most `time` ms. */
async function between(
  kit: Kit,
  { serve, talk, framing, time }: {
    readonly serve: Serve;
    readonly talk: Serve;
    readonly framing: string;
    readonly time: number;
  },
): Promise<void> {
  await using server = fakeServer(serve);
  using reserved = reservePort();
  const { port } = reserved;
  const args = ["explain", "--json", "--framing", framing, "--count", "1", "--listen", `${port}`];
  const explained = kit.run("echo-client", [...args, "--timeout", "1s", `127.0.0.1:${server.port}`]);
  const talked = (async (): Promise<void> => {
    const conn = await until(() => dial(port).catch(() => undefined), "explain");
    const read = swallow(conn).catch(() => {/* it is closed below */});
    await Promise.race([talk(conn).catch(() => {/* the server has left */}), delay(time)]);
    conn.close();
    await read;
  })();
  const { code, stdout, stderr } = await explained;
  await talked;
  assert([0, 69].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
  assert(!hasControls(stderr), "control characters on the terminal");
  assert(!/"failed"|^\s+at .*:\d+/m.test(stdout.slice(0, 100_000) + stderr), "it failed");
}

// Programs under the graders ----------------------------------------------------------------------------------------

/** Longest time of an examination. */
const TIME = 6;

const LISTEN = `
import os, signal, socket, subprocess, sys, threading, time
port = int(sys.argv[1])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen(50)
def echo(conn):
    try:
        while data := conn.recv(65536): conn.sendall(data)
    except OSError: pass
    conn.close()
def serve():
    while True:
        threading.Thread(target=echo, args=[listener.accept()[0]], daemon=True).start()
`;

/** Servers of students. */
const SERVER_PROGRAMS: readonly (readonly [string, string])[] = [
  ["ends at once", "import sys; sys.exit(3)"],
  ["never listens", "import time; time.sleep(600)"],
  ["never listens and spins", "while True: pass"],
  ["ignores SIGTERM", `${LISTEN}\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nserve()`],
  [
    "prints without end",
    `${LISTEN}\nthreading.Thread(target=serve, daemon=True).start()\nwhile True: sys.stdout.write("x" * 65536)`,
  ],
  [
    "prints to standard error without end",
    `${LISTEN}\nthreading.Thread(target=serve, daemon=True).start()\nwhile True: sys.stderr.write("x" * 65536)`,
  ],
  [
    "prints lines without end",
    `${LISTEN}\nthreading.Thread(target=serve, daemon=True).start()\nwhile True: print("Listening on 127.0.0.1:%d" % port)`,
  ],
  ["prints escapes", `${LISTEN}\nprint("\\x1b[2J\\x1b]0;owned\\x07", flush=True)\nserve()`],
  [
    "sends without end",
    `${LISTEN}\nwhile True:\n    conn, _ = listener.accept()\n    try:\n        while True: conn.sendall(b"y" * 65536)\n    except OSError: pass`,
  ],
  [
    "sends lines without end",
    `${LISTEN}\nwhile True:\n    conn, _ = listener.accept()\n    try:\n        while True: conn.sendall(b"331 [A b] What?\\n" * 4096)\n    except OSError: pass`,
  ],
  [
    "sends brackets without end",
    `${LISTEN}\nwhile True:\n    conn, _ = listener.accept()\n    try:\n        while True: conn.sendall(b"331 " + b"[" * 65536)\n    except OSError: pass`,
  ],
  [
    "leaves a daemon that keeps its output",
    `${LISTEN}\nsubprocess.Popen(["sleep", "600"], start_new_session=True)\nserve()`,
  ],
  [
    "leaves a daemon without its environment",
    `${LISTEN}\nsubprocess.Popen(["sleep", "600"], start_new_session=True, env={})\nserve()`,
  ],
  [
    "leaves a daemon that has nothing of its starter",
    `${LISTEN}\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: os.execve("/bin/sleep", ["sleep", "600"], {})\n    os._exit(0)\nserve()`,
  ],
  [
    "starts children that ignore SIGTERM",
    `${LISTEN}\nfor _ in range(5): subprocess.Popen([sys.executable, "-S", "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"])\nserve()`,
  ],
  ["closes its output", `${LISTEN}\nos.close(1); os.close(2)\nserve()`],
  ["ends its process group", `${LISTEN}\nos.killpg(0, 15)\nserve()`],
  ["stops itself", `${LISTEN}\nthreading.Timer(1, lambda: os.kill(os.getpid(), 19)).start()\nserve()`],
  [
    "becomes another program",
    `${LISTEN}\nthreading.Timer(1, lambda: os.execv("/bin/sleep", ["sleep", "600"])).start()\nserve()`,
  ],
  ["closes all descriptors", `${LISTEN}\nos.closerange(0, 300)\ntime.sleep(600)`],
  ["removes its folder", `${LISTEN}\nos.rmdir(os.getcwd())\nserve()`],
  [
    "prints NUL, marks of direction and what is no UTF-8",
    `${LISTEN}\nos.write(1, b"\\0\\xff\\xe2\\x80\\xae\\xc2\\x9b31m\\n" * 100)\nserve()`,
  ],
  ["ends with escapes", "raise SystemExit('\\x1b[2J\\x1b]0;x\\x07')"],
  ["dies of a signal", `${LISTEN}\nos.kill(os.getpid(), 11)`],
  [
    "ignores all signals",
    `${LISTEN}\nfor s in range(1, 32):\n    if s not in (9, 17, 19): signal.signal(s, signal.SIG_IGN)\nserve()`,
  ],
  [
    "announces 2 GiB",
    `${LISTEN}\nwhile True:\n    conn, _ = listener.accept()\n    conn.recv(1000)\n    conn.sendall(b"\\x7f\\xff\\xff\\xff")`,
  ],
  [
    "sends a byte every 50 ms",
    `${LISTEN}\nwhile True:\n    conn, _ = listener.accept()\n    try:\n        while True: conn.sendall(b"0"); time.sleep(0.05)\n    except OSError: pass`,
  ],
];

const CONNECT = `
import os, signal, socket, subprocess, sys, threading, time
conn = socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))
`;

/** Clients of students. */
const CLIENT_PROGRAMS: readonly (readonly [string, string])[] = [
  ["ends at once", "import sys; sys.exit(3)"],
  ["never connects", "import time; time.sleep(600)"],
  ["prints without end", `${CONNECT}\nconn.sendall(b"hello")\nwhile True: print("y" * 65536)`],
  ["prints without end and without a line end", `${CONNECT}\nwhile True: sys.stdout.write("y" * 65536)`],
  ["prints to standard error without end, and never connects", `import sys\nwhile True: sys.stderr.write("y" * 65536)`],
  ["sends without end", `${CONNECT}\nwhile True: conn.sendall(b"y" * 65536)`],
  ["sends frames without end", `${CONNECT}\nwhile True: conn.sendall(b"\\0\\0\\0\\5hello" * 5000)`],
  [
    "announces 4 GiB and sends on",
    `${CONNECT}\nconn.sendall(b"\\xff\\xff\\xff\\xff")\nwhile True: conn.sendall(b"y" * 65536)`,
  ],
  [
    "connects again and again",
    `${CONNECT}\nwhile True: socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"])))`,
  ],
  ["ignores SIGTERM", `${CONNECT}\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)`],
  ["leaves a daemon that keeps its output", `${CONNECT}\nsubprocess.Popen(["sleep", "600"], start_new_session=True)`],
  [
    "leaves a daemon without its environment",
    `${CONNECT}\nsubprocess.Popen(["sleep", "600"], start_new_session=True, env={})`,
  ],
  [
    "leaves a daemon that has nothing of its starter",
    `${CONNECT}\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: os.execve("/bin/sleep", ["sleep", "600"], {})\n    os._exit(0)`,
  ],
  ["closes its output", `${CONNECT}\nos.close(1); os.close(2); time.sleep(600)`],
  ["closes all descriptors", `${CONNECT}\nos.closerange(0, 300); time.sleep(600)`],
  ["stops itself", `${CONNECT}\nos.kill(os.getpid(), 19)`],
  ["becomes another program", `${CONNECT}\nos.execv("/bin/sleep", ["sleep", "600"])`],
  ["prints escapes", `${CONNECT}\nos.write(1, b"\\x1b[2J\\0\\xff\\xc2\\x9b31m" * 1000)`],
  ["sends half a header", `${CONNECT}\nconn.sendall(b"\\0\\0"); time.sleep(600)`],
  [
    "opens 900 connections",
    `${CONNECT}\nheld = [socket.create_connection(("127.0.0.1", int(os.environ["ECHO_PORT"]))) for _ in range(900)]\ntime.sleep(600)`,
  ],
];

const PROGRAMS: readonly SuiteCase[] = !hasPython ? [] : [
  ...SERVER_PROGRAMS.map(([name, text]): SuiteCase => ({
    name: `a server that ${name}`,
    time: 60_000,
    run: async (kit) => {
      using reserved = reservePort();
      const { port } = reserved;
      const path = write(kit, text);
      const command = `exec ${PYTHON.join(" ")} ${path} ${port}`;
      const args = ["check", "--tasks", "1,2,8", "--timeout", `${TIME}s`, "--command", command, `127.0.0.1:${port}`];
      await examined(kit, "echo-client", { args });
    },
  })),
  ...CLIENT_PROGRAMS.map(([name, text]): SuiteCase => ({
    name: `a client that ${name}`,
    time: 60_000,
    run: async (kit) => {
      const path = write(kit, text);
      const args = ["check", "--port", "0", "--wait", "500ms", "--timeout", `${TIME}s`, "--", ...PYTHON, path];
      await examined(kit, "echo-server", { args });
    },
  })),
];

function write(kit: Kit, text: string): string {
  const path = kit.dir.at(`${crypto.randomUUID()}.py`);
  Deno.writeTextFileSync(path, text);
  return path;
}

/** Runs a grader, and looks for what it has left behind. */
async function examined(
  kit: Kit,
  tool: "echo-server" | "echo-client",
  { args }: { readonly args: readonly string[] },
): Promise<void> {
  const folder = kit.dir.at(crypto.randomUUID());
  Deno.mkdirSync(folder);
  const { code, stdout, stderr, written } = await kit.run(tool, args, { cwd: folder, time: TIME * 1000 + 8000 });
  assert([0, 10, 64, 69, 75, 76].includes(code), `exit ${code}: ${stderr.slice(0, 300)}`);
  assert(!hasControls(stdout + stderr), "control characters on the terminal");
  assert(written < 64 * 1024, `it wrote ${written} bytes`);
  const left = [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name) && folderOf(name) === folder);
  const alive = left.filter(({ name }) => isKilled(Number(name)));
  assertEquals(alive.map(({ name }) => name), [], "processes that are left");
}

function isKilled(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

function folderOf(pid: string): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Whether there is a control character that does something on a terminal. */
function hasControls(text: string): boolean {
  return /\p{Cc}/v.test(text.replaceAll(/[\t\n]/g, ""));
}

/** See the module. */
export const PEER_FAMILIES: readonly Family[] = [
  { name: "hostile-servers", cases: HOSTILE_SERVERS, atOnce: 4 },
  { name: "between", cases: BETWEEN, atOnce: 3 },
  { name: "hostile-programs", cases: PROGRAMS, atOnce: 4 },
];
