/**
 * A comparison for people: what a terminal shows, and the parts of it that a page has, too.
 *
 * @module
 */
import { type Figures, figuresIn, roundText } from "../../cli/format.ts";
import { type Compared, LEAST_RUNS, NOTICEABLE, SIGNIFICANT } from "./compare.ts";
import type { BenchResult } from "./result.ts";
import type { Spread } from "./statistics.ts";
import { type Table, tableLines } from "../../cli/table.ts";
import { figureName, NUMBERS } from "./table.ts";
import type { Translate } from "./texts.ts";

export interface Comparison {
  readonly a: string;
  readonly b: string;
  /** Not empty. */
  readonly ofA: readonly BenchResult[];
  readonly ofB: readonly BenchResult[];
  readonly compared: readonly Compared[];
  /** Names of settings that the two do not share. */
  readonly differing: readonly string[];
  readonly limits: readonly CheckedChange[];
}

/** A limit on a change, with what was found. */
export interface CheckedChange {
  readonly text: string;
  readonly figure: string;
  /** B's median by A's, less 1. */
  readonly change: number | null;
  readonly fails: boolean;
}

/** What a terminal shows. */
export function comparisonLines(comparison: Comparison, t: Translate): string[] {
  const { limits } = comparison;
  return [
    titleOf(comparison, t),
    ...differingLines(comparison, t),
    "",
    ...tableLines(comparisonTable(comparison, t), NUMBERS),
    "",
    ...limits.map((limit) => limitText(limit, t)),
    comparisonText(comparison, t),
    significanceText(comparison, t),
  ];
}

/** What was compared, on one line. */
export function titleOf({ a, b, ofA, ofB }: Comparison, t: Translate): string {
  const title = t("compare.title", { a, b, runs_a: ofA.length, runs_b: ofB.length });
  return ofA.length > 1 || ofB.length > 1 ? `${title}; ${t("compare.title.runs")}` : title;
}

/** What makes the comparison one of more than servers. */
export function differingLines({ differing }: Comparison, t: Translate): string[] {
  return differing.length === 0 ? [] : [t("compare.differ", { names: differing.join(", ") })];
}

/** Whether a limit on a change was kept. */
export function limitText({ text, change, fails }: CheckedChange, t: Translate): string {
  const value = change === null ? t("bench.unmeasured") : signedPercent(change, figuresIn(t.language));
  return `  ${t(fails ? "bench.failed" : "bench.held")}  ${t("bench.failed.text", { text, value })}`;
}

/** A row for each figure, and one below it for how far its runs are apart. */
export function comparisonTable({ compared }: Comparison, t: Translate): Table {
  const f = figuresIn(t.language);
  const hasChance = compared.some(({ p_value: p }) => p !== null);
  return [
    ["", "A", "B", t("compare.head.ratio"), ...hasChance ? [t("compare.head.p")] : [], ""],
    ...compared.flatMap(({ figure, a, b, ratio, p_value: p, verdict }) => {
      const shown = (value: number | undefined): string =>
        figure === "rate" ? f.rate(value ?? null) : f.time(value ?? null);
      const extent = (spread: Spread | null): string =>
        spread === null || spread.least === spread.most ? "" : `${shown(spread.least)} – ${shown(spread.most)}`;
      const extents = [extent(a), extent(b)];
      return [
        [
          ...[
            figureName(figure, t),
            shown(a?.median),
            shown(b?.median),
            ratio === null ? f.time(null) : f.ratio(ratio),
          ],
          ...hasChance ? [p === null ? "" : chanceText(p, f)] : [],
          t(`compare.${verdict}`),
        ],
        ...extents.some((text) => text !== "") ? [["", ...extents, "", "", ...hasChance ? [""] : []]] : [],
      ];
    }),
  ];
}

export function comparisonText({ compared }: Comparison, t: Translate): string {
  const f = figuresIn(t.language);
  const of = (verdict: Compared["verdict"]): string =>
    compared.filter((one) => one.verdict === verdict)
      .map(({ figure, ratio }) => `${figureName(figure, t)} ${ratio === null ? "" : f.ratio(ratio)}`).join(", ");
  const [better, worse] = [of("better"), of("worse")];
  if (better === "" && worse === "") return t("compare.verdict.same", { noticeable: roundText(f.percent(NOTICEABLE)) });
  if (worse === "") return t("compare.verdict.better", { figures: better });
  return better === "" ? t("compare.verdict.worse", { figures: worse }) : t("compare.verdict.mixed", { better, worse });
}

/** How far that can be relied on. */
export function significanceText({ ofA, ofB }: Comparison, t: Translate): string {
  const f = figuresIn(t.language);
  const least = Math.min(ofA.length, ofB.length);
  if (least === 1) return t("compare.one_run");
  return t(least < LEAST_RUNS ? "compare.few_runs" : "compare.significance", {
    least: LEAST_RUNS,
    share: roundText(f.percent(SIGNIFICANT)),
    noticeable: roundText(f.percent(NOTICEABLE)),
  });
}

function chanceText(p: number, f: Figures): string {
  return p < 0.001 ? `<${f.fixed(0.001, 3)}` : f.fixed(p, 3);
}

function signedPercent(share: number, f: Figures): string {
  return `${share < 0 ? "−" : "+"}${f.percent(Math.abs(share))}`;
}
