/**
 * What a benchmark found as JSON: docs/measuring.md has the schema.
 *
 * @module
 */
import type { ComparedName } from "./change.ts";
import type { BenchResult } from "./result.ts";
import { type Outcome, type Point, spreadsOf } from "./runs.ts";
import type { Spread } from "./statistics.ts";

/** Several runs as `--json` prints them. */
interface RunsRecord extends Pick<BenchResult, "version" | "started" | "settings" | "thresholds"> {
  readonly interrupted?: true;
  readonly runs: readonly BenchResult[];
  /** Mean, standard deviation and outliers of each figure: the rate a second, latencies in µs; `null` of none. */
  readonly summary: Readonly<Partial<Record<ComparedName, Spread | null>>>;
  readonly verdict: string;
}

/** The record of a run, of several runs, of a sweep, or of a search. */
export function jsonOf({ points, found, goal, sweep, verdict }: Outcome): unknown {
  const [first] = points;
  if (first === undefined) return {};
  if (sweep !== undefined) {
    const { version, started, settings } = pointRecord(first, "");
    const interrupted = points.some(({ runs }) => runs.some((run) => run.interrupted));
    return {
      ...{ version, started, settings },
      ...interrupted ? { interrupted } : {},
      sweep,
      points: points.map((point) => ({ value: point.label, ...pointRecord(point, point.runs[0]?.verdict ?? "") })),
      verdict,
    };
  }
  const record = pointRecord(first, verdict);
  if (found === undefined) return record;
  const { held, failed, trials } = found;
  return { ...record, found_rate_per_s: rounded(held), find: { goal, failed_rate_per_s: rounded(failed), trials } };
}

/** The record of a point: that of its run, or of its runs together. */
export function pointRecord({ runs, thresholds }: Point, verdict: string): BenchResult | RunsRecord {
  const [first] = runs;
  if (first === undefined) throw new RangeError("a point has at least one run");
  if (runs.length === 1) return { ...first, verdict };
  const { version, started, settings } = first;
  const isInterrupted = runs.some(({ interrupted }) => interrupted);
  return {
    ...{ version, started, settings },
    ...isInterrupted ? { interrupted: true } : {},
    ...{ runs, summary: spreadsOf(runs), thresholds, verdict },
  };
}

function rounded(rate: number | null): number | null {
  return rate === null ? null : Math.round(rate * 10) / 10;
}
