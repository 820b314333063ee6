/**
 * The charts of measurements: of one run, of several, or of two sides beside each other.
 *
 * @module
 */
import { escapeHtml } from "../../base/html.ts";
import { type Figures, figuresIn, roundText } from "../../cli/format.ts";
import { chart, type ChartSpec, type Labels, type Series, type Value } from "./chart.ts";
import type { CurvePoint } from "./latencies.ts";
import { rateOf } from "./report.ts";
import type { BenchResult, SampleRecord } from "./result.ts";
import { median } from "./statistics.ts";
import { type Point, spreadsOf } from "./runs.ts";
import type { BenchMode } from "./settings.ts";
import type { Translate } from "./texts.ts";
import { linearAxis, logAxis, roundTicks } from "./ticks.ts";

/** Runs that are shown in one colour. */
export interface Side {
  /** Empty, where there is only one. */
  readonly name: string;
  /** Not empty. */
  readonly runs: readonly BenchResult[];
}

/** All charts of some sides. */
export function pictures(sides: readonly Side[], t: Translate): string {
  const p = new Pictures(sides, t);
  return chartsHtml([p.percentiles(), p.histogram(), p.latencies(), p.rates(), p.fairness()], t);
}

function chartsHtml(charts: readonly string[], t: Translate): string {
  const note = `<p class="note touch">${escapeHtml(t("bench.chart.note"))}</p>`;
  return `<div class="charts">${charts.filter(Boolean).join("\n")}</div>\n${note}`;
}

/** The charts of a sweep: rate and latency by value. */
export function sweepPictures(name: string, points: readonly Point[], t: Translate): string {
  const f = figuresIn(t.language);
  const [mode, columns] = [
    points[0]?.runs[0]?.settings.mode ?? "closed",
    points.map(({ label = "" }) => `${name} ${label}`),
  ];
  const means = (figure: "rate" | "p50" | "p99"): (number | null)[] =>
    points.map(({ runs }) => spreadsOf(runs)[figure]?.mean ?? null);
  const [rates, p50, p99] = [means("rate"), means("p50"), means("p99")];
  const below: Labels = points.map(({ label = "" }, at) => [(at + 0.5) / points.length, label]);
  const common = { columns, below, several };
  return chartsHtml([
    chart({
      ...{
        ...common,
        id: "sweep-rate",
        title: t("bench.chart.rate_by", { name, unit: unitOf(mode, t) }),
        isBars: true,
      },
      series: [{ name: "", look: 0, lines: [rates] }],
      axis: linearAxis(Math.max(...numbers(rates))),
      text: (value) => rateOf(value, mode, t),
      tick: (value) => f.rate(value),
    }),
    chart({
      ...{ ...common, id: "sweep-latency", title: t("bench.chart.latency_by", { name }) },
      series: [{ name: "p50", look: 0, lines: [p50] }, { name: "p99", look: 1, lines: [p99] }],
      axis: logAxis(numbers([...p50, ...p99])),
      text: (value) => f.time(value),
    }),
  ], t);
}

class Pictures {
  readonly #sides: readonly Side[];
  readonly #runs: readonly BenchResult[];
  readonly #t: Translate;
  readonly #f: Figures;

  constructor(sides: readonly Side[], t: Translate) {
    // Results of before there were pictures have nothing to draw.
    this.#sides = sides.map((side) => ({ ...side, runs: side.runs.filter(({ samples }) => samples !== undefined) }));
    this.#runs = this.#sides.flatMap(({ runs }) => runs);
    this.#t = t;
    this.#f = figuresIn(t.language);
  }

