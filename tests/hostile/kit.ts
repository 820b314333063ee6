/**
 * What a family of the suite works with: servers and runs of the compiled tools, all of them watched.
 *
 * @module
 */
import { assert } from "@std/assert";
import { delay } from "../../lib/base/delay.ts";
import { startAuth } from "../support/auth.ts";
import { dialFramed, memoryOf } from "../support/net.ts";
import { Target } from "../support/hostile.ts";
import { writeCertificate } from "../support/tls.ts";
import { type RunningServer, type ServerSpec, startServer, type TempDir, tempDir, toolPath } from "../support/tools.ts";

/** No tool takes more than this in any case, in bytes. */
export const MEMORY = 150 * 1024 ** 2;

/** How often the memory of a tool is looked at, in ms. */
const LOOK = 25;
/** What is kept of each output of a tool, in bytes. */
const KEPT = 256 * 1024;

/** A run of a tool. */
export interface ToolRun {
  readonly stdin?: string | Uint8Array;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** It is ended and the case fails when it takes longer, in ms. Default: 20 s. */
  readonly time?: number;
  /** What stands before the tool's path. */
  readonly wrapper?: readonly string[];
}

/** What it left. */
export interface ToolResult {
  readonly code: number;
  /** The first part of it. */
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes that it wrote in all. */
  readonly written: number;
  /** Largest resident size, in bytes. */
  readonly peak: number;
}

/** See the module. */
export class Kit implements AsyncDisposable {
  /** For files of this family. */
  readonly dir: TempDir = tempDir();
  readonly #serverArgs: readonly string[];
  readonly #servers = new Map<string, Promise<RunningServer>>();
  readonly #targets = new Map<string, Promise<Target>>();
  /** Servers of single cases, to be looked at while they run. */
  readonly #watched = new Set<number>();
  readonly #watch: ReturnType<typeof setInterval>;
  #certificate: ReturnType<typeof writeCertificate> | undefined;
  /** Largest resident size of a tool so far, in bytes. */
  peak = 0;

