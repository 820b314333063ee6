/**
 * Programs and files as tests use them. Nothing here needs a compiled tool: what does is in tools.ts.
 *
 * @module
 */
import { deadline } from "@std/async/deadline";
import { join } from "@std/path";

/** Longest wait for anything a tool should do at once, in ms. Reached only when a test fails. */
export const PATIENCE = 60_000;

/** A folder that is removed at the end of the test. */
export interface TempDir extends Disposable {
  readonly path: string;
  /** A path inside it. */
  at(...names: string[]): string;
}

/** Makes a {@linkcode TempDir}. */
export function tempDir(): TempDir {
  const path = Deno.makeTempDirSync({ prefix: "echo-test-" });
  return {
    path,
    at: (...names) => join(path, ...names),
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

/** What a finished tool left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program is started with. */
export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** Runs any program to its end. Standard input is empty unless there is some to give. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    env: { LC_ALL: "C", ...options.env ?? {} },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  }).spawn();
  const input = options.stdin;
  const written = input === undefined ? undefined : (async (): Promise<void> => {
    const writer = child.stdin.getWriter();
    try {
      await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
      await writer.close();
    } catch {
      // The program ended before it had read all: its exit code tells.
    }
  })();
  const output = child.output();
  try {
    await deadline(output, PATIENCE);
  } catch (error) {
    // A program that hangs fails its own test and not the next one.
    child.kill("SIGKILL");
    await output;
    throw error;
  }
  await written;
  const { code, stdout, stderr } = await output;
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Looks again and again until `look` finds something: for what can only be polled, such as a file's content. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  what: string,
  patience: number = PATIENCE,
): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`Timed out waiting for ${what}`);
    await new Promise<void>((again) => setTimeout(again, 10));
  }
}

/** Whether a program is installed: tests that need one are skipped where it is not. */
export function isInstalled(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(join(folder, program)).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Arguments with which the installed `nc` half-closes at the end of its input: OpenBSD's has an option for that, Nmap's
 * does it by itself. Undefined where there is no `nc`, or another one.
 */
export function netcatArgs(): readonly string[] | undefined {
  if (!isInstalled("nc")) return undefined;
  const { stdout, stderr } = new Deno.Command("nc", { args: ["-h"] }).outputSync();
  const help = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return /^\s+-N\s/m.test(help) ? ["-N"] : /Ncat/.test(help) ? [] : undefined;
}
