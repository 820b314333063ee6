/**
 * The lab's programs in Python, before the grader: copied into a folder of their own, on a port of their own.
 *
 * @module
 */
import { basename, join } from "@std/path";
import { TEXTS } from "../../lib/commands/check_server/texts.ts";
import type { CheckReport } from "../../lib/commands/grading/model.ts";
import { gradeServer } from "../../lib/commands/check_server/command.ts";
import { CHECK_OPTIONS } from "../../lib/commands/check_server/options.ts";
import { translator } from "../../lib/cli/texts.ts";
import { parseCommandLine } from "../../lib/cli/options.ts";
import { reservePort } from "./ports.ts";
import { hasPython, python } from "./python.ts";
import { type TempDir, tempDir } from "./programs.ts";

/** The interpreter, without the modules of a site, and without writing into the repository. */
export const PYTHON: readonly string[] = hasPython ? [python(), "-S", "-B"] : [];

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
  return workplaceOf(folders.flatMap((folder) => [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name))));
}

/** The same with some files. */
export function workplaceOf(files: readonly string[]): Workplace {
  const reserved = reservePort();
  const { port } = reserved;
  const dir = tempDir();
  for (const file of files) {
    if (!file.endsWith(".py")) continue;
    const text = Deno.readTextFileSync(file).replaceAll("9090", String(port)).replace(/^ROUNDS = .*/m, "ROUNDS = 1000");
    Deno.writeTextFileSync(dir.at(basename(file)), text);
  }
  const dispose = (): void => {
    dir[Symbol.dispose]();
    reserved[Symbol.dispose]();
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
  return await gradeServer(line, await translator("en", TEXTS), { signal: AbortSignal.timeout(LONGEST) });
}

/** Names of the checks that ended so. */
export function idsOf({ checks }: CheckReport, status: CheckReport["checks"][number]["status"]): string[] {
  return checks.filter((check) => check.status === status).map(({ id }) => id);
}

/** Does `work` for each item, `limit` at a time. */
export async function eachOf<T>(items: Iterable<T>, limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
