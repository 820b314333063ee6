/**
 * Several runs, points of a sweep, and trials of a search, as tables: of cells first, that a terminal and Markdown show alike.
 *
 * @module
 */
import { figuresIn } from "../../cli/format.ts";
import type { Table } from "../../cli/table.ts";
import type { ComparedName } from "./change.ts";
import type { Found } from "./find.ts";
import { figureOf } from "./compare.ts";
import { titleOf, unitOf } from "./report.ts";
import type { BenchResult } from "./result.ts";
import { type Point, spreadsOf } from "./runs.ts";
import type { Translate } from "./texts.ts";

/** The first column to the left, figures to the right. */
export const NUMBERS = { align: "right", indent: 2 } as const;

/** Figures of a table of runs. */
const SHOWN: readonly ComparedName[] = ["rate", "p50", "p99", "max"];

/** A row for each run, with what is far from the others marked, and one for their mean and deviation. */
export function runsTable(point: Point, t: Translate): Table {
  const { runs } = point;
  const spreads = spreadsOf(runs);
  const rows = runs.map((run, at) => [
    String(at + 1),
    ...SHOWN.map((name) => {
      const isOutlier = spreads[name]?.outliers.includes(at + 1) ?? false;
      return `${shown(name, figureOf(run, name), t)}${isOutlier ? " !" : ""}`;
    }),
  ]);
  return [[t("bench.table.run"), ...heads([point], t)], ...rows, [t("bench.table.mean"), ...spreadCells(runs, t)]];
}

/** A row for each value; with several runs, their mean and deviation. */
export function sweepTable(name: string, points: readonly Point[], t: Translate): Table {
  const rows = points.map(({ label = "", runs }) => [
    label,
    ...runs.length === 1 && runs[0] !== undefined ? cells(runs[0], t) : spreadCells(runs, t),
  ]);
  return [[name, ...heads(points, t)], ...rows];
}

/** What was measured, on one line: the first run, and what a sweep went through. */
export function pointsTitle(points: readonly Point[], sweep: string | undefined, t: Translate): string {
  const settings = points[0]?.runs[0]?.settings;
  const title = settings === undefined ? "" : titleOf(settings, t);
  return sweep === undefined ? title : `${title} · ${sweep}: ${points.map(({ label }) => label).join(", ")}`;
}

/** A row for each rate that was tried. */
export function trialsTable({ trials }: Found, goal: string, t: Translate): Table {
  const f = figuresIn(t.language);
  return [
    [t("bench.table.tried"), t("bench.table.echoed"), goal, ""],
    ...trials.map(({ rate_per_s: rate, echoed_per_s: echoed, value_us: value, held, overloaded, disturbed }) => {
      const verdict = held ? "kept" : overloaded ? "overloaded" : disturbed ? "disturbed" : "missed";
      return [f.rate(rate), f.rate(echoed), f.time(value), t(`bench.table.${verdict}`)];
    }),
  ];
}

/** What stands apart among runs, in words. */
export function outlierLines(points: readonly Point[], t: Translate): string[] {
  return points.flatMap(({ label, runs }) =>
    Object.entries(spreadsOf(runs)).flatMap(([name, spread]) =>
      spread === null || spread === undefined || spread.outliers.length === 0 || !SHOWN.some((one) => one === name)
        ? []
        : [t("bench.outliers", {
          figure: [label, figureName(name, t)].filter(Boolean).join(" "),
          runs: spread.outliers.join(", "),
        })]
    )
  );
}

/** The name of a figure for people. */
export function figureName(name: string, t: Translate): string {
  return name === "rate" ? t("compare.figure.rate") : name;
}

function heads(points: readonly Point[], t: Translate): string[] {
  const mode = points[0]?.runs[0]?.settings.mode ?? "closed";
  return SHOWN.map((name) => name === "rate" ? t(`bench.rate.${unitOf(mode)}`, { count: "" }).trim() : name);
}

function cells(run: BenchResult, t: Translate): string[] {
  return SHOWN.map((name) => shown(name, figureOf(run, name), t));
}

function spreadCells(runs: readonly BenchResult[], t: Translate): string[] {
  const spreads = spreadsOf(runs);
  return SHOWN.map((name) => {
    const spread = spreads[name] ?? null;
    const mean = shown(name, spread?.mean ?? null, t);
    if (spread === null || spread.stddev === null) return mean;
    return `${mean} ± ${figuresIn(t.language).percent(spread.stddev / (spread.mean || 1))}`;
  });
}

function shown(name: ComparedName, value: number | null, t: Translate): string {
  const f = figuresIn(t.language);
  return name === "rate" ? f.rate(value) : f.time(value);
}
