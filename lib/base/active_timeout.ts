/**
 * Waiting, in time that this process had.
 *
 * @module
 */
import { withTimeout } from "./timeout.ts";

/** Time that is counted at once, in ms. */
const SLICE = 20;

/**
 * A wait that is counted in slices, each for what it was meant to take; what is done between two waits counts for one slice
 * at most. On a machine that is busy or was asleep a timer fires before the sockets are looked at (seen with Deno 2.9.6):
 * what has come meanwhile must not be taken for silence.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const patience = new ActiveTimeout(30);
 * assertEquals(await patience.settles(Promise.resolve()), true);
 * assertEquals(await patience.settles(new Promise(() => {})), false);
 * ```
 */
export class ActiveTimeout {
  #left: number;
  #counted = performance.now();

  /** @param ms Longest wait in all, in ms. */
  constructor(ms: number) {
    this.#left = ms;
  }

  /** Whether nothing is left. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Whether `work` is done within `ms`, and within what is left. What it rejects with is the caller's. */
  async settles(work: Promise<unknown>, ms: number = Infinity): Promise<boolean> {
    const done = work.then(() => true);
    this.#count(SLICE);
    for (let wait = Math.min(ms, this.#left); wait > 0; wait -= SLICE) {
      const slice = Math.min(SLICE, wait);
      const isDone = await withTimeout(done, slice);
      this.#count(slice);
      if (isDone) return true;
    }
    return false;
  }

  /** Takes the time since it was last counted off what is left, `most` ms of it at most. */
  #count(most: number): void {
    const now = performance.now();
    this.#left -= Math.min(most, now - this.#counted);
    this.#counted = now;
  }
}
