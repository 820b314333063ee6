/**
 * A clock that never runs backwards.
 *
 * @module
 */

/**
 * The latest time seen of another clock. Expiry judged by it cannot be undone by setting the machine's clock back.
 *
 * @example
 * ```ts
 * import { MonotonicClock } from "./clock.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const times = [1000, 400, 1001];
 * const clock = new MonotonicClock(() => times.shift() ?? 0);
 * assertEquals([clock.now(), clock.now(), clock.now()], [1000, 1000, 1001]);
 * ```
 */
export class MonotonicClock {
  readonly #source: () => number;
  #latest: number;

  /** `from`, in ms, is the latest time known from before, such as the newest one in the store. */
  constructor(source: () => number, from = 0) {
    this.#source = source;
    this.#latest = from;
  }

  /** Milliseconds since 1970; at least what it was before. */
  now(): number {
    return this.#latest = Math.max(this.#latest, this.#source());
  }
}
