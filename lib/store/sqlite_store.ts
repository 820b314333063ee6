/**
 * A {@linkcode UserStore} in one SQLite file, `echo.db` in the data directory.
 *
 * Policy: directory 0700, files 0600; every acknowledged change but use-times and failed log-ins is on the disk (WAL where
 * the SQLite version is safe, else a rollback journal; `synchronous=EXTRA`, which is FULL and more); a file that is damaged,
 * another program's or newer is refused and left as it is; a lock is waited for, at most `STORE_LOCK_WAIT`.
 *
 * @module
 */
import { FILE_NAME } from "./sqlite_file.ts";
import { storeOver } from "./backend.ts";
import type { UserStore } from "./store.ts";
import { WorkerClient } from "./worker_client.ts";

/** What {@linkcode openSqliteStore} can be told. */
export interface SqliteStoreOptions {
  /** Gives the opening up: checking a large file, or waiting for a lock. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the store in `directory`, which is made where it is missing. Where nothing can be written, an existing store
 * opens all the same: it answers, and refuses changes.
 *
 * Needs read and write permission for the directory, and read permission for `sqlite_worker.ts` beside this file (a
 * compiled binary has it within, when compiled with `--include`). The process stays alive until the store is closed.
 *
 * @throws {StorageError} `cannot_write`, `cannot_read`
 * @throws {ConfigError} `bad_store`: the file is damaged, another program's, or newer than this program.
 *
 * @example
 * ```ts
 * import { openSqliteStore } from "./sqlite_store.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const directory = await Deno.makeTempDir();
 * {
 *   await using store = await openSqliteStore(directory);
 *   const anna = { name: "Anna", verifier: "SCRAM-SHA-256$…", createdAt: Date.now() };
 *   assertEquals(await store.createUser(anna), "created");
 *   assertEquals(await store.createUser(anna), "taken");
 * }
 * await Deno.remove(directory, { recursive: true });
 * ```
 */
export async function openSqliteStore(directory: string, options: SqliteStoreOptions = {}): Promise<UserStore> {
  const { signal } = options;
  signal?.throwIfAborted();
  const worker = new Worker(new URL("./sqlite_worker.ts", import.meta.url), { type: "module", name: "store" });
  const client = new WorkerClient(worker, `${directory}/${FILE_NAME}`);
  const abort = () => client.end(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    await client.call("open", directory);
    return storeOver(client);
  } catch (error) {
    client.end();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
