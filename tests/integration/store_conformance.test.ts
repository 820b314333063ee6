import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
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
