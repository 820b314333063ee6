/**
 * Ports for tests that need a port of a known number: where port 0 is good enough, take that.
 *
 * @module
 */

/** Ports that are free now, ten apart, and not among those that the system gives to others as it likes. */
export function* freePorts(): Generator<number, never> {
  // Two runs of the tests at one time begin at different places.
  for (let port = 20_000 + Deno.pid % 1000 * 10;; port = port + 10 < 30_000 ? port + 10 : 20_000) {
    if ([0, 1, 2, RESERVED].every((step) => isFree(port + step))) yield port;
  }
}

/** Whoever listens so far above a port has reserved it and those between. */
const RESERVED = 9;

/** A free port that no other test takes until it is disposed of. */
export function reservePort(): Disposable & { readonly port: number } {
  for (const port of freePorts()) {
    try {
      const taken = Deno.listen({ hostname: "127.0.0.1", port: port + RESERVED });
      return { port, [Symbol.dispose]: () => taken.close() };
    } catch {
      // Another test was quicker.
    }
  }
  throw new Error("There is no free port");
}

function isFree(port: number): boolean {
  if (isResting(port)) return false;
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether connections of an earlier listener wait out their time (TIME_WAIT, 60 s on Linux): a program that does not ask
 * for SO_REUSEADDR, as Deno does, could not listen there.
 */
function isResting(port: number): boolean {
  const local = port.toString(16).toUpperCase().padStart(4, "0");
  try {
    return new RegExp(` [0-9A-F]+:${local} [0-9A-F]+:[0-9A-F]{4} 06 `).test(Deno.readTextFileSync("/proc/net/tcp"));
  } catch {
    return false;
  }
}
