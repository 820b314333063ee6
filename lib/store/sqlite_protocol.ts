/**
 * What the main thread asks of the worker of the SQLite store.
 *
 * @module
 */
import type { UserStore } from "./store.ts";

/** Attempts travel many at a time: {@linkcode WorkerCalls.changeAttempts}. */
type Operation = Exclude<keyof UserStore, "close" | "countAttempt" | "clearAttempts" | symbol>;

/** A failure of `key` at a time, or, without one, all of them to be forgotten. */
export interface AttemptChange {
  readonly key: string;
  readonly failed?: { readonly at: number; readonly windowMs: number };
}

/** The operations of a {@linkcode UserStore}, as the worker runs them: without waiting. */
export type Operations =
  & {
    readonly [Name in Operation]: (...args: Parameters<UserStore[Name]>) => Awaited<ReturnType<UserStore[Name]>>;
  }
  & {
    /** In one transaction; answers how many failures of each one's key there are in its window, 0 for those forgotten. */
    changeAttempts(changes: readonly AttemptChange[]): number[];
  };

/** Everything the worker can be asked: `open` comes first, `close` last. */
export interface WorkerCalls extends Operations {
  open(directory: string): void;
  close(): void;
}
