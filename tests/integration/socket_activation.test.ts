/** Sockets that systemd passes (sd_listen_fds(3)): taken over by io_uring, and refused with a reason where it cannot be. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { isServed } from "../support/net.ts";
import { hasPython, python } from "../support/python.ts";
import { hasRing, withoutRing } from "../support/ring.ts";
import { type Finished, isInstalled, runProgram, startServer, tempDir, toolPath, until } from "../support/tools.ts";

/**
 * Opens sockets as systemd does and becomes the program with them at 3, 4 …: `tcp`, `udp` (free ports of 127.0.0.1) or a
 * path; `ECHO_KEEP=1`: the program runs as a child, twice, one after the other, with the same sockets.
 */
const PASSING = `
import os, socket, subprocess, sys
at = sys.argv.index("--")
opened = []
for place in sys.argv[1:at]:
    kind = socket.SOCK_DGRAM if place == "udp" else socket.SOCK_STREAM
    family = socket.AF_INET if place in ("tcp", "udp") else socket.AF_UNIX
    s = socket.socket(family, kind)
    s.bind(("127.0.0.1", 0) if family == socket.AF_INET else place)
    if place != "udp": s.listen(128)
    s.setblocking(False)
    opened.append(s)
high = [os.dup2(s.fileno(), 100 + n) for n, s in enumerate(opened)]
for n, fd in enumerate(high): os.dup2(fd, 3 + n)
command = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *sys.argv[at + 1:]]
os.environ["LISTEN_FDS"] = str(len(opened))
if os.environ.get("ECHO_KEEP"):
    for _ in range(2): subprocess.run(command, pass_fds=range(3, 3 + len(opened)))
else:
    os.execvp("sh", command)`;

function passing(...places: string[]): string[] {
  return [python(), "-c", PASSING, ...places, "--"];
}

async function refused(wrapper: readonly string[], ...args: string[]): Promise<Finished> {
  using folder = tempDir();
  const [program = "", ...before] = wrapper;
  return await runProgram(program, [
    ...[...before, toolPath("echo-server"), "--no-input", "--data", folder.path],
    ...args,
  ]);
}

const ignore = !hasPython || !hasRing;

Deno.test("sockets that systemd passes are served, on several threads as well", { ignore }, async () => {
  for (const args of [[], ["--workers", "2"], ["--engine", "io_uring"]]) {
    using folder = tempDir();
    const path = folder.at("echo.sock");
    await using server = await startServer({ port: "passed", wrapper: passing("tcp", path), args });
    assertMatch(server.announced, new RegExp(`^Listening on 127\\.0\\.0\\.1:\\d+, unix:${path}$`));
    for (let connection = 0; connection < 5; connection++) assert(await isServed(server.port));
    assert(await isServed(path));
    assertEquals((await server.stop()).code, 0);
    assert(Deno.statSync(path).isSocket, "the socket's file is systemd's");
  }
});

Deno.test("who connects while the server is restarted waits and is served", { ignore }, async () => {
  await using server = await startServer({ port: "passed", wrapper: passing("tcp"), env: { ECHO_KEEP: "1" } });
  const pids = (): string[] => [...server.log().matchAll(/server starts pid=(\d+)/g)].map(([, pid = ""]) => pid);
  Deno.kill(Number(pids()[0]), "SIGTERM");
  await server.logged(/server stopped/);
  assert(await isServed(server.port));
  Deno.kill(Number(pids()[1]), "SIGTERM");
  assertEquals((await server.finished).code, 0);
});

Deno.test("variables that were meant for another process pass nothing", { ignore: !hasPython }, async () => {
  await using server = await startServer({ env: { LISTEN_FDS: "1", LISTEN_PID: "1" } });
  assert(await isServed(server.port));
});

Deno.test("sockets that cannot be used are refused, with what to do instead", { ignore }, async () => {
  const cases: [readonly string[], string[], number, RegExp][] = [
    [passing("tcp"), ["--engine", "deno"], 64, /only io_uring .*\(LISTEN_FDS=1\); leave out --engine deno, or stop/],
    [passing("tcp"), ["--port", "9090"], 64, /in place of --host and --port .*; leave out --port, or stop/],
    [passing("tcp"), ["--host", "::1"], 64, /leave out --host, or stop/],
    [passing("tcp"), ["--udp"], 64, /leave out --udp, or stop/],
    [passing("tcp", "udp"), [], 64, /descriptor 4 is not a listening stream socket; .* Accept=no/],
    [passing("tcp", "udp"), ["--workers", "2"], 64, /descriptor 4 is not a listening stream socket/],
    [
      [...passing("tcp"), ...withoutRing()],
      [],
      69,
      /^echo-server: Cannot use io_uring: systemd passed sockets \(LISTEN_FDS=1\), .* forbids it .*; stop the socket unit/,
    ],
  ];
  for (const [wrapper, args, expected, message] of cases) {
    const { code, stderr } = await refused(wrapper, ...args);
    assertMatch(stderr, message);
    assertEquals(code, expected);
  }
});

Deno.test(
  "systemd-socket-activate starts the server at the first connection",
  { ignore: ignore || !isInstalled("systemd-socket-activate") },
  async () => {
    using folder = tempDir();
    const path = folder.at("echo.sock");
    const child = new Deno.Command("systemd-socket-activate", {
      args: ["--listen", path, toolPath("echo-server"), "--no-input", "--data", folder.path],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    // The socket's file is there a moment before it listens.
    assert(await until(() => isServed(path).catch(() => undefined), "the socket"));
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
  },
);
