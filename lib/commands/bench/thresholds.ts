/**
 * `--fail-if 'p99>5ms'`: what a benchmark must not pass.
 *
 * @module
 */
import type { LatencySummary } from "./latencies.ts";

/** Latencies that can be bounded; their names are those of people, not of {@linkcode LatencySummary}. */
const LATENCIES: Readonly<Record<string, keyof LatencySummary>> = {
  min: "min",
  mean: "mean",
  p50: "p50",
  p90: "p90",
  p99: "p99",
  "p99.9": "p99_9",
  max: "max",
};

/** Factors to µs. */
const TIMES: Readonly<Record<string, number>> = { us: 1, "µs": 1, ms: 1000, s: 1e6 };
const COUNTS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6 };

/** A bound on one figure. */
export interface Threshold {
  /** As it was written, without spaces. */
  readonly text: string;
  readonly figure: string;
  readonly isAbove: boolean;
  /** In µs for latencies, else a number. */
  readonly bound: number;
}

/** The figures that thresholds are about. */
export interface Figures {
  readonly latency: LatencySummary;
  readonly errors: number;
  /** A second. */
  readonly rate: number;
}

/** A threshold with what was found. */
export interface Checked extends Threshold {
  readonly value: number;
  /** Whether the run fails by it. */
  readonly fails: boolean;
}

/**
 * A threshold from its text; `undefined` when it is none. Figures: min, mean, p50, p90, p99, p99.9, max with a time; errors
 * and rate with a number.
 *
 * @example
 * ```ts
 * import { parseThreshold } from "./thresholds.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseThreshold("p99 > 5ms"), { text: "p99>5ms", figure: "p99", isAbove: true, bound: 5000 });
 * assertEquals(parseThreshold("rate<100k")?.bound, 100_000);
 * assertEquals(parseThreshold("p99>5"), undefined);
 * ```
 */
export function parseThreshold(input: string): Threshold | undefined {
  const text = input.replace(/\s+/g, "");
  const [, figure = "", sign, number, unit = ""] = /^([a-z][a-z0-9.]*)([<>])(\d+(?:\.\d+)?)([a-zµ]*)$/i.exec(text) ??
    [];
  const name = figure.toLowerCase();
  const units = Object.hasOwn(LATENCIES, name) ? TIMES : name === "errors" || name === "rate" ? COUNTS : {};
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (factor === undefined) return undefined;
  return { text, figure: name, isAbove: sign === ">", bound: Number(number) * factor };
}

/** Holds a threshold against what was found. */
export function checkThreshold(threshold: Threshold, { latency, errors, rate }: Figures): Checked {
  const { figure, isAbove, bound } = threshold;
  const key = LATENCIES[figure];
  const value = key !== undefined ? latency[key] : figure === "errors" ? errors : rate;
  return { ...threshold, value, fails: isAbove ? value > bound : value < bound };
}
