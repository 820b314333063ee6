/**
 * Two sets of benchmark results beside each other.
 *
 * @module
 */
import type { BenchResult } from "./result.ts";
import { median } from "./statistics.ts";

/** A figure of a result; of some, more is better, of others less. */
interface Figure {
  readonly name: "rate" | "p50" | "p90" | "p99" | "p99.9" | "max";
  readonly isMoreBetter: boolean;
  readonly of: (result: BenchResult) => number;
}

const FIGURES: readonly Figure[] = [
  { name: "rate", isMoreBetter: true, of: (result) => result.rate_per_s },
  { name: "p50", isMoreBetter: false, of: (result) => result.latency_us.p50 },
  { name: "p90", isMoreBetter: false, of: (result) => result.latency_us.p90 },
  { name: "p99", isMoreBetter: false, of: (result) => result.latency_us.p99 },
  { name: "p99.9", isMoreBetter: false, of: (result) => result.latency_us.p99_9 },
  { name: "max", isMoreBetter: false, of: (result) => result.latency_us.max },
];

/** Where a figure of B stands against A's. `unclear`: the runs of both overlap, or differ by less than {@linkcode NOTICEABLE}. */
export type Verdict = "better" | "worse" | "unclear";

/** The middle, the least and the most of some runs. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One figure of both sides; `ratio` is B's median by A's. */
export interface Compared {
  readonly figure: Figure["name"];
  readonly a: Spread;
  readonly b: Spread;
  readonly ratio: number;
  readonly verdict: Verdict;
}

/** Differences below this share are noise of any machine that does anything else. */
export const NOTICEABLE = 0.05;

/** Compares all figures of two sets of runs; neither is empty. */
export function compareResults(a: readonly BenchResult[], b: readonly BenchResult[]): Compared[] {
  return FIGURES.map(({ name, isMoreBetter, of }) => {
    const [one, other] = [spreadOf(a.map(of)), spreadOf(b.map(of))];
    const ratio = one.median === 0 ? 1 : other.median / one.median;
    return { figure: name, a: one, b: other, ratio, verdict: verdictOf(one, other, { ratio, isMoreBetter }) };
  });
}

/** The median, least and most of some figures. */
function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** The settings that two results do not share, by name: figures of different benchmarks say nothing about servers. */
export function differingSettings(a: BenchResult, b: BenchResult): string[] {
  const [one, other] = [a, b].map((result) => new Map(Object.entries({ ...result.settings, target: "" })));
  const names = new Set([...one?.keys() ?? [], ...other?.keys() ?? []]);
  return [...names].filter((name) => one?.get(name) !== other?.get(name));
}

function verdictOf(
  a: Spread,
  b: Spread,
  { ratio, isMoreBetter }: { readonly ratio: number; readonly isMoreBetter: boolean },
): Verdict {
  const overlap = a.least <= b.most && b.least <= a.most;
  if (overlap || Math.abs(ratio - 1) < NOTICEABLE) return "unclear";
  return ratio > 1 === isMoreBetter ? "better" : "worse";
}

/**
 * The results in a file: one JSON object, or one a line, as several runs appended to one file leave them.
 *
 * @throws {SyntaxError} when it is neither.
 */
export function parseResults(text: string): BenchResult[] {
  const results = text.split("\n").filter((line) => line.trim() !== "").map((line): unknown => JSON.parse(line));
  if (results.length === 0 || !results.every(isResult)) throw new SyntaxError("no results of echo-client bench --json");
  return results;
}

function isResult(value: unknown): value is BenchResult {
  if (typeof value !== "object" || value === null) return false;
  const { settings, rate_per_s: rate, latency_us: latency }: Record<string, unknown> = { ...value };
  if (typeof settings !== "object" || typeof rate !== "number" || typeof latency !== "object") return false;
  return ["p50", "p90", "p99", "p99_9", "max"].every((name) =>
    typeof ({ ...latency } as Record<string, unknown>)[name] === "number"
  );
}
