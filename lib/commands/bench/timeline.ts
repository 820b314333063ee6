/**
 * The ticks of a run as rows of a table: how many a second there were, and how long they took, over time.
 *
 * @module
 */
import { Latencies } from "./latencies.ts";
import type { BenchSettings } from "./settings.ts";
import type { OnTick, Tick } from "./ticker.ts";

/** A row: what happened in a part of the run. */
export interface Sample extends Tick {
  /** Echoes a second. */
  readonly rate: number;
  /** In µs; `null` where nothing was measured, as while warming up. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** How a measurement is watched, and ended early with what there is. */
export interface Watch {
  readonly signal: AbortSignal;
  /** Told while connections are opened, or log in for the first time, how many have. */
  readonly onOpened?: ((opened: number) => void) | undefined;
  /** Told of each tick, before what it is made into. */
  readonly onTick?: OnTick | undefined;
  /** Told of each tick. */
  readonly onSample?: ((sample: Sample) => void) | undefined;
  readonly onRow?: ((sample: Sample) => void) | undefined;
}

/** Longest time between two ticks, in ms: somebody may watch. */
const LONGEST_TICK = 200;

/** A row that is shorter than this share of a whole one tells nothing, unless it ends the warm-up. */
const LEAST_SHARE = 0.5;

/** The time between ticks, in ms, of which whole ones make a row of `interval` ms. */
export function tickOf(interval: number): number {
  return interval / Math.ceil(interval / LONGEST_TICK);
}

/** Takes ticks, and makes rows of `interval` ms of them. */
export class Timeline {
  readonly #interval: number;
  readonly #duration: number;
  readonly #watch: Watch;
  readonly #rows: Sample[] = [];
  readonly #latencies = new Latencies();
  #open: Tick = NOTHING;

  constructor({ interval, duration }: Pick<BenchSettings, "interval" | "duration">, watch: Watch) {
    this.#interval = interval;
    this.#duration = duration;
    this.#watch = watch;
  }

  /** Takes a tick, and what was recorded in it. */
  add(tick: Tick, part: Latencies): void {
    this.#watch.onTick?.(tick, part);
    this.#watch.onSample?.(sampleOf(tick, part));
    const { duration, count, errors } = this.#open;
    this.#open = {
      ...{ at: tick.at, duration: duration + tick.duration },
      ...{ count: count + tick.count, errors: errors + tick.errors },
    };
    this.#latencies.add(part);
    // A timer is late rather than early, so that the end of a row is just behind a multiple of the interval.
    const behind = tick.at - Math.floor(tick.at / this.#interval) * this.#interval;
    const isDue = behind < tickOf(this.#interval) / 2 && (this.#isWhole || tick.at < this.#open.duration);
    // What comes behind the end is one row: only what is still on its way comes there.
    const isBehind = tick.at - tick.duration / 2 >= this.#duration;
    if (!isBehind && (isDue || this.#open.duration >= this.#interval)) this.#close();
  }

  /** All rows, at the end of the run. */
  end(): readonly Sample[] {
    if (this.#isWhole) this.#close();
    return this.#rows;
  }

  get #isWhole(): boolean {
    return this.#open.duration >= LEAST_SHARE * this.#interval;
  }

  #close(): void {
    const row = sampleOf(this.#open, this.#latencies);
    this.#rows.push(row);
    this.#open = NOTHING;
    this.#latencies.reset();
    this.#watch.onRow?.(row);
  }
}

/** Whether most of it passed before the measurement: a timer is late, and what was measured since is not told by it. */
export function isWarmup({ at, duration }: Pick<Tick, "at" | "duration">): boolean {
  return at <= duration / 2;
}

const NOTHING: Tick = { at: 0, duration: 0, count: 0, errors: 0 };

function sampleOf(tick: Tick, latencies: Latencies): Sample {
  const rate = tick.duration === 0 ? 0 : tick.count / tick.duration * 1000;
  if (isWarmup(tick)) return { ...tick, rate, p50: null, p99: null };
  return { ...tick, rate, p50: latencies.percentile(50), p99: latencies.percentile(99) };
}
