/**
 * What the main thread asks of the worker of the SQLite store.
 *
 * @module
 */
import type { Attempt, AttemptCounts, UserStore } from "./store.ts";

/** Attempts travel many at a time: {@linkcode WorkerCalls.changeAttempts}. */
type Operation = Exclude<keyof UserStore, "close" | "countAttempt" | "clearAttempts" | "fleet" | symbol>;

/** A failure at a time, or, without one, all of them to be forgotten. */
export interface AttemptChange extends Attempt {
  readonly failed?: { readonly at: number; readonly windowMs: number };
}

/** Those on sessions and the record of revocations. */
export type SessionOperation =
  | "createSession"
  | "findSession"
  | "rotateSession"
  | "touchSession"
  | "revokeSession"
  | "revokeUser"
  | "listSessions"
  | "revocationsSince"
  | "version";

/** The operations of a {@linkcode UserStore}, as the worker runs them: without waiting. */
export type Operations =
  & {
    readonly [Name in Operation]: (...args: Parameters<UserStore[Name]>) => Awaited<ReturnType<UserStore[Name]>>;
  }
  & {
    /** In one transaction; answers how many failures like each there are in its window. */
    changeAttempts(changes: readonly AttemptChange[]): AttemptCounts[];
  };

/** Everything the worker can be asked: `open` comes first, `close` last. */
export interface WorkerCalls extends Operations {
  open(directory: string): void;
  close(): void;
}
