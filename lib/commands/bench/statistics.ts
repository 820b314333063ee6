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

/**
 * Jain's fairness index (DEC-TR-301, 1984): 1 when all shares are equal, 1/n when one of n has everything.
 *
 * @example
 * ```ts
 * import { jainIndex } from "./statistics.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([jainIndex([5, 5]), jainIndex([10, 0]), jainIndex([])], [1, 0.5, 1]);
 * ```
 */
export function jainIndex(shares: readonly number[]): number {
  let [sum, squares] = [0, 0];
  for (const share of shares) {
    sum += share;
    squares += share * share;
  }
  return squares === 0 ? 1 : sum * sum / (shares.length * squares);
}

/** How evenly the frames fell on the connections. */
export interface Fairness {
  /** See {@linkcode jainIndex}. */
  readonly jain: number;
  /** The connection with the fewest frames; `share` is what it had of the mean. */
  readonly slowest: { readonly connection: number; readonly frames: number; readonly share: number };
}

/** The {@linkcode Fairness} of frames by connection. */
export function fairnessOf(frames: readonly number[]): Fairness {
  const least = Math.min(...frames);
  const mean = frames.reduce((sum, count) => sum + count, 0) / frames.length;
  const connection = frames.indexOf(least) + 1;
  return {
    jain: jainIndex(frames),
    slowest: { connection, frames: least, share: mean === 0 ? 1 : least / mean },
  };
}
