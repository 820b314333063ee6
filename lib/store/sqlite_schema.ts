/**
 * The tables of the SQLite store, and how a file of any earlier version becomes one of this.
 *
 * @module
 */

/** Marks the file as ours: "ECHO" (https://www.sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x4543484f;

/** The statements that lead from one schema version to the next. */
export type Migration = readonly string[];

const FIRST: Migration = [
  `CREATE TABLE user (
    name TEXT PRIMARY KEY NOT NULL,
    verifier TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE session (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    family TEXT NOT NULL,
    user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    replaced_at INTEGER
  ) STRICT`,
  "CREATE INDEX session_family ON session (family, seq)",
  "CREATE INDEX session_user ON session (user)",
  "CREATE INDEX session_created_at ON session (created_at)",
  `CREATE TABLE revocation (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT,
    family TEXT,
    CHECK ((user IS NULL) <> (family IS NULL))
  ) STRICT`,
  `CREATE TABLE host (
    address TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  "CREATE TABLE attempt (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
  "CREATE INDEX attempt_key ON attempt (key, at)",
  "CREATE TABLE secret (name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
];

/** A session is one row for all its tokens, and failures have an account. Tokens from before are of no use: users log in again. */
const FAMILIES: Migration = [
  "DROP TABLE session",
  `CREATE TABLE session (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    secret_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    replaced TEXT NOT NULL
  ) STRICT`,
  "CREATE INDEX session_user ON session (user)",
  "CREATE INDEX session_created_at ON session (created_at)",
  "DROP TABLE attempt",
  `CREATE TABLE attempt (
    seq INTEGER PRIMARY KEY,
    address TEXT NOT NULL,
    account TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT`,
  "CREATE INDEX attempt_address ON attempt (address, at)",
  "CREATE INDEX attempt_account ON attempt (account, at)",
];

/** Migration `n` leads from version `n` to `n + 1`; an empty file has version 0. Append; never change one that was released. */
export const MIGRATIONS: readonly Migration[] = [FIRST, FAMILIES];
