/**
 * From rows of PostgreSQL to records. The driver gives a `bigint` as text, and `bytea` as a view of its buffer.
 *
 * @module
 */
import type { Host, Session, User } from "./store.ts";

/** A row as the driver returns it. */
export type Row = Readonly<Record<string, unknown>>;

/** A row of `users`. */
export function toUser(row: Row): User {
  return {
    name: text(row, "name"),
    verifier: text(row, "verifier"),
    disabled: row["disabled"] === true,
    createdAt: integer(row, "created_at"),
  };
}

/** A row of `sessions`. */
export function toSession(row: Row): Session {
  const replaced = row["replaced"];
  return {
    id: text(row, "id"),
    user: text(row, "user_name"),
    generation: integer(row, "generation"),
    secretHash: blob(row, "secret_hash"),
    createdAt: integer(row, "created_at"),
    lastUsedAt: integer(row, "last_used_at"),
    replaced: Array.isArray(replaced) ? replaced.map(Number) : [],
  };
}

/** A row of `hosts`. */
export function toHost(row: Row): Host {
  return {
    address: text(row, "address"),
    name: text(row, "name"),
    createdAt: integer(row, "created_at"),
    seenAt: integer(row, "seen_at"),
  };
}

/** A column of type text. */
export function text(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== "string") throw new TypeError(`Cannot read column ${column}: it is no text`);
  return value;
}

/** A column of an integer type. */
export function integer(row: Row | undefined, column: string): number {
  const value = Number(row?.[column] ?? NaN);
  if (!Number.isSafeInteger(value)) throw new TypeError(`Cannot read column ${column}: it is no integer`);
  return value;
}

/** A column of type bytea. */
export function blob(row: Row | undefined, column: string): Uint8Array {
  const value = row?.[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`Cannot read column ${column}: it is no bytea`);
  return new Uint8Array(value);
}
