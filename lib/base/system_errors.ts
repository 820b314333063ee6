/**
 * Deno's errors of sockets and files, told as ours: one place that knows the platform's error classes.
 *
 * @module
 */
import { EchoError, NetworkError, StorageError, TimeoutError } from "./errors.ts";

/** What `error`, raised by an operation on an open connection, means. Anything unknown comes back as it is. */
export function connectionError(error: unknown): unknown {
  if (error instanceof EchoError) return error;
  if (
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected
  ) {
    return new NetworkError("reset", "Connection lost: the peer reset it", { cause: error });
  }
  if (error instanceof Deno.errors.TimedOut) {
    return new TimeoutError("Connection lost: the peer's host no longer answers", { cause: error });
  }
  return error;
}

/**
 * What `error`, raised by `Deno.connect` or `Deno.listen` for `address` (`host:port` or `unix:path`), means.
 * Anything unknown comes back as it is.
 */
export function addressError(error: unknown, action: "listen on" | "connect to", address: string): unknown {
  const init = { details: { address, action }, cause: error };
  const why = (code: ConstructorParameters<typeof NetworkError>[0], text: string): NetworkError =>
    new NetworkError(code, `Cannot ${action} ${address}: ${text}`, init);
  if (error instanceof EchoError) return error;
  if (error instanceof Deno.errors.AddrInUse) return why("port_busy", "another program uses it");
  if (error instanceof Deno.errors.ConnectionRefused) return why("refused", "nothing listens there");
  if (error instanceof Deno.errors.PermissionDenied) {
    return why("permission", "permission denied (ports below 1024 need privileges: choose a higher one)");
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return why("address_unavailable", "this machine has no such address");
  }
  if (error instanceof Deno.errors.TimedOut) return new TimeoutError(`Cannot ${action} ${address}: no answer`, init);
  if (error instanceof Deno.errors.NotFound && address.startsWith("unix:")) {
    return why("refused", "there is no such socket");
  }
  if (isLookupFailure(error)) return why("host_not_found", "no such host");
  if (error instanceof Deno.errors.NetworkUnreachable || isUnreachable(error)) {
    return why("unreachable", "the network or host is unreachable");
  }
  if (error instanceof Deno.errors.ConnectionReset) return why("reset", "the connection was reset");
  return error;
}

/** What `error`, raised while `action` (`write`, `read` …) was done to the file `path`, means. */
export function fileError(error: unknown, action: "write" | "read", path: string): unknown {
  if (error instanceof EchoError || !(error instanceof Error)) return error;
  const code = action === "write" ? "cannot_write" : "cannot_read";
  const problem = "code" in error ? PROBLEMS[String(error.code)] : undefined;
  return new StorageError(code, `Cannot ${action} ${path}: ${reasonOf(error)}`, {
    details: { path, reason: reasonOf(error), ...(problem === undefined ? {} : { problem }) },
    cause: error,
  });
}

/** Frequent errors of files, by the names that the command line explains them under. */
const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: "permission",
  EPERM: "permission",
  EROFS: "read_only",
  ENOSPC: "disk_full",
  EDQUOT: "disk_full",
  EIO: "disk_error",
  ENOENT: "not_found",
  EISDIR: "directory",
};

/** The operating system's words in an error message, without what Deno and Node.js put around them. */
function reasonOf(error: Error): string {
  const text = error.message.replace(/^[A-Z]+: /, "").replace(/ \(os error \d+\).*$/s, "").replace(/, \w+ '.*'$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function isLookupFailure(error: unknown): boolean {
  return error instanceof Error &&
    /failed to lookup address|getaddrinfo|No address|resolve|invalid host/i.test(error.message);
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EHOSTUNREACH" || error.code === "ENETUNREACH");
}