  /** @param serverArgs Options of every server. */
  constructor(serverArgs: readonly string[]) {
    this.#serverArgs = serverArgs;
    this.#watch = setInterval(() => {
      for (const pid of this.#watched) if (this.#look(pid) === 0) this.#watched.delete(pid);
    }, 4 * LOOK);
  }

  /** Threads of a server that can run at the same time on this machine. */
  get threads(): number {
    const at = this.#serverArgs.indexOf("--workers");
    return Math.min(navigator.hardwareConcurrency, at < 0 ? 1 : Number(this.#serverArgs[at + 1]));
  }

  /** The family's server with these options. */
  server(...args: readonly string[]): Promise<RunningServer> {
    const key = args.join("\0");
    const server = this.#servers.get(key) ?? this.own({ args });
    this.#servers.set(key, server);
    return server;
  }

  /** A server of the case's own. */
  async own(spec: ServerSpec = {}): Promise<RunningServer> {
    const server = await startServer({ ...spec, args: [...spec.args ?? [], ...this.#serverArgs] });
    this.#watched.add(server.pid);
    // Not spread: its getter starts a clock.
    const { port, pid, data, announced, log, logged, kill } = server;
    return {
      ...{ port, pid, data, announced, log, logged, kill },
      get finished() {
        return server.finished;
      },
      stop: () => server.stop(),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  }

  /** A server of mode `auth` that has these users, for the case alone. */
  async ownAuth(users: readonly string[], spec: ServerSpec = {}): Promise<RunningServer> {
    const server = await startAuth(users, { ...spec, args: [...spec.args ?? [], ...this.#serverArgs] });
    this.#watched.add(server.pid);
    return server;
  }

  /** The family's server of a mode and a framing, with witnesses: `tests/support/hostile.ts`. */
  target(mode: "echo" | "identify" | "auth", framing: string): Promise<Target> {
    const key = `${mode} ${framing}`;
    const target = this.#targets.get(key) ?? (async () => {
      const own = await this.server("--mode", mode, "--framing", framing, "--max-unauthenticated", "200");
      const { port, pid } = own;
      return await Target.at({ host: "127.0.0.1", port, pid, own, mode, framing, maxFrame: 1024 * 1024 });
    })();
    this.#targets.set(key, target);
    return target;
  }

  /** The family's certificate for `localhost`. */
  certificate(): ReturnType<typeof writeCertificate> {
    return this.#certificate ??= writeCertificate(this.dir.at("tls"));
  }

  /** Runs a tool to its end. */
  async run(
    tool: "echo-server" | "echo-client",
    args: readonly string[],
    { stdin, env, cwd, time = 20_000, wrapper = [] }: ToolRun = {},
  ): Promise<ToolResult> {
    const [command = "", ...rest] = [...wrapper, toolPath(tool), ...args];
    const child = new Deno.Command(command, {
      args: rest,
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      env: { LC_ALL: "C", XDG_STATE_HOME: this.dir.path, XDG_CONFIG_HOME: this.dir.path, ...env ?? {} },
      ...(cwd === undefined ? {} : { cwd }),
    }).spawn();
    let isOver = false;
    let isLate = false;
    const end = performance.now() + time;
    let peak = 0;
    const watched = (async (): Promise<void> => {
      while (!isOver) {
        peak = Math.max(peak, this.#look(child.pid));
        if (performance.now() > end) {
          isLate = true;
          child.kill("SIGKILL");
          return;
        }
        await delay(LOOK);
      }
    })();
    const written = stdin === undefined ? undefined : feed(child.stdin, stdin);
    const [{ code }, stdout, stderr] = await Promise.all([child.status, head(child.stdout), head(child.stderr)]);
    isOver = true;
    await Promise.all([watched, written]);
    assert(!isLate, `${tool} ${args.join(" ").slice(0, 100)}: not over after ${time} ms`);
    assert(peak <= MEMORY, `${tool} took ${(peak / 1024 ** 2).toFixed(0)} MiB`);
    return { code, peak, written: stdout.size + stderr.size, stdout: stdout.text, stderr: stderr.text };
  }

  /** What must hold after each case. */
  async check(): Promise<void> {
    assert(this.peak <= MEMORY, `a tool took ${(this.peak / 1024 ** 2).toFixed(0)} MiB`);
    for (const pending of this.#servers.values()) {
      const server = await pending;
      assert(this.#look(server.pid) > 0, "a server has ended");
      assert(
        !/ ERROR |unforeseen/.test(server.log()),
        `the log has an error: ${/.*( ERROR |unforeseen).*/.exec(server.log())?.[0]}`,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    for (const target of this.#targets.values()) await (await target)[Symbol.asyncDispose]();
    for (const server of this.#servers.values()) await (await server)[Symbol.asyncDispose]();
    this.dir[Symbol.dispose]();
  }

  #look(pid: number): number {
    try {
      const size = memoryOf(pid, "VmHWM") || 0;
      this.peak = Math.max(this.peak, size);
      return size;
    } catch {
      return 0;
    }
  }
}

/** Resolves once a new client of a server without a dialogue is answered. */
export async function served(port: number, time = 5000): Promise<void> {
  for (const end = performance.now() + time;;) {
    try {
      await using conn = await dialFramed(port);
      await conn.send("still there?");
      if (await conn.receiveText() === "still there?") return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    if (performance.now() > end) throw new Error("A new client is not served");
    await delay(20);
  }
}

async function feed(stdin: WritableStream<Uint8Array>, input: string | Uint8Array): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
    await writer.close();
  } catch {
    // The tool ended before it had read all: its exit code tells.
  }
}

/** The first part of an output, and how long it was. */
async function head(stream: ReadableStream<Uint8Array>): Promise<{ readonly text: string; readonly size: number }> {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for await (const part of stream) {
    if (size < KEPT) text += decoder.decode(part, { stream: true });
    size += part.length;
  }
  return { text, size };
}
