/**
 * When the frames of an open loop are due, whatever the server does: evenly, at a rate, or at one that changes.
 *
 * @module
 */

/** Of an interval: times are sums, and no sum of fractions is exact. */
const ROUNDING = 1e-6;

/** A rate that changes evenly to another one; times in ms. */
interface Ramp {
  readonly from: number;
  readonly until: number;
  /** At its end, frames a second. */
  readonly rate: number;
}

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
 *
 * const ramp = new Schedule({ start: 0, rate: 100, ramp: { from: 0, until: 1000, rate: 300 } });
 * assertEquals([ramp.before(1000), ramp.at(0), Math.round(ramp.at(200))], [200, 0, 1000]);
 * ```
 */
export class Schedule {
  readonly #start: number;
  /** Frames a ms. */
  readonly #rate: number;
  readonly #ramp: Ramp | undefined;
  /** How many are due before the ramp, and by how much the rate grows in a ms of it. */
  readonly #before: number = Infinity;
  readonly #growth: number = 0;

  /** @param options `start` in ms, `rate` in frames a second. */
  constructor(
    { start, rate, ramp }: { readonly start: number; readonly rate: number; readonly ramp?: Ramp | undefined },
  ) {
    this.#start = start;
    this.#rate = rate / 1000;
    this.#ramp = ramp;
    if (ramp === undefined) return;
    this.#before = (ramp.from - start) * this.#rate;
    this.#growth = (ramp.rate - rate) / 1000 / (ramp.until - ramp.from);
  }

  /** When a frame is due, in ms. */
  at(frame: number): number {
    if (this.#ramp === undefined || frame <= this.#before) return this.#start + frame / this.#rate;
    const rest = frame - this.#before;
    const [rate, growth] = [this.#rate, this.#growth];
    if (growth === 0) return this.#ramp.from + rest / rate;
    // Of rate · t + growth · t² / 2 = rest, the first t. A rate that falls may never bring so many.
    return this.#ramp.from + (Math.sqrt(Math.max(0, rate * rate + 2 * growth * rest)) - rate) / growth;
  }

  /** How many frames are due by `now`, in ms. */
  dueBy(now: number): number {
    return now < this.#start ? 0 : Math.floor(this.#count(now) + ROUNDING) + 1;
  }

  /** How many frames are due before `end`, in ms. */
  before(end: number): number {
    return Math.max(0, Math.ceil(this.#count(end) - ROUNDING));
  }

  #count(time: number): number {
    const { from = Infinity, until = Infinity } = this.#ramp ?? {};
    if (time <= from) return (time - this.#start) * this.#rate;
    const passed = Math.min(time, until) - from;
    return this.#before + passed * (this.#rate + passed * this.#growth / 2);
  }
}
