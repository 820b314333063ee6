/**
 * Paths, and files that are replaced as a whole.
 *
 * @module
 */
import { concat } from "./bytes.ts";
import { StorageError, UsageError } from "./errors.ts";
import { fileError } from "./system_errors.ts";

/** Largest file that is read as a whole, in bytes: settings, keys, lists, payloads. */
const MAX_WHOLE = 64 * 1024 * 1024;

/** The folder that a path is in: `.` for a bare name. Both slashes separate on Windows, where Deno takes either. */
export function folderOf(path: string): string {
  const cut = path.search(Deno.build.os === "windows" ? /[\\/][^\\/]*$/ : /\/[^/]*$/);
  return cut < 0 ? "." : path.slice(0, Math.max(cut, 1));
}

/**
 * All bytes of a file that the user has named. A pipe is read where a shell has made it, as `<(command)`; any other one, and
 * a device, would be read without end.
 *
 * @throws {StorageError} `cannot_read`
 *
 * @example
 * ```ts
 * import { readWhole } from "./files.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => readWhole("/dev/zero"), Error, "Cannot read /dev/zero");
 * ```
 */
export function readWhole(path: string): Uint8Array<ArrayBuffer> {
  try {
    if (path === "") throw unreadable(path, "path");
    if (isStandardInput(path)) return readInputSync(path);
    if (path === "/dev/null") return new Uint8Array(0);
    const { isFile, isDirectory, isFifo, size } = Deno.statSync(path);
    if (!isFile && !isDirectory && !(isFifo === true && isGiven(path))) throw unreadable(path, "special_file");
    if (size > MAX_WHOLE) throw unreadable(path, "file_too_large");
    return Deno.readFileSync(path);
  } catch (error) {
    throw fileError(error, "read", path);
  }
}

/** Whether a path that the user names is a descriptor that the process was started with. */
export function isGiven(path: string): boolean {
  return isStandardInput(path) || /^\/(?:dev|proc\/self)\/fd\/\d+$/.test(path);
}

/** Whether a path that the user names is standard input. Deno itself opens none of these. */
export function isStandardInput(path: string): boolean {
  return /^(?:-|\/dev\/stdin|\/(?:dev|proc\/self)\/fd\/0)$/.test(path);
}

function readInputSync(path: string): Uint8Array<ArrayBuffer> {
  const input = new Whole(path);
  for (;;) {
    const part = new Uint8Array(64 * 1024);
    const count = Deno.stdin.readSync(part);
    if (count === null) return input.bytes;
    input.add(part.subarray(0, count));
  }
}

/**
 * All bytes of standard input, or of another stream.
 *
 * @throws {UsageError} `bad_value`, where something else reads it already.
 * @throws {StorageError} `cannot_read`: more than a file may have, as of a stream without end
 */
export async function readInput(
  stream: ReadableStream<Uint8Array> = Deno.stdin.readable,
): Promise<Uint8Array<ArrayBuffer>> {
  if (stream.locked) {
    throw new UsageError("bad_value", "Cannot read standard input twice", {
      details: { option: "-", value: "-", reason: "read_once", action: "combine" },
    });
  }
  const input = new Whole("standard input");
  try {
    for await (const part of stream) input.add(part);
  } catch (error) {
    throw fileError(error, "read", "standard input");
  }
  return input.bytes;
}

/** What has been read so far of something without a size. */
class Whole {
  readonly #path: string;
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return concat(...this.#parts);
  }

  add(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > MAX_WHOLE) throw unreadable(this.#path, "file_too_large");
    this.#parts.push(part);
  }
}

const REASONS = {
  path: "a path has at least one character",
  special_file: "it is a device or a pipe",
  file_too_large: `it is larger than ${MAX_WHOLE} bytes`,
} as const;

function unreadable(path: string, problem: keyof typeof REASONS): StorageError {
  const reason = REASONS[problem];
  return new StorageError("cannot_read", `Cannot read ${path}: ${reason}`, { details: { path, problem, reason } });
}

/**
 * Puts a new file in place of `path` in one step: another process sees the old content or the new one, and `mode` from
 * the start.
 *
 * @param options `mode`: of the file; default 0644. `folderMode`: of its folder, which is made where it is missing; without
 *   it the folder has to exist.
 * @throws {StorageError} `cannot_write`
 *
 * @example
 * ```ts
 * import { replaceFile } from "./files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * for (const text of ["old", "new"]) replaceFile(`${folder}/kept/token`, text, { mode: 0o600, folderMode: 0o700 });
 * assertEquals(await Deno.readTextFile(`${folder}/kept/token`), "new");
 * assertEquals(Array.from(Deno.readDirSync(`${folder}/kept`), ({ name }) => name), ["token"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function replaceFile(
  path: string,
  text: string,
  { mode = 0o644, folderMode }: { readonly mode?: number; readonly folderMode?: number } = {},
): void {
  // A name that nobody can have prepared: `createNew` follows no link, and takes over no file with another mode.
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    if (folderMode !== undefined) Deno.mkdirSync(folderOf(path), { recursive: true, mode: folderMode });
    Deno.writeTextFileSync(temporary, text, { createNew: true, mode });
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was never made.
    }
    throw fileError(error, "write", path);
  }
}
