/**
 * Several runs of one setting, and what a call of the command found in all.
 *
 * @module
 */
import { COMPARED, type ComparedName } from "./change.ts";
import { figureOf } from "./compare.ts";
import type { Found } from "./find.ts";
import type { Latencies } from "./latencies.ts";
import type { BenchResult } from "./result.ts";
import { mean, type Spread, spreadOf } from "./statistics.ts";
import { type Checked, isExceeded, isSummed, type Threshold } from "./thresholds.ts";

/** What all runs of a setting found. */
export interface Point {
  /** The value that a sweep had here, as it was written. */
  readonly label?: string;
  /** Not empty. */
  readonly runs: readonly BenchResult[];
  /** Held against the mean of the runs, counts against their sum. */
  readonly thresholds: readonly Checked[];
}

/** All that a call of the command found. */
export interface Outcome {
  /** One, or one for each value of a sweep. */
  readonly points: readonly Point[];
  /** Of a search, and what was searched for. */
  readonly found?: Found;
  readonly goal?: string;
  /** The option that a sweep went through. */
  readonly sweep?: string;
  /** Of all runs together. */
  readonly latencies: Latencies;
  /** What ended the first connection that failed. */
  readonly firstError: unknown;
  readonly verdict: string;
}

/** The spreads of the figures of some runs, by name. */
export function spreadsOf(runs: readonly BenchResult[]): Readonly<Partial<Record<ComparedName, Spread | null>>> {
  return Object.fromEntries(
    COMPARED.map((name) => [name, spreadOf(runs.map((run) => figureOf(run, name)).filter((value) => value !== null))]),
  );
}

/** Thresholds held against all runs together. */
export function checkRuns(thresholds: readonly Threshold[], runs: readonly BenchResult[]): Checked[] {
  return thresholds.map((threshold, at) => {
    const values = runs.map((run) => run.thresholds[at]?.value ?? null).filter((value) => value !== null);
    const all = isSummed(threshold.figure) ? values.reduce((sum, value) => sum + value, 0) : mean(values);
    const value = values.length === 0 ? null : all;
    return { text: threshold.text, figure: threshold.figure, value, fails: isExceeded(threshold, value) };
  });
}
