/**
 * The time of day, held against a clock that nobody can set.
 *
 * @module
 */

/** Two clocks, in ms. */
export interface Clocks {
  /** Since 1970; may be set at any time: `Date.now`. */
  readonly wall: () => number;
  /** From any origin; only ever goes forward: `performance.now`. */
  readonly steady: () => number;
}

/**
 * The time for judging expiry: never earlier than the time of the start and what has passed since, so that setting the
 * machine's clock back gives nothing new life; and what the wall clock says where that is later. A jump ahead that is taken
 * back leaves nothing behind.
 *
 * @example
 * ```ts
 * import { SteadyClock } from "./clock.ts";
 * import { assertEquals } from "@std/assert";
 *
 * let [wall, steady] = [1000, 5];
 * const clock = new SteadyClock({ wall: () => wall, steady: () => steady });
 * assertEquals(clock.now(), 1000);
 * [wall, steady] = [9000, 15]; // set ahead
 * assertEquals(clock.now(), 9000);
 * [wall, steady] = [400, 25]; // set back
 * assertEquals(clock.now(), 1020);
 * ```
 */
export class SteadyClock {
  readonly #clocks: Clocks;
  /** What the time was when the steady one was at zero. */
  #origin: number;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#origin = clocks.wall() - clocks.steady();
  }

  /** It is `time` now, or later. */
  advance(time: number): void {
    this.#origin = Math.max(this.#origin, time - this.#clocks.steady());
  }

  /** Milliseconds since 1970. */
  now(): number {
    const { wall, steady } = this.#clocks;
    return Math.max(wall(), Math.round(this.#origin + steady()));
  }
}
