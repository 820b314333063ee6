/**
 * The servers that are measured beside each other, and how each is started.
 *
 * @module
 */
import { TextLineStream } from "@std/streams/text-line-stream";
import { fromFileUrl, join } from "@std/path";
import { hasRing } from "../../support/ring.ts";
import { startServer, toolPath } from "../../support/tools.ts";

/** A server that runs. */
export interface RunningPeer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

/** A server that can be measured. */
export interface Peer {
  readonly name: string;
  /** How it works, in a few words. */
  readonly about: string;
  /** Prints its version; the first line of it is kept. */
  readonly version: readonly string[];
  /** Whether several threads share its connections: compared with the same server on one thread. */
  readonly isSharedOut?: boolean;
  start(): Promise<RunningPeer>;
}

const folder = fromFileUrl(new URL(".", import.meta.url));

/**
 * All that can be started here; the first one is what the others are compared with. Needs a C compiler.
 *
 * @param isMissing Told of each that is not installed.
 */
export async function peersHere(scratch: string, isMissing: (what: string) => void): Promise<Peer[]> {
  const binary = await compileC("echo.c", scratch);
  const peers: Peer[] = [{
    ...{ name: "C", about: "epoll, one thread", version: ["cc", "--version"] },
    start: () => startProgram(binary, ["0"]),
  }];
  const engines = [{ name: "echo-server", args: [] }, { name: "io_uring", args: ["--engine", "io_uring"] }];
  for (const { name, args } of engines) {
    if (name === "io_uring" && !hasRing) {
      isMissing("io_uring (the system has none, or forbids it)");
      continue;
    }
    const about = ["compiled", ...args].join(" ");
    peers.push(ours({ name, about: `${about}, one thread`, args }));
    peers.push({
      ...ours({ name: `${name}, 2 workers`, about: `${about} --workers 2`, args: [...args, "--workers", "2"] }),
      isSharedOut: true,
    });
  }
  const scripts = [
    { name: "Node", about: "`net`", programs: ["node"], file: "echo.mjs", probe: ["--version"] },
    { name: "Bun", about: "`Bun.listen`", programs: ["bun"], file: "echo.ts", probe: ["--version"] },
    {
      ...{ name: "uvloop", about: "Python, asyncio protocol", programs: ["python3", "/usr/bin/python3"] },
      ...{
        file: "echo.py",
        probe: ["-c", "import sys, uvloop; print('Python', sys.version.split()[0], 'uvloop', uvloop.__version__)"],
      },
    },
  ];
  for (const { name, about, programs, file, probe } of scripts) {
    const program = programs.find((program) => runs(program, probe));
    if (program === undefined) isMissing(name);
    else {peers.push({
        name,
        about,
        version: [program, ...probe],
        start: () => startProgram(program, [join(folder, file), "0"]),
      });}
  }
  return peers;
}

function ours(
  { name, about, args }: { readonly name: string; readonly about: string; readonly args: readonly string[] },
): Peer {
  return {
    ...{ name, about, version: [toolPath("echo-server"), "--version"] },
    start: async () => {
      const server = await startServer({ args: ["--log-level", "error", "--max-connections", "0", ...args] });
      return { port: server.port, pid: server.pid, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    },
  };
}

/** Whether a program is installed, and does this. */
function runs(program: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Compiles a source of this folder; gives the program's path. */
export async function compileC(source: string, scratch: string): Promise<string> {
  const binary = join(scratch, source.replace(".c", ""));
  const { success, stderr } = await new Deno.Command("cc", {
    args: ["-O2", "-o", binary, join(folder, source)],
  }).output();
  if (!success) throw new Error(`Cannot compile ${source}: ${new TextDecoder().decode(stderr)}`);
  return binary;
}

/** Starts a program that prints `Listening on 127.0.0.1:PORT`. */
async function startProgram(program: string, args: readonly string[]): Promise<RunningPeer> {
  const child = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped" }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(new TextLineStream()).getReader();
  const { value = "" } = await lines.read();
  const port = Number(/:(\d+)$/.exec(value)?.[1]);
  if (!(port > 0)) throw new Error(`Cannot start ${program}: it says "${value}"`);
  return { ...running(child, port, () => lines.cancel()), pid: await pidOf(child) };
}

/** A version manager may stand between: the server is what it runs. */
async function pidOf(child: Deno.ChildProcess): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${child.pid}/task/${child.pid}/children`).catch(() => "");
  return Number(children.trim().split(" ")[0]) || child.pid;
}

function running(
  child: Deno.ChildProcess,
  port: number,
  closeOutput: () => Promise<void>,
): RunningPeer {
  return {
    port,
    pid: child.pid,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGTERM");
      await Promise.all([child.status, closeOutput()]);
    },
  };
}
