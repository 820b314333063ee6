/**
 * The store's worker, from the main thread's side. A worker that dies takes no caller with it: every call that waits, and
 * every later one, is refused.
 *
 * @module
 */
import { StorageError, UsageError } from "../base/errors.ts";
import { type Link, linkWorker, type Thread } from "../base/worker_link.ts";
import type { WorkerCalls } from "./sqlite_protocol.ts";

/** A worker that answers {@linkcode WorkerCalls}, in the order in which they are made. */
export class WorkerClient {
  readonly #worker: Thread;
  readonly #path: string;
  readonly #link: Link<WorkerCalls>;
  /** Has the worker run a call; rejects with `cannot_write` when it has died, and with what the call throws. */
  readonly call: Link<WorkerCalls>["call"];

  /** Takes `worker` over; `path` is the file that errors name. */
  constructor(worker: Thread, path: string) {
    this.#worker = worker;
    this.#path = path;
    this.#link = linkWorker(worker, (why) => {
      const reason = `the storage worker has died (${why}); start this program again`;
      return new StorageError("cannot_write", `Cannot write ${path}: ${reason}`, {
        details: { path, problem: "crashed", reason },
      });
    });
    this.call = this.#link.call.bind(this.#link);
  }

  /** Whether the worker has been ended, or has died. */
  get ended(): boolean {
    return this.#link.isEnded;
  }

  /** Ends the worker; calls that wait, and later ones, are refused with `reason`. */
  end(reason: unknown = this.closed()): void {
    this.#link.end(reason);
    this.#worker.terminate();
  }

  /** The error of a call that comes too late. */
  closed(): UsageError {
    return new UsageError("closed", `Cannot use ${this.#path}: the store is closed`, { details: { path: this.#path } });
  }
}
