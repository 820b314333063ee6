/**
 * The servers that are measured beside each other, and how each is started.
 *
 * @module
 */
import { TextLineStream } from "@std/streams/text-line-stream";
import { fromFileUrl, join } from "@std/path";
import { isInstalled, startServer, toolPath } from "../../support/tools.ts";

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
  /** Whether it takes a thousand connections without as many processes. */
  readonly isMany: boolean;
  start(): Promise<RunningPeer>;
}

const folder = fromFileUrl(new URL(".", import.meta.url));

/** All that can be started here; the first one is what the others are compared with. */
export async function peersHere(scratch: string): Promise<Peer[]> {
  const peers: Peer[] = [];
  if (isInstalled("cc")) {
    const binary = await compileC("echo.c", scratch);
    peers.push({
      ...{ name: "C", about: "epoll, one thread", version: ["cc", "--version"], isMany: true },
      start: () => startProgram(binary, ["0"]),
    });
  }
  peers.push({
    ...{ name: "echo-server", about: "compiled, one thread", isMany: true },
    version: [toolPath("echo-server"), "--version"],
    start: async () => {
      const server = await startServer({ args: ["--log-level", "error", "--max-connections", "0"] });
      return { port: server.port, pid: server.pid, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    },
  });
  const scripts = [
    { name: "Node", about: "`net`", program: "node", file: "echo.mjs" },
    { name: "Bun", about: "`Bun.listen`", program: "bun", file: "echo.ts" },
    { name: "Python", about: "asyncio protocol", program: "python3", file: "echo.py" },
  ];
  for (const { name, about, program, file } of scripts.filter((script) => isInstalled(script.program))) {
    peers.push({
      ...{ name, about, version: [program, "--version"], isMany: true },
      start: () => startProgram(program, [join(folder, file), "0"]),
    });
  }
  if (isInstalled("socat")) {
    peers.push({
      ...{ name: "socat", about: "a process a connection, no framing", version: ["socat", "-V"], isMany: false },
      start: startSocat,
    });
  }
  return peers;
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

async function startSocat(): Promise<RunningPeer> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const address = `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,nodelay,fork,backlog=4096`;
  const child = new Deno.Command("socat", {
    args: ["-b65536", address, "PIPE"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  })
    .spawn();
  for (let tries = 0; tries < 100; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch {
      await new Promise((again) => setTimeout(again, 20));
    }
  }
  return running(child, port);
}

function running(
  child: Deno.ChildProcess,
  port: number,
  closeOutput: () => Promise<void> = () => Promise.resolve(),
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
