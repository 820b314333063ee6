/**
 * All of a SQLite store at one moment, to be put elsewhere.
 *
 * @module
 */
import { SqliteConnection } from "./sqlite_connection.ts";
import { FILE_NAME } from "./sqlite_file.ts";
import { operations } from "./sqlite_operations.ts";
import { blob, text } from "./rows.ts";
import type { Host, Session, User } from "./store.ts";

/** What a store holds, but for failed log-ins, which are forgotten within minutes anyway. */
export interface Snapshot {
  /** By name. */
  readonly users: readonly User[];
  /** By user, then by age. */
  readonly sessions: readonly Session[];
  /** By address. */
  readonly hosts: readonly Host[];
  /** By name: without them no token in use is valid, and unknown users seem to get another salt. */
  readonly secrets: readonly { readonly name: string; readonly value: Uint8Array }[];
}

/**
 * Reads all of the store in `directory`.
 *
 * @throws What opening it throws.
 */
export function readSnapshot(directory: string): Snapshot {
  using connection = SqliteConnection.open(`${directory}/${FILE_NAME}`);
  const { listUsers, listSessions, listHosts } = operations(connection);
  connection.run("BEGIN");
  try {
    return {
      users: listUsers(),
      sessions: listSessions(),
      hosts: listHosts(),
      secrets: connection.all("SELECT name, value FROM secret ORDER BY name").map((row) => ({
        name: text(row, "name"),
        value: blob(row, "value"),
      })),
    };
  } finally {
    connection.run("COMMIT");
  }
}
