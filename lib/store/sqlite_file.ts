/**
 * The files of the SQLite store, as far as they are handled without SQLite: directory, modes, first look at the header.
 *
 * @module
 */
import { folderOf } from "../base/files.ts";
import { ConfigError, StorageError } from "../base/errors.ts";
import { fileError } from "../base/system_errors.ts";
import { refusal } from "./sqlite_errors.ts";
import { APPLICATION_ID } from "./sqlite_schema.ts";

/** Name of the database within the data directory. */
export const FILE_NAME = "echo.db";

/** What a data directory may hold beside dot files for the store to take it for its own. */
const OWN_FILES = /^(\.|echo)/;

/**
 * Makes the data directory with mode 0700. One that was there before loses the rights of others when there is nothing of
 * others in it (a shared one, like /tmp, stays as it is: the files are 0600 anyway).
 *
 * @throws {StorageError} `cannot_write`
 */
export function prepareDirectory(directory: string): void {
  try {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
      const reason = "it is not a directory; choose another data directory";
      throw new StorageError("cannot_write", `Cannot write ${directory}: ${reason}`, {
        details: { path: directory, problem: "not_a_directory", reason },
        cause: error,
      });
    }
    throw withRemedy(fileError(error, "write", directory));
  }
  const { mode } = Deno.statSync(directory);
  const shared = mode === null || (mode & 0o1000) !== 0;
  if (shared || (mode & 0o077) === 0) return;
  try {
    if (Array.from(Deno.readDirSync(directory)).some(({ name }) => !OWN_FILES.test(name))) return;
    Deno.chmodSync(directory, mode & 0o700);
  } catch { /* Someone else's directory, or a read-only file system: whether it can be used shows later. */ }
}

/**
 * Looks at the file without SQLite, which would leave its own files beside a foreign one. An empty or missing file is
 * made, readable by its owner only: SQLite gives its other files the same mode.
 *
 * @returns The schema version in the header, 0 for a new file; a newer one may still be in the `-wal` file.
 * @throws {ConfigError} `bad_store`: damaged, foreign, newer than `newest`. The file is left as it is.
 * @throws {StorageError} `cannot_read`, `cannot_write`
 */
export function inspectFile(path: string, newest: number): number {
  const header = readHeader(path);
  if (header.length === 0) {
    createFile(path);
    return 0;
  }
  // https://www.sqlite.org/fileformat.html#the_database_header
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (header.length < 100 || !new TextDecoder("latin1").decode(header).startsWith("SQLite format 3\0")) {
    throw refusal("damaged", path);
  }
  if (view.getUint32(68) !== APPLICATION_ID) throw refusal("foreign", path);
  const version = view.getUint32(60);
  if (version > newest) throw refusal("newer", path);
  narrow(path);
  return version;
}

/** Whether there is a file of that name. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw fileError(error, "read", path);
  }
}

/** The first 100 bytes, or fewer; none where there is no file. */
function readHeader(path: string): Uint8Array {
  try {
    if (Deno.statSync(path).isDirectory) {
      throw new ConfigError("bad_store", `Cannot use ${path}: it is a directory; move it away`, {
        details: { path, problem: "directory", reason: "it is a directory; move it away" },
      });
    }
    using file = Deno.openSync(path);
    const header = new Uint8Array(100);
    return header.subarray(0, file.readSync(header) ?? 0);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array(0);
    throw withRemedy(fileError(error, "read", path));
  }
}

function createFile(path: string): void {
  try {
    Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
    narrow(path);
  } catch (error) {
    throw withRemedy(fileError(error, "write", path));
  }
}

/** Takes the rights of others away; the owner's own stay, so that a file made read-only on purpose stays so. */
function narrow(path: string): void {
  for (const name of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    try {
      const { mode } = Deno.statSync(name);
      if (mode !== null && (mode & 0o077) !== 0) Deno.chmodSync(name, mode & 0o700);
    } catch { /* It is not there, or not ours to change. */ }
  }
}

function withRemedy(error: unknown): unknown {
  if (!(error instanceof StorageError)) return error;
  const { details, cause } = error;
  const where = typeof details["path"] === "string" ? folderOf(details["path"]) : "there";
  const remedy = `give this user the right to ${error.code === "cannot_write" ? "write" : "read"} in ${where}`;
  return new StorageError(error.code, `${error.message}; ${remedy}, or choose another data directory`, {
    details,
    cause,
  });
}
