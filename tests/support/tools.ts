/**
 * The tools as a user runs them: the compiled binaries, as processes of their own. `deno task test` compiles them when a
 * file that it runs imports this module; a test that needs no binary imports programs.ts.
 *
 * @module
 */
import { deadline } from "@std/async/deadline";
import { fromFileUrl, join } from "@std/path";
import { type Finished, PATIENCE, type RunOptions, runProgram, until } from "./programs.ts";

export * from "./programs.ts";

/** Path of a compiled tool; `ECHO_TEST_DIST` names another folder with binaries. */
export function toolPath(tool: "echo-server" | "echo-client"): string {
  return join(Deno.env.get("ECHO_TEST_DIST") ?? fromFileUrl(new URL("../../dist", import.meta.url)), tool);
}

/** A running server. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Its data folder. */
  readonly data: string;
  /** The Listening line. */
  readonly announced: string;
  /** The log so far. */
  log(): string;
  /** Resolves once a log line matches. */
  logged(pattern: RegExp): Promise<string>;
  kill(signal: Deno.Signal): void;
  /** Sends SIGTERM, unless it has ended, and waits for the end. */
  stop(): Promise<Finished>;
  /** Waits for the end, not for ever. */
  readonly finished: Promise<Finished>;
}

/** How {@linkcode startServer} differs from the plain case: loopback, a free port, no input. */
export interface ServerSpec {
  readonly args?: readonly string[];
  /** Default: a new folder, removed at the end. */
  readonly data?: string;
  /** Does something with the data folder before the server has it. */
  readonly prepare?: (data: string) => Promise<void>;
  /** What stands before the tool's path: `["prlimit", "--nofile=64"]`. */
  readonly wrapper?: readonly string[];
  readonly env?: Record<string, string>;
  /** Default: `--port 0`. `passed`: the wrapper passes sockets. */
  readonly port?: number | "passed";
  /** Default: the compiled one. */
  readonly program?: string;
}

/** Starts the compiled server and waits for its Listening line. */
export async function startServer(spec: ServerSpec = {}): Promise<RunningServer> {
  const data = spec.data ?? Deno.makeTempDirSync({ prefix: "echo-data-" });
  await spec.prepare?.(data);
  const [command = "", ...args] = [
    ...spec.wrapper ?? [],
    spec.program ?? toolPath("echo-server"),
    ...["--no-input", "--data", data],
    ...(spec.port === "passed" ? [] : ["--port", String(spec.port ?? 0), ...engineArgs()]),
    ...spec.args ?? [],
  ];
  const child = new Deno.Command(command, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { LC_ALL: "C", ...spec.env ?? {} },
  }).spawn();
  const stdout = new Collected(child.stdout);
  const stderr = new Collected(child.stderr);
  const finished = (async (): Promise<Finished> => {
    const [{ code }] = await Promise.all([child.status, stdout.ended, stderr.ended]);
    return { code, stdout: stdout.text, stderr: stderr.text };
  })();
  const announced = await deadline(stdout.line(), PATIENCE);
  if (announced === undefined) throw new Error(`The server ended: ${(await finished).stderr}`);
  const logFile = join(data, "echo-server.log");
  const log = (): string => Deno.readTextFileSync(logFile);
  const stop = async (): Promise<Finished> => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    return await deadline(finished, PATIENCE);
  };
  return {
    port: Number(/:(\d+)(?:,|$)|"port":(\d+)/.exec(announced)?.slice(1).find((port) => port !== undefined)),
    pid: child.pid,
    data,
    announced,
    log,
    logged: (pattern) => until(() => log().split("\n").find((line) => pattern.test(line)), `log line ${pattern}`),
    kill: (signal) => child.kill(signal),
    stop,
    get finished() {
      return deadline(finished, PATIENCE);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await stop().catch((error) => {
        child.kill("SIGKILL");
        throw error;
      });
      if (spec.data === undefined) Deno.removeSync(data, { recursive: true });
    },
  };
}

/**
 * Starts one server for all tests of a file that look at its port alone: a start costs 0.2 s of CPU. To be called at the top
 * of the file.
 */
export async function sharedServer(spec: ServerSpec = {}): Promise<RunningServer> {
  const server = await startServer(spec);
  Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());
  return server;
}

/** `ECHO_TEST_ENGINE`: what the servers of a whole run of tests are started with. */
function engineArgs(): string[] {
  const engine = Deno.env.get("ECHO_TEST_ENGINE");
  return engine === undefined ? [] : ["--engine", engine];
}

/** Runs a tool to its end. */
export async function runTool(
  tool: "echo-server" | "echo-client",
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return await runProgram(toolPath(tool), args, options);
}

/** The text of a stream as it comes. */
class Collected {
  text = "";
  readonly ended: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #isOver = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#collect(stream);
  }

  /** The first line, once it is complete; `undefined` when the stream ends without one. */
  async line(): Promise<string | undefined> {
    while (!this.text.includes("\n") && !this.#isOver) await this.#changed.promise;
    return this.text.includes("\n") ? this.text.split("\n")[0] : undefined;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const part of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
      this.text += part;
      this.#moved();
    }
    this.#isOver = true;
    this.#moved();
  }

  #moved(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
