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
import type { AttemptChange, WorkerCalls } from "./sqlite_protocol.ts";
import type {
  Attempt,
  AttemptCounts,
  Host,
  NewSession,
  NewUser,
  NextToken,
  Revocations,
  Rotation,
  RotationConditions,
  Session,
  SessionConditions,
  User,
  UserConditions,
  UserStore,
} from "./store.ts";
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
    return new SqliteStore(client);
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

class SqliteStore implements UserStore {
  readonly #client: WorkerClient;
  #closing: Promise<void> | undefined;
  /** Changes of attempts that wait for those before them to be written, all of them then in one transaction. */
  #attempts: WaitingChange[] = [];
  #writingAttempts: Promise<void> | undefined;

  constructor(client: WorkerClient) {
    this.#client = client;
  }

  createUser(user: NewUser, conditions?: UserConditions): Promise<"created" | "taken" | "full"> {
    return this.#call("createUser", user, conditions);
  }

  findUser(name: string): Promise<User | null> {
    return this.#call("findUser", name);
  }

  listUsers(): Promise<User[]> {
    return this.#call("listUsers");
  }

  setVerifier(name: string, verifier: string): Promise<boolean> {
    return this.#call("setVerifier", name, verifier);
  }

  setDisabled(name: string, disabled: boolean): Promise<boolean> {
    return this.#call("setDisabled", name, disabled);
  }

  removeUser(name: string): Promise<boolean> {
    return this.#call("removeUser", name);
  }

  createSession(session: NewSession, conditions: SessionConditions): Promise<"created" | "refused"> {
    return this.#call("createSession", session, conditions);
  }

  findSession(id: string): Promise<Session | null> {
    return this.#call("findSession", id);
  }

  rotateSession(id: string, next: NextToken, conditions: RotationConditions): Promise<Rotation> {
    return this.#call("rotateSession", id, next, conditions);
  }

  touchSession(id: string, now: number): Promise<void> {
    return this.#call("touchSession", id, now);
  }

  revokeSession(id: string): Promise<boolean> {
    return this.#call("revokeSession", id);
  }

  revokeUser(name: string): Promise<number> {
    return this.#call("revokeUser", name);
  }

  listSessions(user?: string): Promise<Session[]> {
    return this.#call("listSessions", user);
  }

  revocationsSince(version: number): Promise<Revocations> {
    return this.#call("revocationsSince", version);
  }

  version(): Promise<number> {
    return this.#call("version");
  }

  getHost(address: string): Promise<Host | null> {
    return this.#call("getHost", address);
  }

  putHost(address: string, name: string, now: number): Promise<Host> {
    return this.#call("putHost", address, name, now);
  }

  touchHost(address: string, now: number): Promise<Host | null> {
    return this.#call("touchHost", address, now);
  }

  listHosts(): Promise<Host[]> {
    return this.#call("listHosts");
  }

  renameHost(address: string, name: string): Promise<boolean> {
    return this.#call("renameHost", address, name);
  }

  forgetHost(address: string): Promise<boolean> {
    return this.#call("forgetHost", address);
  }

  countAttempt(attempt: Attempt, now: number, windowMs: number): Promise<AttemptCounts> {
    return this.#changeAttempts({ ...attempt, failed: { at: now, windowMs } });
  }

  async clearAttempts(attempt: Attempt): Promise<void> {
    await this.#changeAttempts(attempt);
  }

  getOrCreateSecret(name: string, bytes: number): Promise<Uint8Array> {
    return this.#call("getOrCreateSecret", name, bytes);
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call<Name extends keyof WorkerCalls>(
    name: Name,
    ...args: Parameters<WorkerCalls[Name]>
  ): Promise<ReturnType<WorkerCalls[Name]>> {
    return this.#closing === undefined ? this.#client.call(name, ...args) : Promise.reject(this.#client.closed());
  }

  /** One transaction at a time: with the rollback journal each costs some ms, and a flood of attempts would hold up all else. */
  #changeAttempts(change: AttemptChange): Promise<AttemptCounts> {
    if (this.#closing !== undefined) return Promise.reject(this.#client.closed());
    const { promise, resolve, reject } = Promise.withResolvers<AttemptCounts>();
    this.#attempts.push({ change, resolve, reject });
    this.#writingAttempts ??= this.#writeAttempts();
    return promise;
  }

  async #writeAttempts(): Promise<void> {
    while (this.#attempts.length > 0) {
      const batch = this.#attempts.splice(0, ATTEMPTS_AT_ONCE);
      try {
        const counts = await this.#client.call("changeAttempts", batch.map(({ change }) => change));
        batch.forEach(({ resolve }, at) => resolve(counts[at] ?? { address: 0, account: 0 }));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writingAttempts = undefined;
  }

  /** The worker answers in order, so the calls before this one are done when it is. One that has died has no more to do. */
  async #close(): Promise<void> {
    if (this.#client.ended) return;
    try {
      await this.#writingAttempts;
      await this.#client.call("close");
    } finally {
      this.#client.end();
    }
  }
}
