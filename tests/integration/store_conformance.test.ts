import { openSqliteStore } from "../../lib/store/sqlite_store.ts";
import { storeConformance } from "../support/store_conformance.ts";

storeConformance("SqliteStore", async () => {
  const directory = await Deno.makeTempDir({ prefix: "echo-store-" });
  return {
    store: await openSqliteStore(directory),
    reopen: () => openSqliteStore(directory),
    dispose: () => Deno.remove(directory, { recursive: true }),
  };
});
