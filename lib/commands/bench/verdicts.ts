/**
 * What several runs, a sweep or a search come to, in words.
 *
 * @module
 */
import { figuresIn } from "../../cli/format.ts";
import type { Found } from "./find.ts";
import { rateOf } from "./report.ts";
import { type Point, spreadsOf } from "./runs.ts";
import type { Translate } from "./texts.ts";

/** What runs come to, in words: of one run its own verdict, of several how far they can be relied on. */
export function pointsText(points: readonly Point[], t: Translate): string {
  const runs = points.flatMap((point) => point.runs);
  const [first] = runs;
  if (runs.length === 1 && first !== undefined) return first.verdict ?? "";
  const f = figuresIn(t.language);
  const ended = runs.filter(({ ended_early: isEndedEarly }) => isEndedEarly).length;
  const cut = [
    ...runs.some(({ interrupted }) => interrupted) ? [` ${t("bench.interrupted.some")}`] : [],
    ...ended === 0 ? [] : [` ${t("bench.ended.some", { count: f.count(ended) })}`],
  ].join("");
  const shares = points.flatMap((point) => {
    const { stddev, mean } = spreadsOf(point.runs).rate ?? { stddev: null, mean: 0 };
    return stddev === null || mean === 0 ? [] : [stddev / mean];
  });
  const [best] = points.toSorted((a, b) => rateIn(b) - rateIn(a));
  const values = { runs: f.count(runs.length), deviation: f.percent(Math.max(...shares, 0)) };
  if (points.length === 1) {
    const rate = rateOf(spreadsOf(runs).rate?.mean ?? null, first?.settings.mode ?? "closed", t);
    return t("bench.verdict.runs", { ...values, rate }) + cut;
  }
  const rate = rateOf(best === undefined ? null : rateIn(best), first?.settings.mode ?? "closed", t);
  return t("bench.verdict.sweep", { rate, value: best?.label ?? "", points: f.count(points.length) }) + cut;
}

function rateIn({ runs }: Point): number {
  return spreadsOf(runs).rate?.mean ?? 0;
}

/** What a search comes to, in words. */
export function foundText({ held, failed, trials }: Found, goal: string, t: Translate): string {
  if (held === null) return t("bench.found.none", { goal });
  const values = { goal, rate: rateOf(held, "open", t), failed: rateOf(failed, "open", t) };
  const found = t(failed === null ? "bench.found.open" : "bench.found", values);
  return trials.some(({ disturbed }) => disturbed) ? `${found} ${t("bench.found.disturbed")}` : found;
}
