/**
 * `--fail-if 'p99>5ms'`: what a benchmark must not exceed; and `--find 'p99<5ms'`: what it has to keep.
 *
 * @module
 */
import type { Latencies } from "./latencies.ts";

/** Factors to µs. */
const TIMES: Readonly<Record<string, number>> = { us: 1, "µs": 1, ms: 1000, s: 1e6 };
const COUNTS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6 };

/** Figures of datagrams and frames that may also be a share of what was sent, in percent. */
const SHARES: readonly string[] = ["lost", "reordered", "duplicated", "corrupted"];

/** Figures that are latencies: percentiles by their number. */
const LATENCY = /^(?:min|mean|max|p(?:100|\d{1,2}(?:\.\d{1,4})?))$/;

/** A bound on one figure. */
export interface Threshold {
  /** As it was written, without spaces. */
  readonly text: string;
  /** A share has a `%` behind the name. */
  readonly figure: string;
  readonly isAbove: boolean;
  /** In µs for latencies, else a number. */
  readonly bound: number;
}

/** The figures that thresholds are about. */
export interface Figures {
  readonly latencies: Latencies;
  /** The others by name: a count, a rate a second, or a time in µs; `sent` is what shares are of. */
  readonly numbers?: Readonly<Record<string, number | null>>;
}

/** A threshold with what was found: `null`, where the figure was not measured, is a failure as well. */
export interface Checked {
  readonly text: string;
  readonly figure: string;
  readonly value: number | null;
  /** Whether the run fails by it. */
  readonly fails: boolean;
}

/**
 * A threshold from its text; `undefined` when it is none. Figures: min, mean, max, jitter and any percentile, with a
 * time; errors, rate, lost, reordered, duplicated and corrupted with a number, the last four also with a share.
 *
 * @example
 * ```ts
 * import { parseThreshold } from "./thresholds.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseThreshold("p99 > 5ms"), { text: "p99>5ms", figure: "p99", isAbove: true, bound: 5000 });
 * assertEquals([parseThreshold("rate<100k")?.bound, parseThreshold("p99.99>1s")?.bound], [100_000, 1_000_000]);
 * assertEquals(parseThreshold("p99>5"), undefined);
 * ```
 */
export function parseThreshold(input: string): Threshold | undefined {
  const text = input.replace(/\s+/g, "");
  const [, figure = "", sign, number, unit = ""] = /^([a-z][a-z0-9.]*)([<>])(\d+(?:\.\d+)?)([a-zµ]*|%)$/i.exec(text) ??
    [];
  const name = figure.toLowerCase();
  if (unit === "%" && SHARES.includes(name)) {
    return { text, figure: `${name}%`, isAbove: sign === ">", bound: Number(number) };
  }
  const isCounted = SHARES.includes(name) || name === "errors" || name === "rate";
  const units = LATENCY.test(name) || name === "jitter" ? TIMES : isCounted ? COUNTS : {};
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (factor === undefined) return undefined;
  return { text, figure: name, isAbove: sign === ">", bound: Number(number) * factor };
}

/** Whether a figure is a count, of which several runs have a sum. */
export function isSummed(figure: string): boolean {
  return figure === "errors" || SHARES.includes(figure);
}

/** Whether a figure is a latency. */
export function isLatency(figure: string): boolean {
  return LATENCY.test(figure);
}

/** Holds a threshold against what was found. */
export function checkThreshold(threshold: Threshold, { latencies, numbers = {} }: Figures): Checked {
  const { text, figure } = threshold;
  const number = numbers[figure.replace("%", "")] ?? null;
  const sent = numbers["sent"] ?? 0;
  const value = isLatency(figure)
    ? latencyOf(figure, latencies)
    : number === null || !figure.endsWith("%")
    ? number
    : sent === 0
    ? null
    : 100 * number / sent;
  return { text, figure, value, fails: isExceeded(threshold, value) };
}

/** Whether a value passes the bound. */
export function isExceeded({ isAbove, bound }: Threshold, value: number | null): boolean {
  return value === null || (isAbove ? value > bound : value < bound);
}

function latencyOf(figure: string, latencies: Latencies): number | null {
  return figure === "min" || figure === "mean" || figure === "max"
    ? latencies.summary()[figure]
    : latencies.percentile(Number(figure.slice(1)));
}
