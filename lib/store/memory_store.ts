/**
 * A {@linkcode UserStore} that ends with the process: SQLite in memory, in this thread.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { operations } from "./sqlite_operations.ts";
import { type Backend, storeOver } from "./backend.ts";
import type { UserStore } from "./store.ts";

/**
 * Opens an empty store; needs no permission.
 *
 * @example
 * ```ts
 * import { openMemoryStore } from "./memory_store.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = openMemoryStore();
 * await store.createUser({ name: "Anna", verifier: "SCRAM-SHA-256$…", createdAt: 0 });
 * assertEquals((await store.listUsers()).map(({ name }) => name), ["Anna"]);
 * ```
 */
export function openMemoryStore(): UserStore {
  const connection = SqliteConnection.inMemory();
  const calls = { ...operations(connection), open: () => {}, close: () => connection[Symbol.dispose]() };
  const call: Backend["call"] = async (name, ...args) => await Reflect.apply(calls[name], undefined, args);
  const closed = (): UsageError => new UsageError("closed", "Cannot use the store: the store is closed");
  return storeOver({ call, ended: false, end: () => {}, closed });
}
