/**
 * Calls to a worker and their answers, from the main thread's side. A worker that dies takes no caller with it: every
 * call that waits, and every later one, is refused.
 *
 * @module
 */
import { StorageError, UsageError } from "../base/errors.ts";
import { type Reply, type Request, unpackError, type WorkerCalls } from "./sqlite_protocol.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** The part of `Worker` in use. */
export type StoreWorker = Pick<Worker, "postMessage" | "terminate" | "addEventListener">;

/** A worker that answers {@linkcode WorkerCalls}, in the order in which they are made. */
export class WorkerClient {
  readonly #worker: StoreWorker;
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: unknown;

  /** Takes `worker` over; `path` is the file that errors name. */
  constructor(worker: StoreWorker, path: string) {
    this.#worker = worker;
    this.#path = path;
    worker.addEventListener("message", (event: MessageEvent<Reply>) => this.#settle(event.data));
    worker.addEventListener("messageerror", () => this.#crash("its message cannot be read"));
    worker.addEventListener("error", (event: ErrorEvent) => {
      event.preventDefault();
      this.#crash(event.message);
    });
  }

  /**
   * Has the worker run the call `name`.
   *
   * @throws {StorageError} `cannot_write`, when the worker has died; and what the call throws.
   */
  call<Name extends keyof WorkerCalls>(
    name: Name,
    ...args: Parameters<WorkerCalls[Name]>
  ): Promise<ReturnType<WorkerCalls[Name]>> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      const id = ++this.#lastId;
      const request: Request = { id, name, args };
      this.#worker.postMessage(request);
      // The boundary: the worker answers a call with what the operation of that name returns.
      this.#waiting.set(id, { resolve: (value) => resolve(value as ReturnType<WorkerCalls[Name]>), reject });
    });
  }

  /** Whether the worker has been ended, or has died. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Ends the worker; calls that wait, and later ones, are refused with `reason`. */
  end(reason: unknown = this.closed()): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  /** The error of a call that comes too late. */
  closed(): UsageError {
    return new UsageError("closed", `Cannot use ${this.#path}: the store is closed`, { details: { path: this.#path } });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("error" in reply) waiting?.reject(unpackError(reply.error));
    else waiting?.resolve(reply.value);
  }

  #crash(why: string): void {
    const reason = `the storage worker has died (${why}); start this program again`;
    this.end(
      new StorageError("cannot_write", `Cannot write ${this.#path}: ${reason}`, {
        details: { path: this.#path, problem: "crashed", reason },
      }),
    );
  }
}
