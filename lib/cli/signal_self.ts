/**
 * Signals to this process itself: to be stopped, or to have been ended, as the shell expects it of Ctrl-Z and Ctrl-C.
 *
 * @module
 */

/** Whether this runtime lets a process without the permission to start others send itself a signal: since Deno 2.9. */
export function canAlwaysRaise(): boolean {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 9);
}

/** Sends this process a signal; false where it may not. */
export function raise(signal: Deno.Signal): boolean {
  try {
    Deno.kill(Deno.pid, signal);
    return true;
  } catch {
    return false;
  }
}
