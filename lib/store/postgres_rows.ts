/**
 * From rows of PostgreSQL to records.
 *
 * @module
 */
import { type Row, sessionOf, text, userOf } from "./rows.ts";
import type { Session, User } from "./store.ts";

/** A row of `users`. */
export function toUser(row: Row): User {
  return userOf(row, row["disabled"] === true);
}

/** A row of `sessions`. */
export function toSession(row: Row): Session {
  const replaced = row["replaced"];
  return sessionOf(row, {
    user: text(row, "user_name"),
    replaced: Array.isArray(replaced) ? replaced.map(Number) : [],
  });
}