  /** Latency by percentile: from due, and beside it from sent and of the floor where there is one side alone. */
  percentiles(): string {
    const [t, only] = [this.#t, this.#sides.length === 1];
    const due = this.#sides.map((side): [string, (readonly CurvePoint[])[]] => [
      only ? "" : side.name,
      side.runs.map((run) => run.percentiles_us),
    ]);
    const sent = this.#runs.flatMap((run) => run.from_sent_percentiles_us ?? []).length === 0 || !only
      ? []
      : [[t("bench.from_sent"), this.#runs.map((run) => run.from_sent_percentiles_us ?? [])] as const];
    // Runs after each other share one; two files may not.
    const [floor, ...others] = new Set(this.#runs.map((run) => JSON.stringify(run.floor?.percentiles_us)));
    const floors = floor === undefined || others.length > 0 ? [] : [this.#runs[0]?.floor?.percentiles_us ?? []];
    const named = only
      ? [[sent.length > 0 ? t("bench.from_due") : t("bench.latency"), due[0]?.[1] ?? []] as const]
      : due;
    const all = [...named, ...sent, ...floors.length > 0 ? [[t("bench.floor"), floors] as const] : []];
    const longest = all.flatMap(([, curves]) => curves).reduce<readonly CurvePoint[]>(
      (most, curve) => curve.length > most.length ? curve : most,
      [],
    );
    if (longest.length === 0) return "";
    // The last point is the longest latency of all, wherever its curve ends.
    const series = all.map(([name, curves], look): Series => ({
      ...{ name, look: name === t("bench.floor") ? "floor" : look },
      lines: curves.map((curve) =>
        longest.map((_, at) =>
          (at === longest.length - 1 ? curve.at(-1) : at < curve.length - 1 ? curve[at] : undefined)?.[1]
        )
      ),
    }));
    return this.#time({
      ...{ id: "percentiles", title: t("bench.chart.percentiles") },
      columns: longest.map(([percent], at) => at === longest.length - 1 ? "max" : `p${percentileText(percent)}`),
      series,
      below: percentileLabels(longest.length),
    });
  }

  /** How the latencies of one run are distributed. */
  histogram(): string {
    const [run] = this.#runs;
    if (run === undefined || this.#runs.length > 1 || run.histogram_us.length === 0) return "";
    const bars = run.histogram_us;
    const total = bars.reduce((sum, [, , count]) => sum + count, 0);
    const shares = bars.map(([, , count]) => count / total);
    const [first, second] = [bars[0]?.[0] ?? 1, bars[0]?.[1] ?? 2];
    const place = (value: number): number => Math.log(value / first) / Math.log(second / first) / bars.length;
    const ticks = logAxis([first, bars.at(-1)?.[0] ?? first]).ticks.map((tick) =>
      [place(tick), roundText(this.#f.time(tick))] as const
    );
    return chart({
      ...{ id: "histogram", title: this.#t("bench.chart.histogram"), isBars: true, several },
      columns: bars.map(([from, to, count]) => `${this.#f.time(from)} – ${this.#f.time(to)} · ${this.#f.count(count)}`),
      series: [{ name: "", look: 0, lines: [shares] }],
      axis: linearAxis(Math.max(...shares)),
      text: (share) => this.#f.percent(share),
      tick: (share) => `${this.#f.digits(100 * share)} %`,
      below: ticks.filter(([at]) => at >= 0 && at < 0.97),
    });
  }

  /** Latency over time; of several runs p99 alone. */
  latencies(): string {
    const { place, period: _, ...common } = this.#overTime();
    const [t, one] = [this.#t, this.#runs.length === 1];
    const p99 = this.#sides.map(({ name, runs }, look): Series => ({
      ...{ name: name === "" ? "p99" : `${name} p99`, look: one ? 1 : look },
      lines: runs.map((run) => place(run, latencyOf(run, "p99_us"))),
    }));
    const p50 = one
      ? [{ name: "p50", look: 0, lines: this.#runs.map((run) => place(run, latencyOf(run, "p50_us"))) }]
      : [];
    const silent = this.#runs.flatMap((run) => place(run, (sample) => isSilent(sample, run) ? 1 : null));
    const marks = new Map(
      silent.flatMap((is, at) => is === 1 ? [[at % common.columns.length, t("bench.chart.silent")] as const] : []),
    );
    return this.#time({
      id: "latency",
      title: t("bench.chart.latency"),
      series: [...p50, ...p99],
      marks,
      marked: t("bench.chart.silent"),
      ...common,
    });
  }

  /** Rate over time, and when connections failed. */
  rates(): string {
    const t = this.#t;
    const { place, period, ...common } = this.#overTime();
    const settings = this.#runs[0]?.settings;
    const [mode, asked] = [settings?.mode ?? "closed", settings?.rate_per_s];
    const series = this.#sides.map(({ name, runs }, look): Series => ({
      ...{ name, look },
      // What came behind the end has no rate.
      lines: runs.map((run) =>
        place(run, ({ at_ms, rate_per_s }) => at_ms > run.elapsed_ms + period / 2 ? null : rate_per_s)
      ),
    }));
    const errors = this.#runs.flatMap((run) =>
      place(run, (sample) => sample.errors).map((count, at) => [at, count ?? 0] as const)
    );
    const marks = new Map(
      errors.filter(([, count]) => count > 0).map((
        [at, count],
      ) => [at, t("bench.row.errors", { errors: count }).trim()]),
    );
    return chart({
      ...{ id: "rate", title: t("bench.chart.rate", { unit: unitOf(mode, t) }), series, marks, several, ...common },
      axis: linearAxis(Math.max(...numbers(series.flatMap(({ lines }) => lines.flat())), asked ?? 0, 1)),
      text: (rate) => rateOf(rate, mode, t),
      tick: (rate) => this.#f.rate(rate),
      band: t("bench.chart.band"),
      ...asked === undefined ? {} : { level: [asked, t("bench.chart.asked")] },
    });
  }

  /** Frames by connection, the fewest first. */
  fairness(): string {
    const [run] = this.#runs;
    const frames = run?.fairness.frames ?? [];
    if (run === undefined || this.#runs.length > 1 || frames.length < 2) return "";
    const mean = run.count / run.settings.connections;
    const place = (at: number): number => Math.round(at / (frames.length - 1) * (run.settings.connections - 1)) + 1;
    return chart({
      ...{ id: "fairness", title: this.#t("bench.chart.fairness"), isBars: true, several },
      columns: frames.map((_, at) =>
        this.#t("bench.chart.connection", { place: place(at), of: run.settings.connections })
      ),
      series: [{ name: "", look: 0, lines: [frames] }],
      axis: linearAxis(Math.max(...frames, 1)),
      text: (count) => this.#f.count(count),
      below: [[0.5 / frames.length, "1"], [1 - 0.5 / frames.length, this.#f.count(run.settings.connections)]],
      level: [mean, this.#t("bench.table.average")],
    });
  }

  #time(spec: Omit<ChartSpec, "axis" | "text" | "several">): string {
    const values = numbers(spec.series.flatMap(({ lines }) => lines.flat()));
    if (values.length === 0) return "";
    const band = this.#t("bench.chart.band");
    return chart({ ...spec, axis: logAxis(values), text: (value) => this.#f.time(value), several, band });
  }

  /** The columns of a chart over time, and where the samples of a run stand in it; the warm-up is told apart. */
  #overTime(): Pick<ChartSpec, "columns" | "below" | "apart"> & { readonly place: Placed; readonly period: number } {
    // Waiting for what never came is no part of the picture.
    const all = this.#runs.flatMap(({ samples, elapsed_ms: elapsed }) =>
      samples.filter(({ at_ms: at, count, errors }) => count + errors > 0 || at <= elapsed).map(({ at_ms: at }) => at)
    );
    const gaps = this.#runs.flatMap(({ samples }) =>
      samples.slice(1).map(({ at_ms: at }, i) => at - (samples[i]?.at_ms ?? 0))
    );
    const period = Math.max(1, median(gaps));
    if (all.length === 0) return { columns: [], below: [], place: () => [], period };
    const last = Math.round(Math.max(...all, 0) / period);
    // A long warm-up would push aside what was measured: its end is enough.
    const first = Math.max(Math.round(Math.min(...all) / period), -Math.ceil(last * MOST_WARMUP));
    const count = last - first + 1;
    const seconds = (ms: number): string =>
      this.#t("bench.seconds", { count: this.#f.fixed(ms / 1000, period < 100 ? 2 : 1) });
    const columns = Array.from({ length: count }, (_, at) => seconds((first + at) * period));
    // A column is what led up to its time: what was measured begins behind the column of 0.
    const warm = Math.max(0, 1 - first) / count;
    const ticks = roundTicks(0, last * period);
    const below = ticks.map((at) => {
      const text = this.#t("bench.seconds", { count: this.#f.fixed(at / 1000, 2) });
      return [warm + at / period / count, roundText(text)] as const;
    });
    const place: Placed = (run, of) => {
      const line = Array.from({ length: count }, (): Value => undefined);
      for (const sample of run.samples) {
        const column = Math.round(sample.at_ms / period) - first;
        if (column >= 0 && column < count) line[column] = of(sample);
      }
      return line;
    };
    return {
      columns,
      below,
      place,
      period,
      ...warm === 0 ? {} : { apart: [warm, this.#t("bench.chart.warmup")] as const },
    };
  }
}

/** A figure of the samples of a run, by column. */
type Placed = (run: BenchResult, of: (sample: SampleRecord) => Value) => Value[];

/** Most of the time measured, as a share, that the warm-up before it is drawn. */
const MOST_WARMUP = 0.25;

/** Whether nothing came where something comes all the time otherwise: a stall. */
function isSilent({ at_ms: at, count }: SampleRecord, { elapsed_ms: elapsed, samples }: BenchResult): boolean {
  const measured = samples.filter((sample) => sample.at_ms > 0 && sample.at_ms <= elapsed);
  return at > 0 && at <= elapsed && count === 0 && median(measured.map((sample) => sample.count)) > 1;
}

/** Of a sample; a gap where there was a stall. */
function latencyOf(run: BenchResult, name: "p50_us" | "p99_us"): (sample: SampleRecord) => Value {
  return (sample) => sample[name] ?? (isSilent(sample, run) ? null : undefined);
}

/** Nines at equal distances: 90 %, 99 %, 99.9 %; each column is a fourth of a halving of what is left. */
function percentileLabels(columns: number): Labels {
  const place = (percent: number): number => (-4 * Math.log2(1 - percent / 100) + 0.5) / columns;
  const shown = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999].map((percent) =>
    [place(percent), percent === 0 ? "min" : `p${percentileText(percent)}`] as const
  );
  return [...shown.filter(([at]) => at < 0.94), [1 - 0.5 / columns, "max"]];
}

/** What a rate counts. */
function unitOf(mode: BenchMode, t: Translate): string {
  return rateOf(1, mode, t).replace(/^\S+ /, "");
}

function percentileText(percent: number): string {
  return String(Number(percent.toPrecision(percent > 99.9 ? 8 : percent > 99 ? 4 : 3)));
}

function several(median: string, least: string, most: string): string {
  return `${median} (${least} – ${most})`;
}

function numbers(values: readonly Value[]): number[] {
  return values.filter((value) => value !== null && value !== undefined);
}
