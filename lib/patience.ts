/**
 * Waiting, in time that this process had.
 *
 * @module
 */
import { within } from "./within.ts";

/** Time that is counted at once, in ms. */
const SLICE = 20;

/**
 * A wait that is counted in slices of 20 ms, each for what it was meant to take. On a machine that is busy or was asleep a timer
 * fires before the sockets are looked at (seen with Deno 2.9.6): what has come meanwhile must not be taken for silence.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const patience = new Patience(30);
 * assertEquals(await patience.sees(Promise.resolve()), true);
 * assertEquals(await patience.sees(new Promise(() => {})), false);
 * assertEquals(patience.left, 0);
 * ```
 */
export class Patience {
  #left: number;

  /** @param ms Longest wait in all, in ms. */
  constructor(ms: number) {
    this.#left = Math.max(0, ms);
  }

  /** What is left of it, in ms. */
  get left(): number {
    return this.#left;
  }

  /** Whether `work` is done within `ms`, and within what is left. What it rejects with is the caller's. */
  async sees(work: Promise<unknown>, ms: number = this.#left): Promise<boolean> {
    const done = work.then(() => true);
    let wait = Math.min(ms, this.#left);
    do {
      const slice = Math.max(0, Math.min(SLICE, wait));
      const from = performance.now();
      const isDone = await within(done, slice);
      const spent = isDone ? Math.min(slice, performance.now() - from) : slice;
      this.#left -= spent;
      if (isDone) return true;
      wait -= slice;
    } while (wait > 0);
    return false;
  }
}
