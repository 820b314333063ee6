/**
 * From rows to records. The tables are STRICT, so a value of a wrong type means a file that was tampered with.
 *
 * @module
 */
import type { Row } from "./sqlite_connection.ts";
import type { Host, Session, User } from "./store.ts";

/** A row of `user`. */
export function toUser(row: Row): User {
  return {
    name: text(row, "name"),
    verifier: text(row, "verifier"),
    disabled: integer(row, "disabled") !== 0,
    createdAt: integer(row, "created_at"),
  };
}

/** A row of `session`. */
export function toSession(row: Row): Session {
  return {
    id: text(row, "id"),
    user: text(row, "user"),
    generation: integer(row, "generation"),
    secretHash: blob(row, "secret_hash"),
    createdAt: integer(row, "created_at"),
    lastUsedAt: integer(row, "last_used_at"),
    replaced: text(row, "replaced").split(" ").filter(Boolean).map(Number),
  };
}

/** A row of `host`. */
export function toHost(row: Row): Host {
  return {
    address: text(row, "address"),
    name: text(row, "name"),
    createdAt: integer(row, "created_at"),
    seenAt: integer(row, "seen_at"),
  };
}

/** A column of type TEXT. */
export function text(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== "string") throw new TypeError(`Cannot read column ${column}: it is no text`);
  return value;
}

/** A column of type INTEGER. */
export function integer(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== "number") throw new TypeError(`Cannot read column ${column}: it is no integer`);
  return value;
}

/** A column of type BLOB. */
export function blob(row: Row | undefined, column: string): Uint8Array {
  const value = row?.[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`Cannot read column ${column}: it is no blob`);
  return value;
}
