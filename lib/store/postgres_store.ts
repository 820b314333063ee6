/**
 * A {@linkcode UserStore} in PostgreSQL, shared by any number of servers.
 *
 * Policy: every acknowledged change but use-times and failed log-ins is committed as the operator has set
 * `synchronous_commit`; a call that the database did not confirm fails; tables that are older or newer are refused; while no
 * server can write, calls fail at once, and the store comes back by itself.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { type Backend, storeOver } from "./backend.ts";
import type { Environment, PostgresLocation } from "./location.ts";
import { PostgresCluster } from "./postgres_cluster.ts";
import { operations } from "./postgres_operations.ts";
import { checkSchema } from "./postgres_schema.ts";
import { turnsOf } from "./postgres_turns.ts";
import type { UserStore } from "./store.ts";

/**
 * Opens the store.
 *
 * @param environment Where `PGPASSWORD`, `PGPASSFILE`, `PGUSER`, `PGDATABASE`, `PGSSLROOTCERT` are looked up.
 * @throws {StorageError} `cannot_read`: no server that can write is reached.
 * @throws {ConfigError} `bad_store`: refused, no tables, or tables of another version.
 */
export async function openPostgresStore(location: PostgresLocation, environment: Environment): Promise<UserStore> {
  const cluster = await PostgresCluster.open(location, environment);
  try {
    await checkSchema(cluster);
    return postgresStore(cluster);
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** The store over connections that are there, which it takes over. */
export function postgresStore(cluster: PostgresCluster): UserStore {
  const calls = { ...operations(cluster), open: () => Promise.resolve(), close: () => cluster.close() };
  const call: Backend["call"] = (name, ...args) => Reflect.apply(calls[name], undefined, args);
  const closed = (): UsageError =>
    new UsageError("closed", `Cannot use ${cluster.path}: the store is closed`, { details: { path: cluster.path } });
  return {
    ...storeOver({ call, ended: false, end: () => {}, closed }),
    fleet: {
      ...turnsOf(cluster),
      trouble: () => cluster.trouble,
      onRevoked: (listener) => cluster.onRevoked(listener),
    },
  };
}
