/**
 * From rows of a database to records, as far as both databases have the same columns.
 *
 * @module
 */
import type { Host, Session, User } from "./store.ts";

/** A row as a driver returns it. */
export type Row = Readonly<Record<string, unknown>>;

/** A row of users. */
export function userOf(row: Row, disabled: boolean): User {
  return { name: text(row, "name"), verifier: text(row, "verifier"), disabled, createdAt: integer(row, "created_at") };
}

/** A row of sessions. */
export function sessionOf(row: Row, { user, replaced }: Pick<Session, "user" | "replaced">): Session {
  return {
    id: text(row, "id"),
    user,
    generation: integer(row, "generation"),
    secretHash: blob(row, "secret_hash"),
    createdAt: integer(row, "created_at"),
    lastUsedAt: integer(row, "last_used_at"),
    replaced,
  };
}

/** A row of hosts. */
export function toHost(row: Row): Host {
  return {
    address: text(row, "address"),
    name: text(row, "name"),
    createdAt: integer(row, "created_at"),
    seenAt: integer(row, "seen_at"),
  };
}

/** A column of text. */
export function text(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== "string") throw new TypeError(`Cannot read column ${column}: it is no text`);
  return value;
}

/** A column of an integer type. PostgreSQL's driver gives a `bigint` as text. */
export function integer(row: Row | undefined, column: string): number {
  const value = Number(row?.[column] ?? NaN);
  if (!Number.isSafeInteger(value)) throw new TypeError(`Cannot read column ${column}: it is no integer`);
  return value;
}

/** A column of bytes. PostgreSQL's driver gives a view of its buffer. */
export function blob(row: Row | undefined, column: string): Uint8Array {
  const value = row?.[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`Cannot read column ${column}: it is no blob`);
  return new Uint8Array(value);
}
