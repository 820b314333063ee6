/**
 * Whether files can be written that a user names, told before what is to be written has cost minutes.
 *
 * @module
 */
import { resolve } from "@std/path";
import { UsageError } from "./errors.ts";
import { standardStream } from "./output_file.ts";
import { fileError } from "./system_errors.ts";

/**
 * Makes sure that a file will find its place. One that is there stays as it is, and none is made.
 *
 * @throws {StorageError} `cannot_write`
 */
export function checkOutputFile(path: string): void {
  if (standardStream(path) !== undefined) return;
  try {
    const before = statOf(path);
    // Who opens a pipe waits for its reader.
    if (before !== undefined && !before.isFile && !before.isDirectory) return;
    Deno.openSync(path, { append: true, create: true }).close();
    if (before === undefined) Deno.removeSync(path);
  } catch (error) {
    throw fileError(error, "write", path);
  }
}

/** Files by the option that names them. */
type NamedFiles = Readonly<Record<string, string | undefined>>;

/**
 * {@linkcode checkOutputFile} for each of the outputs; and none of them may be another one, or a file that is read. A file
 * may be read twice.
 *
 * @throws {UsageError} `bad_value`
 * @throws {StorageError} `cannot_write`
 */
export function checkOutputFiles(outputs: NamedFiles, inputs: NamedFiles = {}): void {
  const names = new Map<string, string>();
  for (const [option, path] of Object.entries({ ...inputs, ...outputs })) {
    if (path === undefined || standardStream(path) !== undefined) continue;
    const { isFile = true, dev = 0, ino = null } = statOf(path) ?? {};
    const file = ino === null ? resolve(path) : `${dev}:${ino}`;
    const other = names.get(file);
    if (isFile && other !== undefined && option in outputs) {
      throw new UsageError("bad_value", `Cannot use ${option}: ${other} names the same file`, {
        details: { option, value: path, reason: "same_file", other, action: "combine" },
      });
    }
    names.set(file, option);
  }
  for (const path of Object.values(outputs)) if (path !== undefined) checkOutputFile(path);
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
