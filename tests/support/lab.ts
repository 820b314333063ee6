/**
 * The lab's programs in Python, before the grader: copied into a folder of their own, on a port of their own.
 *
 * @module
 */
import { TEXTS } from "../../lib/commands/check_server/texts.ts";
import { basename, fromFileUrl, join } from "@std/path";
import type { CheckReport } from "../../lib/commands/grading/model.ts";
import { graded } from "../../lib/commands/check_server/command.ts";
import { CHECK_OPTIONS } from "../../lib/commands/check_server/options.ts";
import { translator } from "../../lib/cli/texts.ts";
import { parseCommandLine } from "../../lib/cli/options.ts";
import { hasPython, python } from "./python.ts";
import { type TempDir, tempDir } from "./tools.ts";

/** The interpreter, without the modules of a site, and without writing into the repository. */
export const PYTHON: readonly string[] = hasPython ? [python(), "-S", "-B"] : [];

/** Absolute path of something in the repository. */
export function inRepository(path: string): string {
  return join(fromFileUrl(new URL("../..", import.meta.url)), path);
}

/** A copy of a program's folder, and a port that no other test takes meanwhile. */
export interface Workplace extends Disposable {
  readonly dir: TempDir;
  readonly port: number;
}

/**
 * Copies the Python files of folders; port 9090, where they name it, becomes a free one, and a password is hashed as often
 * as a test can wait for.
 */
export function workplace(folders: readonly string[]): Workplace {
  const { port, taken } = reserved();
  const dir = tempDir();
  for (const file of folders.flatMap((folder) => [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name)))) {
    if (!file.endsWith(".py")) continue;
    const text = Deno.readTextFileSync(file).replaceAll("9090", String(port)).replace(/^ROUNDS = .*/m, "ROUNDS = 1000");
    Deno.writeTextFileSync(dir.at(basename(file)), text);
  }
  const dispose = (): void => {
    dir[Symbol.dispose]();
    taken.close();
  };
  return { dir, port, [Symbol.dispose]: dispose };
}

/** Longest time an examination may take, in ms. Reached only when a test fails. */
const LONGEST = 60_000;

/**
 * Runs a command of the README, `echo-client check …`, in the workplace, but within this process; port 9090 in it becomes
 * the workplace's.
 */
export async function grade(command: string, { dir, port }: Workplace): Promise<CheckReport> {
  const words = Array.from(
    command.replaceAll("9090", `${port}`).matchAll(/'([^']*)'|\S+/g),
    ([word, quoted]) => quoted ?? word,
  );
  const [, , ...argv] = words.map((word) => word.replace(/^python3 /, `exec ${PYTHON.join(" ")} `));
  // The folder a student is in.
  const line = parseCommandLine([...argv, `--dir=${dir.path}`], CHECK_OPTIONS, { environment: () => undefined });
  return await graded(line, await translator("en", TEXTS), AbortSignal.timeout(LONGEST));
}

/** Names of the checks that ended so. */
export function idsOf({ checks }: CheckReport, status: CheckReport["checks"][number]["status"]): string[] {
  return checks.filter((check) => check.status === status).map(({ id }) => id);
}

/**
 * Ports that are free now, ten apart, and not of those that the system gives out by itself: what is to be shown is a
 * server that finds its port busy, so that port 0 cannot be used.
 */
export function* freePorts(): Generator<number, never> {
  // Two runs of the tests at one time begin at different places.
  for (let port = 20_000 + Deno.pid % 1000 * 10;; port = port + 10 < 30_000 ? port + 10 : 20_000) {
    if ([0, 1, 2, RESERVED].every((step) => isFree(port + step))) yield port;
  }
}

/** Who listens so far above a port has reserved it and those between. */
const RESERVED = 9;

/** A free port, reserved until `taken` is closed: a server of one client at a time must not meet another test's client. */
function reserved(): { readonly port: number; readonly taken: Deno.Listener } {
  for (const port of freePorts()) {
    try {
      return { port, taken: Deno.listen({ hostname: "127.0.0.1", port: port + RESERVED }) };
    } catch {
      // Another test was quicker.
    }
  }
  throw new Error("There is no free port");
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

/** Does `work` for each item, `limit` at a time. */
export async function eachOf<T>(items: Iterable<T>, limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
