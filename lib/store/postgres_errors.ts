/**
 * What the errors of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html), and those of the way to
 * it, mean to the one who runs the server.
 *
 * @module
 */
import { ConfigError, type Details, EchoError, StorageError } from "../base/errors.ts";

/** What was being done; decides between `cannot_write` and `cannot_read`. */
export type Action = "write" | "read";

/** What an error tells about the database. */
export type Trouble =
  /** No connection, or none to a server that may write: it is looked for. */
  | "postgres_away"
  /** No answer within the time for it. */
  | "postgres_slow"
  /** Committed here, and not confirmed by a standby that has to confirm. */
  | "postgres_unconfirmed"
  /** Two transactions stood in each other's way: to be tried again. */
  | "postgres_conflict"
  | "postgres_password"
  | "postgres_refused"
  | "postgres_database"
  | "postgres_tls"
  | "postgres_permission"
  | "postgres_empty"
  | "postgres_old"
  | "postgres_newer"
  | "disk_full";

/** In English; `reason.…` of the catalogues says the same in both languages. */
const REASONS: Readonly<Record<Trouble, string>> = {
  postgres_away: "no server of it that can write is reached; who is logged in stays",
  postgres_slow: "the database does not answer in time",
  postgres_unconfirmed: "a standby that has to confirm has not; whether it is stored shows later",
  postgres_conflict: "other changes stood in the way each time; try again",
  postgres_password: "it wants a password: set PGPASSWORD, or PGPASSFILE, or give the URL in ECHO_STORE",
  postgres_refused: "the user or the password is refused",
  postgres_database: "there is no such database; make it with createdb",
  postgres_tls: "the TLS connection fails; see sslmode and sslrootcert",
  postgres_permission: "this role may not use the tables; grant it the right to, or run as their owner",
  postgres_empty: "there are no tables of echo-server in it; run echo-server store init",
  postgres_old: "its tables are of an older version; run echo-server store migrate",
  postgres_newer: "its tables are of a newer version; update this program",
  disk_full: "the disk is full; free some space and try again",
};

/** SQLSTATE codes and classes. */
const BY_CODE: readonly (readonly [RegExp, Trouble])[] = [
  [/^(28P01|28000)$/, "postgres_refused"],
  [/^3D000$/, "postgres_database"],
  [/^(42P01|3F000|42883|42703)$/, "postgres_empty"],
  [/^42501$/, "postgres_permission"],
  [/^(40P01|40001)$/, "postgres_conflict"],
  [/^53100$/, "disk_full"],
  // Read-only, in recovery, shut down, or without a place for one more connection.
  [/^(25006|55000|57P0[1-5]|53300|08...)$/, "postgres_away"],
  [/^57014$/, "postgres_slow"],
];

/** Where the driver or the runtime gives no code but a sentence. */
const BY_MESSAGE: readonly (readonly [RegExp, Trouble])[] = [
  [/client password must be|no password supplied|empty password/i, "postgres_password"],
  [/certificate|SSL|TLS|self.signed|handshake|UnknownIssuer/i, "postgres_tls"],
  [/Query read timeout|timeout exceeded when trying to connect/i, "postgres_slow"],
];

/** The trouble that an error of the driver means; `undefined`: the error is a mistake of ours. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const isState = /^[0-9A-Z]{5}$/.test(code) && "severity" in error;
  if (isState) return BY_CODE.find(([known]) => known.test(code))?.[1];
  const said = BY_MESSAGE.find(([known]) => known.test(error.message))?.[1];
  // Whatever else the way to a server has: refused, reset, timed out, unknown name, ended.
  return said ?? (error instanceof TypeError || error instanceof RangeError ? undefined : "postgres_away");
}

/** The error that callers get. Anything unknown comes back as it is: a bug. */
export function postgresError(error: unknown, action: Action, path: string): unknown {
  if (error instanceof EchoError) return error;
  const problem = troubleOf(error);
  return problem === undefined ? error : storageError(problem, { action, path, cause: error });
}

/** A call that came to nothing. */
export function storageError(
  problem: Trouble,
  { action, path, cause }: { readonly action: Action; readonly path: string; readonly cause?: unknown },
): StorageError {
  const { message, details } = told(problem, path, cause);
  return new StorageError(action === "write" ? "cannot_write" : "cannot_read", `Cannot ${action} ${message}`, {
    details,
    cause,
  });
}

/** A database that cannot be used as it is. */
export function refusal(problem: Trouble, path: string, cause?: unknown): ConfigError {
  const { message, details } = told(problem, path, cause);
  return new ConfigError("bad_store", `Cannot use ${message}`, { details, cause });
}

function told(problem: Trouble, path: string, cause: unknown): { readonly message: string; readonly details: Details } {
  const said = cause instanceof Error && !(cause instanceof EchoError) ? causeText(cause) : "";
  const reason = REASONS[problem];
  const message = `${path}: ${reason}${said === "" ? "" : ` (${said})`}`;
  return { message, details: { path, problem, reason, said } };
}

/** One line. An aggregate, of a name with several addresses, has no message of its own. */
function causeText(error: Error): string {
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  return (first.message || first.name).replaceAll(/\s+/g, " ").slice(0, 200);
}
