/**
 * Deno's errors of sockets and files, told as ours: one place that knows the platform's error classes.
 *
 * @module
 */
import { EchoError, type NetworkCode, NetworkError, StorageError, TimeoutError } from "./errors.ts";

/** What `error`, raised by an operation on an open connection, means. What no system call gives comes back as it is. */
export function connectionError(error: unknown): unknown {
  if (error instanceof EchoError) return error;
  const errno = errnoOf(error);
  if (error instanceof Deno.errors.TimedOut || errno === "ETIMEDOUT") {
    return new TimeoutError("Connection lost: the peer's host no longer answers", { details: KEEPING, cause: error });
  }
  if (error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected) {
    return new NetworkError("reset", "Connection lost: the peer reset it", { details: KEEPING, cause: error });
  }
  if (errno === undefined || !(error instanceof Error)) return error;
  const known = CODES[errno];
  const code = known === "reset" || known === "unreachable" ? known : "system";
  const text = code === "reset" ? "the peer reset it" : reasonOf(error);
  return new NetworkError(code, `Connection lost: ${text}`, { details: { ...KEEPING, reason: text }, cause: error });
}

/** What was being done when a connection was lost. */
const KEEPING = { action: "keep" };

/**
 * What `error`, raised while an address was listened on or connected to, means. What no system call gives comes back as
 * it is.
 *
 * @param action For the message: `Cannot listen on 127.0.0.1:9090: …`.
 * @param address What people know it by.
 */
export function addressError(error: unknown, action: "listen on" | "connect to", address: string): unknown {
  if (error instanceof EchoError || !(error instanceof Error)) return error;
  const isConnecting = action === "connect to";
  const why = (code: NetworkCode, text: string): NetworkError =>
    new NetworkError(code, `Cannot ${action} ${address}: ${text}`, {
      details: { address, action, reason: text },
      cause: error,
    });
  if (isLookupFailure(error)) return why("host_not_found", "no such host");
  // Rust checks some addresses before the system sees them.
  if (/SUN_LEN|invalid (socket )?address|invalid argument/i.test(error.message)) {
    return why("bad_address", /SUN_LEN/.test(error.message) ? "the path is too long for a socket" : reasonOf(error));
  }
  const errno = errnoOf(error);
  if (error instanceof Deno.errors.TimedOut || errno === "ETIMEDOUT") {
    return new TimeoutError(`Cannot ${action} ${address}: no answer`, {
      details: { address, action },
      cause: error,
    });
  }
  if (errno === "ENOENT" && address.startsWith("unix:") && isConnecting) {
    return why("refused", "there is no such socket");
  }
  if (errno === "EADDRNOTAVAIL" && isConnecting) return why("no_local_port", "no local address or port is free");
  const code = errno === undefined ? undefined : CODES[errno] ?? "system";
  return code === undefined ? error : why(code, TEXTS[code] ?? reasonOf(error));
}

/** What the errors of socket(7), tcp(7), ip(7) and unix(7) come to; any other is `system`, with the system's own words. */
const CODES: Readonly<Record<string, NetworkCode>> = {
  EADDRINUSE: "port_busy",
  EADDRNOTAVAIL: "address_unavailable",
  EACCES: "permission",
  EPERM: "permission",
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  ENOTCONN: "reset",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  EMFILE: "no_descriptors",
  ENFILE: "no_descriptors",
  ENOBUFS: "no_memory",
  ENOMEM: "no_memory",
  EINVAL: "bad_address",
  EAFNOSUPPORT: "bad_address",
  ENAMETOOLONG: "bad_address",
};

/** In English, for the message; the command line has texts of its own. */
const TEXTS: Partial<Record<NetworkCode, string>> = {
  port_busy: "another program uses it",
  address_unavailable: "this machine has no such address",
  permission: "permission denied (ports below 1024 need privileges: choose a higher one)",
  refused: "nothing listens there",
  reset: "the connection was reset",
  unreachable: "the network or host is unreachable",
  no_descriptors: "this process has no file descriptor left",
  no_memory: "the system has no memory left for it",
};

/** The name of the system's error: `ECONNREFUSED`; `undefined` where no system call failed. */
function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return "code" in error && /^E[A-Z0-9]+$/.test(String(error.code)) ? String(error.code) : BY_NAME[error.name];
}

/** Deno's own errors, some of which come without the system's code. */
const BY_NAME: Readonly<Record<string, string>> = {
  AddrInUse: "EADDRINUSE",
  AddrNotAvailable: "EADDRNOTAVAIL",
  BrokenPipe: "EPIPE",
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  NetworkUnreachable: "ENETUNREACH",
  NotFound: "ENOENT",
  PermissionDenied: "EACCES",
};

/** What `error`, raised while `action` (`write`, `read` …) was done to the file `path`, means. */
export function fileError(error: unknown, action: "write" | "read", path: string): unknown {
  if (error instanceof EchoError || !(error instanceof Error)) return error;
  const code = action === "write" ? "cannot_write" : "cannot_read";
  // Deno opens few of the files that the system makes up (/dev, /proc), whatever it is allowed.
  const isSpecial = error instanceof Deno.errors.NotCapable;
  const problem = isSpecial ? "special_file" : "code" in error ? PROBLEMS[String(error.code)] : undefined;
  const reason = isSpecial ? "it is a device or a pipe" : reasonOf(error);
  return new StorageError(code, `Cannot ${action} ${path}: ${reason}`, {
    details: { path, reason, ...(problem === undefined ? {} : { problem }) },
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
  EEXIST: "in_the_way",
  EISDIR: "directory",
  ENOTDIR: "not_a_directory",
  EMFILE: "no_descriptors",
  ENFILE: "no_descriptors",
  ENOMEM: "memory",
  ENAMETOOLONG: "name_too_long_for_file",
  ELOOP: "link_loop",
  ETXTBSY: "locked",
  EBUSY: "locked",
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
