/**
 * What happened in each part of a run, told while it goes on.
 *
 * @module
 */
import type { Latencies } from "./latencies.ts";

/** What happened in a part of the run. */
export interface Sample {
  /** End of the part, in ms from the start of the measurement: negative while warming up. */
  readonly at: number;
  /** Echoes a second in it. */
  readonly rate: number;
  /** 99th percentile, in µs, of the measurement so far; 0 while warming up. */
  readonly p99: number;
}

/** Called every {@linkcode SAMPLE} ms, warm-up included; the latencies are those of the measurement so far. */
export type OnSample = (sample: Sample, latencies: Latencies) => void;

/** How a measurement is watched, and ended early with what there is. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly onSample?: OnSample | undefined;
}

/** Time between two samples, in ms. */
const SAMPLE = 200;

/** What a {@linkcode Sampler} looks at. */
export interface Sampled extends Pick<Watch, "onSample"> {
  /** When the measurement starts, as `performance.now()` has it. */
  readonly start: number;
  /** Verified echoes so far. */
  readonly count: () => number;
  readonly latencies: Latencies;
}

/** Takes samples until it is disposed of. */
export class Sampler implements Disposable {
  readonly samples: Sample[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor({ start, count, latencies, onSample }: Sampled) {
    let [before, countBefore] = [performance.now(), count()];
    this.#timer = setInterval(() => {
      const [now, counted] = [performance.now(), count()];
      const rate = (counted - countBefore) / (now - before) * 1000;
      const sample = { at: now - start, rate, p99: latencies.percentile(99) };
      [before, countBefore] = [now, counted];
      this.samples.push(sample);
      onSample?.(sample, latencies);
    }, SAMPLE);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
