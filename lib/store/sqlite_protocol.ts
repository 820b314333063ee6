/**
 * What the main thread and the worker of the SQLite store say to each other: numbered calls and their replies, and errors
 * in a form that survives the way.
 *
 * @module
 */
import { ConfigError, type Details, EchoError, type ErrorCode, StorageError, UsageError } from "../base/errors.ts";
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

/** One call, to the worker. */
export interface Request {
  readonly id: number;
  readonly name: keyof WorkerCalls;
  readonly args: readonly unknown[];
}

/** The answer to the call of the same id. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: WireError };

/** An error on its way. `code` is `null` for an error that nobody raised on purpose. */
export interface WireError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details: Details;
  readonly cause: string | undefined;
}

/** `error` in the form that it travels in. */
export function packError(error: unknown): WireError {
  if (error instanceof EchoError) {
    const cause = error.cause instanceof Error ? error.cause.message : undefined;
    return { code: error.code, message: error.message, details: error.details, cause };
  }
  const [message, cause] = error instanceof Error ? [error.message, error.stack] : [String(error), undefined];
  return { code: null, message, details: {}, cause };
}

/** The error that {@linkcode packError} was given, as an instance of the same class. */
export function unpackError({ code, message, details, cause }: WireError): Error {
  const init = { details, cause };
  switch (code) {
    case "cannot_write":
    case "cannot_read":
      return new StorageError(code, message, init);
    case "bad_store":
      return new ConfigError(code, message, init);
    case "bad_value":
    case "closed":
      return new UsageError(code, message, init);
    default:
      return new Error(`The storage worker failed: ${message}`, { cause });
  }
}
