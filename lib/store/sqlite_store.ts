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
import type { AttemptChange, Operations } from "./sqlite_protocol.ts";
import type { AttemptCounts, UserStore } from "./store.ts";
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

/** Changes of attempts in one transaction at most: about 10 ms. */
const ATTEMPTS_AT_ONCE = 500;

interface WaitingChange {
  readonly change: AttemptChange;
  readonly resolve: (counts: AttemptCounts) => void;
  readonly reject: (error: unknown) => void;
}

/** What runs the operations: a worker, or this thread. */
export type Backend = Pick<WorkerClient, "call" | "ended" | "end" | "closed">;

/** Operations that are the backend's as they are. */
const FORWARDED = [
  "createUser",
  "findUser",
  "listUsers",
  "setVerifier",
  "setDisabled",
  "removeUser",
  "createSession",
  "findSession",
  "rotateSession",
  "touchSession",
  "revokeSession",
  "revokeUser",
  "listSessions",
  "revocationsSince",
  "version",
  "getHost",
  "putHost",
  "touchHost",
  "listHosts",
  "renameHost",
  "forgetHost",
  "getOrCreateSecret",
] as const satisfies readonly (keyof Operations)[];

/** The store whose operations `backend` runs. */
export function storeOver(backend: Backend): UserStore {
  const calls = new Calls(backend);
  const forwarded = Object.fromEntries(FORWARDED.map((name) => [name, (...args: never) => calls.call(name, ...args)]));
  return {
    // The boundary: the backend's operations have the types of the store's, see `Operations`.
    ...forwarded as unknown as Pick<UserStore, typeof FORWARDED[number]>,
    countAttempt: (attempt, now, windowMs) => calls.changeAttempts({ ...attempt, failed: { at: now, windowMs } }),
    clearAttempts: async (attempt) => void await calls.changeAttempts(attempt),
    close: () => calls.close(),
    [Symbol.asyncDispose]: () => calls.close(),
  };
}

/** What is asked of a backend, until it is closed. */
class Calls {
  readonly #backend: Backend;
  #closing: Promise<void> | undefined;
  /** Changes of attempts that wait for those before them to be written, all of them then in one transaction. */
  #attempts: WaitingChange[] = [];
  #writingAttempts: Promise<void> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  call<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<Awaited<ReturnType<Operations[Name]>>> {
    return this.#closing === undefined ? this.#backend.call(name, ...args) : Promise.reject(this.#backend.closed());
  }

  /** One transaction at a time: with the rollback journal each costs some ms, and a flood of attempts would hold up all else. */
  changeAttempts(change: AttemptChange): Promise<AttemptCounts> {
    if (this.#closing !== undefined) return Promise.reject(this.#backend.closed());
    const { promise, resolve, reject } = Promise.withResolvers<AttemptCounts>();
    this.#attempts.push({ change, resolve, reject });
    this.#writingAttempts ??= this.#writeAttempts();
    return promise;
  }

  async #writeAttempts(): Promise<void> {
    while (this.#attempts.length > 0) {
      const batch = this.#attempts.splice(0, ATTEMPTS_AT_ONCE);
      try {
        const counts = await this.#backend.call("changeAttempts", batch.map(({ change }) => change));
        batch.forEach(({ resolve }, at) => resolve(counts[at] ?? { address: 0, account: 0 }));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writingAttempts = undefined;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** The worker answers in order, so the calls before this one are done when it is. One that has died has no more to do. */
  async #close(): Promise<void> {
    if (this.#backend.ended) return;
    try {
      await this.#writingAttempts;
      await this.#backend.call("close");
    } finally {
      this.#backend.end();
    }
  }
}
