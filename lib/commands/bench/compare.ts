/**
 * Two sets of benchmark results beside each other.
 *
 * @module
 */
import { COMPARED, type ComparedName } from "./change.ts";
import type { BenchResult } from "./result.ts";
import { mannWhitney, type Spread, spreadOf } from "./statistics.ts";

/**
 * Where a figure of B stands against A's. `unclear`: it may be chance, or is less than {@linkcode NOTICEABLE}.
 */
type Verdict = "better" | "worse" | "unclear";

/** One figure of both sides. What was not measured is `null`. */
export interface Compared {
  readonly figure: ComparedName;
  readonly a: Spread | null;
  readonly b: Spread | null;
  /** B's median by A's. */
  readonly ratio: number | null;
  /**
   * How probable it is that runs of one and the same server differ as much as these or more (Mann-Whitney U test, two-sided);
   * `null` with too few runs to be told from chance at all.
   */
  readonly p_value: number | null;
  readonly verdict: Verdict;
}

/** Differences below this share are noise of any machine that does anything else. */
export const NOTICEABLE = 0.05;

/** What is less probable than this is not taken for chance. */
export const SIGNIFICANT = 0.05;

/** Runs of each side from which on that can be decided: of 3 and 3, the most uneven have a p of 0.1. */
export const LEAST_RUNS = 4;

/** Compares all figures of two sets of runs. */
export function compareResults(a: readonly BenchResult[], b: readonly BenchResult[]): Compared[] {
  return COMPARED.map((figure) => {
    const [ofA, ofB] = [a, b].map((results) =>
      results.map((one) => figureOf(one, figure)).filter((one) => one !== null)
    );
    const [one, other] = [spreadOf(ofA ?? []), spreadOf(ofB ?? [])];
    if (one === null || other === null) {
      return { figure, a: one, b: other, ratio: null, p_value: null, verdict: "unclear" };
    }
    const ratio = one.median === 0 ? null : other.median / one.median;
    const isDecidable = Math.min(ofA?.length ?? 0, ofB?.length ?? 0) >= LEAST_RUNS;
    const p = isDecidable ? mannWhitney(ofA ?? [], ofB ?? []) : null;
    const isChance = p === null ? one.least <= other.most && other.least <= one.most : p >= SIGNIFICANT;
    const isBetter = figure === "rate" ? other.median > one.median : other.median < one.median;
    const isUnclear = isChance || ratio === null || Math.abs(ratio - 1) < NOTICEABLE;
    return {
      figure,
      a: one,
      b: other,
      ratio,
      p_value: p,
      verdict: isUnclear ? "unclear" : isBetter ? "better" : "worse",
    };
  });
}

export function figureOf({ rate_per_s: rate, latency_us: latency }: BenchResult, figure: ComparedName): number | null {
  return figure === "rate" ? rate : latency[figure === "p99.9" ? "p99_9" : figure];
}

/** The settings that two results do not share, by name: figures of different benchmarks say nothing about servers. */
export function differingSettings(a: BenchResult, b: BenchResult): string[] {
  const [one, other] = [a, b].map((result) => new Map(Object.entries({ ...result.settings, target: "" })));
  const names = new Set([...one?.keys() ?? [], ...other?.keys() ?? []]);
  return [...names].filter((name) => one?.get(name) !== other?.get(name));
}

/**
 * The results in a file: those of JSON objects, one a line, as runs appended to one file leave them, or one object in any
 * lines. What `--runs` printed counts as its runs; of `--jsonl` the results count, but for those of a sweep.
 *
 * @throws {SyntaxError} when it is neither.
 */
export function parseResults(text: string): BenchResult[] {
  const results = valuesIn(text).filter((value) => !isSample(value)).flatMap((value) =>
    isRuns(value) ? value.runs : [value]
  );
  if (results.length === 0 || !results.every(isResult)) throw new SyntaxError("no results of echo-client bench --json");
  return results;
}

function valuesIn(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text.split("\n").filter((line) => line.trim() !== "").map((line): unknown => JSON.parse(line));
  }
}

function isSample(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value && value.type === "sample";
}

function isRuns(value: unknown): value is { readonly runs: unknown[] } {
  return typeof value === "object" && value !== null && "runs" in value && Array.isArray(value.runs);
}

function isResult(value: unknown): value is BenchResult {
  if (typeof value !== "object" || value === null) return false;
  const { settings, rate_per_s: rate, latency_us: latency, point }: Record<string, unknown> = { ...value };
  if (point !== undefined || typeof settings !== "object" || !isFigure(rate) || typeof latency !== "object") {
    return false;
  }
  const figures: Record<string, unknown> = { ...latency };
  return ["p50", "p90", "p99", "p99_9", "max"].every((name) => isFigure(figures[name]));
}

/** A number, or what was not measured. */
function isFigure(value: unknown): boolean {
  return value === null || typeof value === "number";
}
