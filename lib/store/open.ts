/**
 * Opens the store that `--store` names; what the other kinds need is not loaded.
 *
 * @module
 */
import { assertNoPassword, type Environment, type StoreLocation, storeLocation } from "./location.ts";
import type { UserStore } from "./store.ts";

/** What a command line says of the store. */
export interface StoreChoice {
  /** `--store`. */
  readonly store: string | undefined;
  /** `--data`: where the database is without `--store`. */
  readonly data: string;
  /** The URL was given as an argument, where others can read it. */
  readonly isArgument: boolean;
}

/**
 * Where the store is.
 *
 * @throws {UsageError} `bad_value`
 */
export function locationFrom({ store, data, isArgument }: StoreChoice): StoreLocation {
  if (store === undefined) return { type: "sqlite", directory: data };
  if (isArgument) assertNoPassword(store);
  return storeLocation(store);
}

/**
 * Opens a store.
 *
 * @throws What `openSqliteStore` and `openPostgresStore` throw.
 */
export async function openStore(location: StoreLocation, environment: Environment): Promise<UserStore> {
  if (location.type === "sqlite") {
    const { openSqliteStore } = await import("./sqlite_store.ts");
    return await openSqliteStore(location.directory);
  }
  const { openPostgresStore } = await import("./postgres_store.ts");
  return await openPostgresStore(location, environment);
}
