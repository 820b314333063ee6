/**
 * How much each source may ask for: a bucket of tokens for each, refilled with time.
 *
 * @module
 */

/** A rate. */
export interface RateOptions {
  /** Tokens a second. */
  readonly perSecond: number;
  /** Tokens that a bucket holds; default: those of a second. */
  readonly burst?: number;
  /** Sources remembered; of more, those that asked longest ago are forgotten. */
  readonly sources: number;
}

/**
 * Buckets of tokens by source.
 *
 * @example
 * ```ts
 * import { RateLimit } from "./rate_limit.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rate = new RateLimit({ perSecond: 2, sources: 100 });
 * assertEquals([0, 0, 0, 500].map((now) => rate.take("192.0.2.1", now)), [true, true, false, true]);
 * ```
 */
export class RateLimit {
  readonly #options: RateOptions;
  /** The source that asked last comes last. */
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(options: RateOptions) {
    this.#options = options;
  }

  /** Whether `source` may have one more at `now` (ms, from any origin); takes a token if so. */
  take(source: string, now: number): boolean {
    const { perSecond, sources, burst = perSecond } = this.#options;
    const { tokens, at } = this.#buckets.get(source) ?? { tokens: burst, at: now };
    const there = Math.min(burst, tokens + (now - at) * perSecond / 1000);
    const isGranted = there >= 1;
    this.#buckets.delete(source);
    this.#buckets.set(source, { tokens: isGranted ? there - 1 : there, at: now });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= sources) break;
      this.#buckets.delete(oldest);
    }
    return isGranted;
  }
}
