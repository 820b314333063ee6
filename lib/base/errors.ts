/**
 * Every error the tools raise on purpose. Callers branch on the class or on `code`, never on message text.
 *
 *     EchoError
 *     ├─ UsageError         our caller's mistake: a bad flag, a payload the framing cannot carry, a closed connection
 *     ├─ ConfigError        a configuration, data or key file that cannot be used as it is
 *     ├─ ProtocolError      the peer's mistake: its bytes are no frame, no text, or no legal step of the dialogue
 *     ├─ NetworkError       the network's answer: not found, refused, reset, busy
 *     ├─ TimeoutError       a deadline passed
 *     ├─ StorageError       a file or the database could not be written or read
 *     └─ LoginError         the server said no
 *
 * `details` holds the values the message speaks of, so that the command line can say the same in another language.
 *
 * @module
 */

/** Values an error message speaks of, by name. */
export type Details = Readonly<Record<string, string | number>>;

/** Codes of {@linkcode UsageError}. */
export type UsageCode =
  | "bad_value"
  | "unknown_option"
  | "unknown_command"
  | "no_such_page"
  | "missing_value"
  | "unexpected_argument"
  | "bad_framing"
  | "payload_not_encodable"
  | "closed"
  | "bad_answer"
  | "no_password"
  | "no_name"
  | "bad_password"
  | "user_taken"
  | "no_such_user"
  | "no_such_host"
  | "no_such_session"
  | "needs_yes"
  | "bad_import"
  | "tls_usage"
  | "udp_usage"
  | "workers_usage"
  | "socket_usage"
  | "fault_usage";
/** Codes of {@linkcode ConfigError}. */
export type ConfigCode =
  | "bad_config"
  | "bad_text"
  | "bad_store"
  | "bad_secret_file"
  | "untrusted_file"
  | "bad_tls_file";
/** Codes of {@linkcode ProtocolError}. */
export type ProtocolCode =
  | "frame_too_large"
  | "bad_header"
  | "bad_trailer"
  | "bad_proxy_header"
  | "truncated_frame"
  | "invalid_utf8"
  | "bad_reply"
  | "greeted"
  | "bad_message"
  | "echo_mismatch"
  | "bad_capture"
  | "bad_sasl"
  | "bad_server_signature"
  | "downgrade"
  | "tls_required"
  | "tls_plaintext"
  | "tls_not_spoken"
  | "tls_untrusted"
  | "tls_name"
  | "tls_expired"
  | "tls_not_yet_valid"
  | "tls_authority"
  | "tls_certificate"
  | "tls_failed";
/** Codes of {@linkcode NetworkError}. */
export type NetworkCode =
  | "host_not_found"
  | "refused"
  | "unreachable"
  | "reset"
  | "closed_by_peer"
  | "port_busy"
  | "address_unavailable"
  | "permission"
  | "no_local_port"
  | "no_descriptors"
  | "no_memory"
  | "bad_address"
  | "no_io_uring"
  | "system";
/** Codes of {@linkcode TimeoutError}. */
export type TimeoutCode = "timeout";
/** Codes of {@linkcode StorageError}. */
export type StorageCode = "cannot_write" | "cannot_read";
/** Codes of {@linkcode LoginError}. */
export type LoginCode =
  | "login_incorrect"
  | "insecure_connection"
  | "token_invalid"
  | "too_many_attempts"
  | "busy"
  | "name_taken"
  | "not_invited"
  | "server_unproven"
  | "not_logged_in";

/** Any code an {@linkcode EchoError} can have. */
export type ErrorCode =
  | UsageCode
  | ConfigCode
  | ProtocolCode
  | NetworkCode
  | TimeoutCode
  | StorageCode
  | LoginCode;

/** What an error carries beside its message. */
export interface ErrorInit {
  /** Values the message speaks of. */
  readonly details?: Details;
  /** What it follows from. */
  readonly cause?: unknown;
}

/** The base of every error raised on purpose; anything else that escapes is a bug. */
export abstract class EchoError<Code extends ErrorCode = ErrorCode> extends Error {
  /** The class. */
  abstract override readonly name: string;
  /** Stable, machine-readable reason. */
  readonly code: Code;
  #details: Details;

  /** An error with a code, and a message for people who read English. */
  constructor(code: Code, message: string, { details = {}, cause }: ErrorInit = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.#details = details;
  }

  /** The values the message names, and those that were added on its way. */
  get details(): Details {
    return this.#details;
  }

  /** Adds what is known where the error passes. */
  annotate(more: Details): void {
    this.#details = { ...this.#details, ...more };
  }
}

/** The caller's mistake: a value or an order of calls that can never work. */
export class UsageError extends EchoError<UsageCode> {
  /** The class. */
  override readonly name = "UsageError";
}

/** A file that configures the tools, or that they keep, cannot be used as it is. */
export class ConfigError extends EchoError<ConfigCode> {
  /** The class. */
  override readonly name = "ConfigError";
}

/** The peer's mistake: what it sent is no frame, no UTF-8, or no legal step of the dialogue. */
export class ProtocolError extends EchoError<ProtocolCode> {
  /** The class. */
  override readonly name = "ProtocolError";
}

/** The network's answer to listening, connecting, reading or writing. */
export class NetworkError extends EchoError<NetworkCode> {
  /** The class. */
  override readonly name = "NetworkError";
}

/** A deadline passed. */
export class TimeoutError extends EchoError<TimeoutCode> {
  /** The class. */
  override readonly name = "TimeoutError";

  /** Its code is always `timeout`. */
  constructor(message: string, init?: ErrorInit) {
    super("timeout", message, init);
  }
}

/** A file or the database could not be written or read. */
export class StorageError extends EchoError<StorageCode> {
  /** The class. */
  override readonly name = "StorageError";
}

/** The server refused a log-in. */
export class LoginError extends EchoError<LoginCode> {
  /** The class. */
  override readonly name = "LoginError";
}
