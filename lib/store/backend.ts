/**
 * From what runs operations to a {@linkcode UserStore}: the same for every kind of database.
 *
 * @module
 */
import type { UsageError } from "../base/errors.ts";
import type { AttemptChange, Operations, WorkerCalls } from "./sqlite_protocol.ts";
import type { AttemptCounts, UserStore } from "./store.ts";

/** Changes of attempts in one transaction at most: about 10 ms. */
const ATTEMPTS_AT_ONCE = 500;

interface WaitingChange {
  readonly change: AttemptChange;
  readonly resolve: (counts: AttemptCounts) => void;
  readonly reject: (error: unknown) => void;
}

/** The operations where each is waited for. */
export type AsyncOperations = {
  readonly [Name in keyof Operations]: (
    ...args: Parameters<Operations[Name]>
  ) => Promise<Awaited<ReturnType<Operations[Name]>>>;
};

/** What runs the operations: a worker, this thread, or a database elsewhere. */
export interface Backend {
  call<Name extends keyof WorkerCalls>(
    name: Name,
    ...args: Parameters<WorkerCalls[Name]>
  ): Promise<Awaited<ReturnType<WorkerCalls[Name]>>>;
  /** Whether nothing can be asked any more. */
  readonly ended: boolean;
  end(): void;
  /** The error of a call that comes too late. */
  closed(): UsageError;
}

/** Operations that are the backend's as they are. */
const FORWARDED = [
  "createUser",
  "addInvitations",
  "removeInvitations",
  "keepTime",
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
