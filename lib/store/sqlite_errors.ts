/**
 * What SQLite's result codes (https://www.sqlite.org/rescode.html) mean to the one who runs the server.
 *
 * @module
 */
import { ConfigError, EchoError, StorageError } from "../base/errors.ts";
import { STORE_LOCK_WAIT } from "../base/limits.ts";

/** What was being done; decides between `cannot_write` and `cannot_read`. */
export type Action = "write" | "read";

/** Why a file is refused. */
export type Refusal = "damaged" | "foreign" | "newer" | "lost" | "moved";

const WRITE_ACCESS = "it or its directory is read-only; give this user the right to write there";
const LOCKED = `another program has kept it locked for ${STORE_LOCK_WAIT / 1000} s; end that program, or try again`;
const FULL = "the disk is full; free some space and try again";

/** Primary result codes, and one extended: SQLITE_IOERR_SHMSIZE, a full disk below the `-shm` file. */
const REASONS: Readonly<Record<number, { readonly problem: string; readonly reason: string }>> = {
  3: { problem: "permission", reason: WRITE_ACCESS },
  5: { problem: "locked", reason: LOCKED },
  6: { problem: "locked", reason: LOCKED },
  7: { problem: "memory", reason: "out of memory; end other programs and try again" },
  8: { problem: "read_only", reason: WRITE_ACCESS },
  10: { problem: "disk_error", reason: "the disk reports an error; check it with the tools of the system" },
  13: { problem: "disk_full", reason: FULL },
  14: { problem: "permission", reason: WRITE_ACCESS },
  15: { problem: "locked", reason: LOCKED },
  23: { problem: "permission", reason: WRITE_ACCESS },
  4874: { problem: "disk_full", reason: FULL },
};

const REFUSALS: Readonly<Record<Refusal, string>> = {
  damaged:
    "the file is damaged, or no database at all; restore it from a backup, or move it away to begin with an empty one",
  foreign: "the file belongs to another program; move it away, or choose another data directory",
  lost:
    "there was a database, and it is gone or empty; restore it from a backup, or remove echo.db.exists beside it to begin with an empty one",
  moved: "the file was moved, removed or replaced meanwhile; put it back, or start this program again",
  newer: "the file was written by a newer version; update this program, or choose another data directory",
};

/** What `error`, raised by `node:sqlite` on the file `path`, means. Anything unknown comes back as it is: a bug. */
export function sqliteError(error: unknown, action: Action, path: string): unknown {
  if (error instanceof EchoError || !(error instanceof Error)) return error;
  const code = resultCode(error);
  if (code === undefined) return error;
  const primary = code & 0xff;
  if (primary === 11 || primary === 26) return refusal("damaged", path, error);
  const known = REASONS[code] ?? REASONS[primary];
  if (known === undefined) return error;
  return new StorageError(
    action === "write" ? "cannot_write" : "cannot_read",
    `Cannot ${action} ${path}: ${known.reason}`,
    {
      details: { path, ...known },
      cause: error,
    },
  );
}

/** Whether a table or a column is missing: SQLITE_ERROR, which means other things, too. */
export function isWithoutTable(error: unknown): boolean {
  return error instanceof Error && resultCode(error) === 1 && /^no such (?:table|column): /.test(error.message);
}

/** Whether somebody else has a lock: SQLITE_BUSY, SQLITE_LOCKED. */
export function isLock(error: unknown): boolean {
  return error instanceof Error && [5, 6].includes((resultCode(error) ?? 0) & 0xff);
}

/** The refusal of a file that must be left as it is. */
export function refusal(problem: Refusal, path: string, cause?: unknown): ConfigError {
  const reason = REFUSALS[problem];
  return new ConfigError("bad_store", `Cannot use ${path}: ${reason}`, { details: { path, problem, reason }, cause });
}

/** The extended result code. `new DatabaseSync` gives none; the one way it fails on its own is SQLITE_CANTOPEN. */
function resultCode(error: Error): number | undefined {
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode;
  return error.message.startsWith("unable to open database file") ? 14 : undefined;
}
