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
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}
