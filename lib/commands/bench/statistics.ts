/**
 * Figures about figures.
 *
 * @module
 */

/** The middle value, or the mean of the two middle ones. 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** The arithmetic mean; 0 of none. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What some runs found of one figure. */
export interface Spread {
  readonly mean: number;
  /** Of the sample (n − 1); `null` of one run. */
  readonly stddev: number | null;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Runs, from 1, that are far from the others; see {@linkcode outliersIn}. */
  readonly outliers: readonly number[];
}

/** The {@linkcode Spread} of some figures; `null` of none. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return {
    mean: middle,
    stddev: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)),
    median: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
    outliers: outliersIn(values),
  };
}

/** Of fewer runs than this, none can be told to be unlike the others. */
const LEAST_FOR_OUTLIERS = 5;

/** Places, from 1, of values whose modified z-score is above 3.5 (Iglewicz and Hoaglin, 1993). */
function outliersIn(values: readonly number[]): number[] {
  const middle = median(values);
  const deviation = median(values.map((value) => Math.abs(value - middle)));
  if (values.length < LEAST_FOR_OUTLIERS || deviation === 0) return [];
  return values.flatMap((value, at) => 0.6745 * Math.abs(value - middle) / deviation > 3.5 ? [at + 1] : []);
}

/** Above so many values a normal distribution is as good as counting. */
const MOST_COUNTED = 60;

/**
 * The Mann-Whitney U test, two-sided: how probable it is that values of one origin, dealt out into two groups of these sizes,
 * are ranked as unevenly as these or more. Counted exactly, ties included, up to 60 values.
 *
 * @example
 * ```ts
 * import { mannWhitney } from "./statistics.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // Of the 70 ways to deal out eight values, two are as uneven as this.
 * assertEquals(mannWhitney([1, 2, 3, 4], [5, 6, 7, 8]), 2 / 70);
 * ```
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b].toSorted((one, other) => one - other);
  // Twice the rank, so that the middle of tied ranks is whole.
  const ranks = all.map((value) => all.indexOf(value) + all.lastIndexOf(value) + 2);
  const sum = a.reduce((total, value) => total + (ranks[all.indexOf(value)] ?? 0), 0);
  const expected = a.length * (all.length + 1);
  const off = Math.abs(sum - expected);
  if (all.length > MOST_COUNTED) {
    const spread = ranks.reduce((total, rank) => total + (rank - all.length - 1) ** 2, 0);
    const variance = a.length * b.length * spread / (all.length * (all.length - 1));
    return variance === 0 ? 1 : Math.min(1, 2 * (1 - normal((off - 1) / Math.sqrt(variance))));
  }
  const ways = waysBySum(ranks, a.length);
  let [uneven, total] = [0, 0];
  for (const [found, count] of ways) {
    total += count;
    if (Math.abs(found - expected) >= off) uneven += count;
  }
  return total === 0 ? 1 : uneven / total;
}

/** In how many ways `count` of the ranks add up to each sum. */
function waysBySum(ranks: readonly number[], count: number): Map<number, number> {
  const bySize: Map<number, number>[] = Array.from({ length: count + 1 }, () => new Map());
  bySize[0]?.set(0, 1);
  for (const rank of ranks) {
    for (let size = count; size > 0; size--) {
      const [less, more] = [bySize[size - 1], bySize[size]];
      for (const [sum, ways] of less ?? []) more?.set(sum + rank, (more.get(sum + rank) ?? 0) + ways);
    }
  }
  return bySize[count] ?? new Map();
}

/** The normal distribution function, to 7 digits (Abramowitz and Stegun, 26.2.17); `z` is not negative. */
function normal(z: number): number {
  if (z <= 0) return 0.5;
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * series;
}

/**
 * Jain's fairness index (DEC-TR-301, 1984): 1 when all shares are equal, 1/n when one of n has everything; `null` where nobody
 * has anything.
 *
 * @example
 * ```ts
 * import { jainIndex } from "./statistics.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([jainIndex([5, 5]), jainIndex([10, 0]), jainIndex([])], [1, 0.5, null]);
 * ```
 */
export function jainIndex(shares: readonly number[]): number | null {
  let [sum, squares] = [0, 0];
  for (const share of shares) {
    sum += share;
    squares += share * share;
  }
  return squares === 0 ? null : sum * sum / (shares.length * squares);
}

/** How evenly the frames fell on the connections. */
export interface Fairness {
  /** See {@linkcode jainIndex}. */
  readonly jain: number | null;
  /** The connection with the fewest frames; `share` is what it had of the mean. `null` where there were none at all. */
  readonly slowest: { readonly connection: number; readonly frames: number; readonly share: number } | null;
  /** Frames of the connections, the fewest first; of more than 50, so many evenly chosen ones. */
  readonly frames: readonly number[];
}

/** Most connections in a picture of fairness. */
const MOST_SHOWN = 50;

/** The {@linkcode Fairness} of frames by connection. */
export function fairnessOf(frames: readonly number[]): Fairness {
  const sorted = frames.toSorted((a, b) => a - b);
  const [least = 0] = sorted;
  const all = mean(frames);
  const steps = Math.min(MOST_SHOWN, sorted.length);
  const chosen = Array.from(
    { length: steps },
    (_, step) => sorted[Math.round(step * (sorted.length - 1) / Math.max(1, steps - 1))] ?? 0,
  );
  return {
    jain: jainIndex(frames),
    slowest: all === 0 ? null : { connection: frames.indexOf(least) + 1, frames: least, share: least / all },
    frames: chosen,
  };
}
