/**
 * The files of the examined server: what grows while it is examined, and what they contain.
 *
 * @module
 */
import { join } from "@std/path";

/** Files looked at, and bytes of each: a server's folder, not somebody's disk. */
const MOST_FILES = 2000;
const MOST_BYTES = 8 * 1024 * 1024;

const OTHERS = new Set(["node_modules", ".git", ".venv", "venv", "__pycache__"]);

/** Size of each file by its path. */
export type Snapshot = ReadonlyMap<string, number>;

/** The files in a folder and those below. */
export function snapshot(folder: string): Snapshot {
  const sizes = new Map<string, number>();
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined && sizes.size < MOST_FILES; at = folders.pop()) {
    for (const { name, isDirectory, isFile } of entries(at)) {
      const path = join(at, name);
      if (isDirectory && !OTHERS.has(name)) folders.push(path);
      if (isFile) sizes.set(path, sizeOf(path));
    }
  }
  return sizes;
}

/** What was added to each file since `before`; a file that was shorter before is shown from there on. */
export function added(folder: string, before: Snapshot): Map<string, Uint8Array> {
  const grown = new Map<string, Uint8Array>();
  for (const [path, size] of snapshot(folder)) {
    const had = before.get(path) ?? 0;
    if (size > had) grown.set(path, contents(path).subarray(had));
  }
  return grown;
}

/** The beginning of a file; empty where it cannot be read. */
export function contents(path: string): Uint8Array {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(Math.min(file.statSync().size, MOST_BYTES));
    let length = 0;
    for (let count = 0; length < bytes.length; length += count) {
      count = file.readSync(bytes.subarray(length)) ?? 0;
      if (count === 0) break;
    }
    return bytes.subarray(0, length);
  } catch {
    return new Uint8Array(0);
  }
}

function entries(folder: string): Iterable<Deno.DirEntry> {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
}

/** Size of a file in bytes; 0 where there is none. */
export function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
