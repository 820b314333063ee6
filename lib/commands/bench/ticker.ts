/**
 * What happened in each part of a run, told while it goes on.
 *
 * @module
 */
import { Latencies } from "./latencies.ts";

/** A part of the run; latencies come beside it. */
export interface Tick {
  /** Its end, in ms from the start of the measurement: negative while warming up. */
  readonly at: number;
  /** In ms. */
  readonly duration: number;
  /** Verified echoes in it. */
  readonly count: number;
  /** Connections that failed in it. */
  readonly errors: number;
}

/** Told of each tick; the latencies are those recorded in it, and valid during the call only. */
export type OnTick = (tick: Tick, part: Latencies) => void;

/** What a {@linkcode Ticker} looks at. */
export interface TickerOptions {
  /** When the measurement starts, as `performance.now()` has it: a tick ends there. */
  readonly start: number;
  /** Time from one to the next, in ms. */
  readonly tick: number;
  /** Verified echoes, and failed connections, so far. */
  readonly count: () => number;
  readonly errors: () => number;
  readonly onTick?: OnTick | undefined;
}

/**
 * Divides a run into ticks. What is recorded goes into {@linkcode Ticker.part}, which costs no more than one histogram for
 * all, and is added up at each tick.
 */
export class Ticker implements Disposable {
  readonly part = new Latencies();
  readonly #all = new Latencies();
  readonly #options: TickerOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #before = performance.now();
  #count = 0;
  #errors = 0;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#wait();
  }

  /** Ends the last tick; the latencies of all. */
  end(): Latencies {
    this[Symbol.dispose]();
    this.#take();
    return this.#all;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const { start, tick } = this.#options;
    const next = start + (Math.floor((this.#before - start) / tick) + 1) * tick;
    this.#timer = setTimeout(() => {
      this.#take();
      this.#wait();
    }, Math.max(0, Math.ceil(next - performance.now())));
  }

  #take(): void {
    const { start, onTick } = this.#options;
    const [now, count, errors] = [performance.now(), this.#options.count(), this.#options.errors()];
    const counted = { count: count - this.#count, errors: errors - this.#errors };
    onTick?.({ at: now - start, duration: now - this.#before, ...counted }, this.part);
    [this.#before, this.#count, this.#errors] = [now, count, errors];
    this.#all.add(this.part);
    this.part.reset();
  }
}
