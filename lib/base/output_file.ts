/**
 * Files that a user names to be written, of which `-` and `/dev/stdout` are standard output.
 *
 * @module
 */
import { fileError } from "./system_errors.ts";

/** The stream of this process that a path names; `undefined` for a file. Deno itself opens none of these paths. */
export function standardStream(path: string): typeof Deno.stdout | undefined {
  if (path === "-" || path === "/dev/stdout" || path === "/dev/fd/1" || path === "/proc/self/fd/1") return Deno.stdout;
  return path === "/dev/stderr" || path === "/dev/fd/2" || path === "/proc/self/fd/2" ? Deno.stderr : undefined;
}

/**
 * Writes a text to where the user wants it.
 *
 * @throws {StorageError} `cannot_write`
 */
export function writeOutputFile(path: string, text: string): void {
  try {
    const stream = standardStream(path);
    if (stream === undefined) return Deno.writeTextFileSync(path, text);
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    throw fileError(error, "write", path);
  }
}
