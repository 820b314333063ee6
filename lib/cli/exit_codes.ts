/**
 * The exit codes of both tools: sysexits(3) where it has a fitting one. The one place that maps errors to them.
 *
 * @module
 */
import {
  ConfigError,
  type ErrorCode,
  LoginError,
  NetworkError,
  ProtocolError,
  StorageError,
  TimeoutError,
  UsageError,
} from "../base/errors.ts";

/** What each exit code says. */
export const EXIT = {
  ok: 0,
  /** A bug: an error nobody foresaw. */
  failure: 1,
  /** A threshold of `--fail-if` was passed, or a check failed. */
  threshold: 10,
  usage: 64,
  badFrame: 65,
  hostNotFound: 68,
  /** Unreachable, refused, or the port is busy. */
  unavailable: 69,
  cannotWrite: 73,
  timeout: 75,
  protocol: 76,
  loginRefused: 77,
  badConfig: 78,
  /** Ended by Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;

/** Codes whose exit code differs from that of their class. */
const BY_CODE: Partial<Record<ErrorCode, number>> = {
  host_not_found: EXIT.hostNotFound,
  bad_reply: EXIT.protocol,
  greeted: EXIT.protocol,
  bad_message: EXIT.protocol,
  bad_sasl: EXIT.protocol,
  bad_server_signature: EXIT.protocol,
  downgrade: EXIT.protocol,
  echo_mismatch: EXIT.protocol,
  tls_required: EXIT.protocol,
  tls_plaintext: EXIT.protocol,
  tls_not_spoken: EXIT.protocol,
  tls_untrusted: EXIT.protocol,
  tls_name: EXIT.protocol,
  tls_expired: EXIT.protocol,
  tls_not_yet_valid: EXIT.protocol,
  tls_authority: EXIT.protocol,
  tls_certificate: EXIT.protocol,
  tls_failed: EXIT.protocol,
};

/**
 * The exit code for an error that ends a tool.
 *
 * @example
 * ```ts
 * import { exitCodeOf } from "./exit_codes.ts";
 * import { NetworkError } from "../base/errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(exitCodeOf(new NetworkError("host_not_found", "no such host")), 68);
 * assertEquals(exitCodeOf(new NetworkError("refused", "nothing listens there")), 69);
 * ```
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof ProtocolError) return BY_CODE[error.code] ?? EXIT.badFrame;
  if (error instanceof NetworkError) return BY_CODE[error.code] ?? EXIT.unavailable;
  if (error instanceof TimeoutError) return EXIT.timeout;
  if (error instanceof StorageError) return EXIT.cannotWrite;
  if (error instanceof LoginError) return EXIT.loginRefused;
  if (error instanceof ConfigError) return EXIT.badConfig;
  return EXIT.failure;
}
