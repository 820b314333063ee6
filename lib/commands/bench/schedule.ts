/**
 * When the frames of an open loop are due, whatever the server does: evenly, at a rate.
 *
 * @module
 */

/** Of an interval: times are sums, and no sum of fractions is exact. */
const ROUNDING = 1e-6;

/**
 * Frames at a rate, numbered from 0.
 *
 * @example
 * ```ts
 * import { Schedule } from "./schedule.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const schedule = new Schedule({ start: 1000, rate: 500 });
 * assertEquals([schedule.at(0), schedule.at(3)], [1000, 1006]);
 * assertEquals([schedule.dueBy(999), schedule.dueBy(1000), schedule.dueBy(1003)], [0, 1, 2]);
 * assertEquals([schedule.before(1000), schedule.before(1002), schedule.before(1003)], [0, 1, 2]);
 * ```
 */
export class Schedule {
  readonly #start: number;
  readonly #interval: number;

  /** @param options `start` in ms, `rate` in frames a second. */
  constructor({ start, rate }: { readonly start: number; readonly rate: number }) {
    this.#start = start;
    this.#interval = 1000 / rate;
  }

  /** When a frame is due, in ms. */
  at(frame: number): number {
    return this.#start + frame * this.#interval;
  }

  /** How many frames are due by `now`, in ms. */
  dueBy(now: number): number {
    return now < this.#start ? 0 : Math.floor((now - this.#start) / this.#interval + ROUNDING) + 1;
  }

  /** How many frames are due before `end`, in ms. */
  before(end: number): number {
    return Math.max(0, Math.ceil((end - this.#start) / this.#interval - ROUNDING));
  }
}
