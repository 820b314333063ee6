/**
 * Errors on their way from one thread to another, which keeps of a class of one's own no more than its text.
 *
 * @module
 */
import {
  ConfigError,
  EchoError,
  LoginError,
  NetworkError,
  ProtocolError,
  StorageError,
  TimeoutError,
  UsageError,
} from "./errors.ts";

const CLASSES = { ConfigError, LoginError, NetworkError, ProtocolError, StorageError, UsageError };

/** An error as a message between threads carries it. `kind` is its class, `code` is missing where nobody raised it on purpose. */
export interface PackedError {
  readonly kind: string;
  readonly code?: string;
  readonly message: string;
  readonly details?: EchoError["details"];
  /** The cause's message, or the stack of an error that nobody raised on purpose. */
  readonly cause?: string | undefined;
}

/**
 * Packs an error.
 *
 * @example
 * ```ts
 * import { packError, unpackError } from "./error_transfer.ts";
 * import { TimeoutError } from "./errors.ts";
 * import { assert } from "@std/assert";
 *
 * const packed = packError(new TimeoutError("Cannot go on: no reply within 5 ms", { details: { ms: 5 } }));
 * assert(unpackError(structuredClone(packed)) instanceof TimeoutError);
 * ```
 */
export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { kind: "Error", message: String(error) };
  const { name: kind, message, stack } = error;
  if (!(error instanceof EchoError)) return { kind, message, cause: stack };
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return { kind, code: error.code, message, details: error.details, cause };
}

/** The error that was packed, as an instance of the same class, so that it gets the same words and exit code. */
export function unpackError({ kind, code, message, details = {}, cause }: PackedError): Error {
  const init = { details, cause };
  if (kind === "TimeoutError") return new TimeoutError(message, init);
  if (!isKnown(kind)) return new Error(message, { cause });
  // The boundary: the code came from an error of that class.
  return new CLASSES[kind](code as never, message, init);
}

function isKnown(kind: string): kind is keyof typeof CLASSES {
  return Object.hasOwn(CLASSES, kind);
}
