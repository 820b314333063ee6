/**
 * Latencies by the million: an HDR histogram, exact to three digits from a microsecond to an hour.
 *
 * @module
 */
import { Float64Histogram } from "hdr-histogram-js";

/** Recorded and read in ms, kept in ns. */
const NS = 1e6;
const LONGEST = 3600 * 1000 * NS;

/** What people ask a latency histogram. Times in µs; `null` where nothing was recorded. */
export interface LatencySummary {
  readonly count: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p99_9: number | null;
  readonly max: number | null;
}

/** One bar of a drawn histogram; bounds in µs. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A percentile, and the latency in µs that it is. */
export type CurvePoint = readonly [percent: number, value: number];

/** A histogram of latencies. */
export class Latencies {
  readonly #histogram = new Float64Histogram(1, LONGEST, 3);

  /** Records `count` latencies of `ms`. */
  record(ms: number, count = 1): void {
    const ns = Math.round(ms * NS);
    this.#histogram.recordValueWithCount(ns < 1 ? 1 : ns > LONGEST ? LONGEST : ns, count);
  }

  /** Takes in what another one holds. */
  add(other: Latencies): void {
    if (other.count === 0) return;
    const [into, from] = [this.#histogram, other.#histogram];
    // The library's `add` calls two methods for each of 33,000 buckets: 6 ms of the measuring client, until V8 has
    // compiled it. The buckets between the shortest and the longest are all that can hold something.
    const [first, last] = [from.countsArrayIndex(from.minNonZeroValue), from.countsArrayIndex(from.maxValue)];
    const [sums, counts] = [into._counts, from._counts];
    for (let at = first; at <= last; at++) {
      const count = counts[at] ?? 0;
      if (count > 0) sums[at] = (sums[at] ?? 0) + count;
    }
    into.addToTotalCount(from.totalCount);
    into.maxValue = Math.max(into.maxValue, from.maxValue);
    into.minNonZeroValue = Math.min(into.minNonZeroValue, from.minNonZeroValue);
  }

  /** The latencies of several histograms, packed, in one. */
  static merged(packed: readonly Float64Array[]): Latencies {
    const merged = new Latencies();
    for (const pairs of packed) merged.addPacked(pairs);
    return merged;
  }

  /** What it holds, for another thread: values in ns, each followed by how often it was there. */
  pack(): Float64Array {
    const { minNonZeroValue: least, maxValue: most, recordedValuesIterator: buckets } = this.#histogram;
    const pairs: number[] = [];
    buckets.reset();
    while (buckets.hasNext()) {
      const { valueIteratedTo: end, countAtValueIteratedTo: count } = buckets.next();
      // Buckets are told by their ends; the least and the longest latency are to stay what they are.
      if (pairs.length === 0) pairs.push(least, 1, Math.min(end, most), count - 1);
      else pairs.push(Math.min(end, most), count);
    }
    return Float64Array.from(pairs);
  }

  /** Forgets everything. */
  reset(): void {
    if (this.count > 0) this.#histogram.reset();
  }

  /** Latencies recorded. */
  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The latency, in µs, that `percent` of all do not exceed; `null` of none. */
  percentile(percent: number): number | null {
    // The histogram answers with the end of a bucket, which the longest one may not have reached.
    const { maxValue } = this.#histogram;
    return this.count === 0 ? null : this.#micros(Math.min(maxValue, this.#histogram.getValueAtPercentile(percent)));
  }

  /** The usual figures. */
  summary(): LatencySummary {
    const isEmpty = this.count === 0;
    const { minNonZeroValue: min, mean, maxValue: max } = this.#histogram;
    return {
      count: this.count,
      min: isEmpty ? null : this.#micros(min),
      // It is a mean of buckets: of few latencies it may lie outside of all.
      mean: isEmpty ? null : this.#micros(Math.min(max, Math.max(min, mean))),
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      p99_9: this.percentile(99.9),
      max: this.percentile(100),
    };
  }

  /** About `count` bars of equal width on a logarithmic scale, from the least to the 99.9th percentile; the rest is in the last. */
  bars(count: number): Bar[] {
    if (this.count === 0) return [];
    const [least, most] = [this.#histogram.minNonZeroValue, this.#histogram.getValueAtPercentile(99.9)];
    const factor = Math.max(1.1, (most / least) ** (1 / count));
    const bars: Bar[] = [];
    let below = 0;
    for (let from = least; below < this.count && bars.length < 2 * count; from *= factor) {
      const isLast = from * factor > most;
      const to = isLast ? this.#histogram.maxValue : from * factor;
      const upTo = isLast ? this.count : this.#countUpTo(to);
      bars.push({ from: this.#micros(from), to: this.#micros(to), count: upTo - below });
      below = upTo;
    }
    return bars;
  }

  /** Percentiles, in µs, closer and closer to 100: for a curve. */
  curve(): CurvePoint[] {
    const points: CurvePoint[] = [];
    const add = (percent: number): void => {
      const value = this.percentile(percent);
      if (value !== null) points.push([Number(percent.toPrecision(9)), value]);
    };
    for (let rest = 100; rest > 100 / Math.max(2, this.count); rest /= 2 ** 0.25) add(100 - rest);
    add(100);
    return points;
  }

  /** The text format of HdrHistogram, in ms, that its plotters read. */
  hgrm(): string {
    return this.#histogram.outputPercentileDistribution(5, NS);
  }

  /** Takes in what {@linkcode Latencies.pack} gave. */
  addPacked(pairs: Float64Array): void {
    for (let at = 0; at < pairs.length; at += 2) {
      const [ns = 0, count = 0] = [pairs[at], pairs[at + 1]];
      if (count > 0) this.#histogram.recordValueWithCount(ns, count);
    }
  }

  #countUpTo(ns: number): number {
    // The share of values up to one is what its percentile iterator is built on; a binary search finds the same.
    let [low, high] = [0, 100];
    for (let step = 0; step < 40; step++) {
      const middle = (low + high) / 2;
      if (this.#histogram.getValueAtPercentile(middle) <= ns) low = middle;
      else high = middle;
    }
    return Math.round(low / 100 * this.count);
  }

  #micros(ns: number): number {
    return Math.round(ns / 10) / 100;
  }
}
