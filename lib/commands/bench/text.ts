/**
 * What a benchmark found as text for a terminal.
 *
 * @module
 */
import { reportLines, thresholdRow } from "./report.ts";
import type { Outcome } from "./runs.ts";
import { tableLines } from "../../cli/table.ts";
import { NUMBERS, outlierLines, pointsTitle, runsTable, sweepTable, trialsTable } from "./table.ts";
import type { Translate } from "./texts.ts";

/** Bars of the histogram. */
const BARS = 14;

/** The lines. */
export function textOf(outcome: Outcome, t: Translate): string[] {
  const { points, found, goal = "", sweep, latencies, verdict } = outcome;
  const [first] = points;
  const [run] = first?.runs ?? [];
  if (first === undefined || run === undefined) return [];
  if (found !== undefined) {
    const report = found.held === null ? [] : ["", ...reportLines({ ...run, verdict: "" }, latencies.bars(BARS), t)];
    return [...tableLines(trialsTable(found, goal, t), NUMBERS), ...report, verdict];
  }
  if (sweep === undefined && first.runs.length === 1) return reportLines({ ...run, verdict }, latencies.bars(BARS), t);
  const table = sweep === undefined ? runsTable(first, t) : sweepTable(sweep, points, t);
  const limits = points.flatMap((point) =>
    point.thresholds.map((checked) =>
      [point.label, ...thresholdRow(checked, run.settings.mode, t)].filter(Boolean).join("  ")
    )
  );
  const some = [...limits, ...outlierLines(points, t)];
  return [
    pointsTitle(points, sweep, t),
    "",
    ...tableLines(table, NUMBERS),
    ...some.length === 0 ? [] : ["", ...some],
    "",
    verdict,
  ];
}
