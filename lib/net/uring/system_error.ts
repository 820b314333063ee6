/**
 * Failed system calls as the errors that Deno's own sockets raise, so that nobody above needs to know the engine.
 *
 * @module
 */

/** Error numbers that are treated in a way of their own (`asm-generic/errno.h`; the same on x86-64 and ARM64). */
export const ERRNO = {
  EPERM: 1,
  EINTR: 4,
  EAGAIN: 11,
  ENOMEM: 12,
  EBUSY: 16,
  EINVAL: 22,
  EPIPE: 32,
  ENOSYS: 38,
  ETIME: 62,
  EBADR: 53,
  ENOBUFS: 105,
  ECANCELED: 125,
} as const;

/** Number, name, Deno's error class, the system's words (strerror(3)). */
const KNOWN: ReadonlyMap<number, readonly [string, new (message: string) => Error, string]> = new Map([
  [1, ["EPERM", Deno.errors.PermissionDenied, "Operation not permitted"]],
  [12, ["ENOMEM", Error, "Cannot allocate memory"]],
  [13, ["EACCES", Deno.errors.PermissionDenied, "Permission denied"]],
  [22, ["EINVAL", Error, "Invalid argument"]],
  [23, ["ENFILE", Error, "Too many open files in system"]],
  [24, ["EMFILE", Error, "Too many open files"]],
  [32, ["EPIPE", Deno.errors.BrokenPipe, "Broken pipe"]],
  [38, ["ENOSYS", Error, "Function not implemented"]],
  [97, ["EAFNOSUPPORT", Error, "Address family not supported by protocol"]],
  [98, ["EADDRINUSE", Deno.errors.AddrInUse, "Address already in use"]],
  [99, ["EADDRNOTAVAIL", Deno.errors.AddrNotAvailable, "Cannot assign requested address"]],
  [100, ["ENETDOWN", Error, "Network is down"]],
  [101, ["ENETUNREACH", Deno.errors.NetworkUnreachable, "Network is unreachable"]],
  [103, ["ECONNABORTED", Deno.errors.ConnectionAborted, "Software caused connection abort"]],
  [104, ["ECONNRESET", Deno.errors.ConnectionReset, "Connection reset by peer"]],
  [105, ["ENOBUFS", Error, "No buffer space available"]],
  [107, ["ENOTCONN", Deno.errors.NotConnected, "Transport endpoint is not connected"]],
  [110, ["ETIMEDOUT", Deno.errors.TimedOut, "Connection timed out"]],
  [111, ["ECONNREFUSED", Deno.errors.ConnectionRefused, "Connection refused"]],
  [112, ["EHOSTDOWN", Error, "Host is down"]],
  [113, ["EHOSTUNREACH", Error, "No route to host"]],
  [125, ["ECANCELED", Deno.errors.Interrupted, "Operation canceled"]],
]);

/** What a failed system call left behind, as the `cause` of the error that is thrown. */
class SystemError extends Error {
  override readonly name = "SystemError";
  readonly errno: number;
  readonly code: string;

  constructor(errno: number, call: string) {
    const [code, , text] = KNOWN.get(errno) ?? [`E${errno}`, Error, `error ${errno}`];
    super(`${text} (os error ${errno}), ${call}`);
    this.errno = errno;
    this.code = code;
  }
}

/**
 * The error for a system's error number.
 *
 * @example
 * ```ts
 * import { systemError } from "./system_error.ts";
 * import { assert } from "@std/assert";
 *
 * assert(systemError(104, "recv") instanceof Deno.errors.ConnectionReset);
 * ```
 */
export function systemError(errno: number, call: string): Error & { readonly code: string; readonly errno: number } {
  const found = new SystemError(errno, call);
  const [, Class] = KNOWN.get(errno) ?? ["", Error, ""];
  const error = Class === Error ? found : new Class(found.message);
  return Object.assign(error, { code: found.code, errno, cause: found });
}

/** What keeps this process from having a ring, in words. */
export function reasonOf(error: unknown): string {
  const errno = error instanceof Error && "errno" in error ? error.errno : undefined;
  if (Deno.build.os !== "linux") return `this system (${Deno.build.os}) has none`;
  if (error instanceof Deno.errors.NotCapable) return "this process may not call the C library (--allow-ffi)";
  if (errno === ERRNO.EPERM) {
    return "the system forbids it (kernel.io_uring_disabled, or a container's seccomp profile)";
  }
  if (errno === ERRNO.ENOSYS) return "this kernel has none";
  if (errno === ERRNO.EINVAL) return "this kernel is too old (Linux 6.1 is needed)";
  if (errno === ERRNO.ENOMEM) return "the memory limit of this process is too low (ulimit -l)";
  if (error instanceof SystemError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
