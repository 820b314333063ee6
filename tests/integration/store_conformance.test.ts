import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { migrate } from "../../lib/store/postgres_schema.ts";
import { PostgresCluster, WRITE } from "../../lib/store/postgres_cluster.ts";
import { postgresStore } from "../../lib/store/postgres_store.ts";
import { openStore } from "../../lib/store/open.ts";
import { storeLocation } from "../../lib/store/location.ts";
import { hasPostgres, startPostgres } from "../support/auth_postgres.ts";
import { storeConformance } from "../support/store_conformance.ts";

/** Waits for no disk: what a store has acknowledged being on it is the matter of store_faults.test.ts. */
const MEMORY = "/dev/shm";
const where = await Deno.stat(MEMORY).then(({ isDirectory }) => isDirectory ? { dir: MEMORY } : {}, () => ({}));

storeConformance("SqliteStore", async () => {
  const directory = await Deno.makeTempDir({ prefix: "echo-store-", ...where });
  return {
    store: await openSqliteStore(directory),
    reopen: () => openSqliteStore(directory),
    dispose: () => Deno.remove(directory, { recursive: true }),
  };
});

/** One database for all cases, each of which begins with an empty one: to create another takes ten times as long. */
const postgres = hasPostgres ? await startPostgres() : undefined;
const database = await postgres?.newDatabase() ?? "";

storeConformance("PostgresStore", async () => {
  const location = storeLocation(database);
  if (location.type !== "postgres") throw new TypeError("the URL is PostgreSQL's");
  const cluster = await PostgresCluster.open(location, () => undefined);
  await cluster.query({ text: "DROP SCHEMA IF EXISTS echo CASCADE" }, WRITE);
  await migrate(cluster);
  return {
    store: postgresStore(cluster),
    reopen: () => openStore(location, () => undefined),
    dispose: () => Promise.resolve(),
  };
  // The sockets of `pg` are closed a moment after its `end()`.
}, { ignore: postgres === undefined, sanitizeOps: false });
Deno.test.afterAll(async () => await postgres?.[Symbol.asyncDispose]());
