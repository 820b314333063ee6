/**
 * The files of the SQLite store, as far as they are handled without SQLite: directory, modes, first look at the header.
 *
 * @module
 */
import { checkTrust } from "../base/file_trust.ts";
import { folderOf } from "../base/files.ts";
import { StorageError } from "../base/errors.ts";
import { fileError } from "../base/system_errors.ts";
import { refusal } from "./sqlite_errors.ts";
import { APPLICATION_ID } from "./sqlite_schema.ts";

/** Name of the database within the data directory. */
export const FILE_NAME = "echo.db";

/** What a data directory may hold beside dot files for the store to take it for its own. */
const OWN_FILES = /^(\.|echo)/;

/** Says that there was a database, so that a lost one is missed. */
const MARKER = `${FILE_NAME}.exists`;

const MARKER_TEXT = `This folder has a database, ${FILE_NAME}. Without it nobody can log in: restore it from a backup.
Remove this file to begin with an empty one.
`;

/**
 * Makes the data directory with mode 0700. One that was there before loses the rights of others when there is nothing of
 * others in it. One that others can write is refused, unless it is empty: what is in it might be theirs.
 *
 * @throws {StorageError} `cannot_write`
 * @throws {ConfigError} `untrusted_file`
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
  const isWritable = mode !== null && (mode & 0o022) !== 0;
  if (mode !== null && (mode & 0o077) !== 0) {
    try {
      const names = Array.from(Deno.readDirSync(directory), ({ name }) => name);
      const mayNarrow = isWritable ? names.length === 0 : names.every((name) => OWN_FILES.test(name));
      // A sticky one, such as /tmp, is everybody's.
      if (mayNarrow && (mode & 0o1000) === 0) Deno.chmodSync(directory, mode & 0o700);
    } catch { /* Someone else's directory, or a read-only file system: whether it can be used shows later. */ }
  }
  checkTrust(directory, { kind: "folder" });
}

/** Whether there is a database in the directory, or was one. */
export function hasDatabase(directory: string): boolean {
  return exists(`${directory}/${FILE_NAME}`) || exists(`${directory}/${MARKER}`);
}

/** Notes that there is a database at `path`. */
export function markDatabase(path: string): void {
  const marker = `${folderOf(path)}/${MARKER}`;
  try {
    if (!exists(marker)) Deno.writeTextFileSync(marker, MARKER_TEXT, { createNew: true, mode: 0o600 });
  } catch { /* Nothing can be written there, or another process was faster. */ }
}

/**
 * Looks at the file without SQLite, which would leave its own files beside a foreign one. An empty or missing file is
 * made, readable by its owner only: SQLite gives its other files the same mode.
 *
 * @returns The schema version in the header, 0 for a new file; a newer one may still be in the `-wal` file.
 * @throws {ConfigError} `bad_store`: damaged, foreign, newer than `newest`, lost. `untrusted_file`: another user has, or may
 *   have, written it. The file is left as it is.
 * @throws {StorageError} `cannot_read`, `cannot_write`
 */
export function inspectFile(path: string, newest: number): number {
  for (const name of filesOf(path)) checkTrust(name);
  const header = readHeader(path);
  if (header.length === 0) {
    if (exists(`${folderOf(path)}/${MARKER}`)) throw refusal("lost", path);
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
  // Both are written with the first tables.
  if (version === 0) throw refusal("damaged", path);
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

/** Which file is at `path`: its device and its number there; `undefined` where there is none, or the system does not tell. */
export function fileId(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return ino === null ? undefined : `${dev} ${ino}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(error, "read", path);
  }
}

/** The first 100 bytes, or fewer; none where there is no file. */
function readHeader(path: string): Uint8Array {
  try {
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
  for (const name of filesOf(path)) {
    try {
      const { mode } = Deno.statSync(name);
      if (mode !== null && (mode & 0o077) !== 0) Deno.chmodSync(name, mode & 0o700);
    } catch { /* It is not there, or not ours to change. */ }
  }
}

/** The database with those that SQLite keeps beside it. */
function filesOf(path: string): string[] {
  return ["", "-wal", "-shm", "-journal"].map((suffix) => `${path}${suffix}`);
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
