/**
 * A benchmark's result as a page of its own: two charts drawn as SVG by hand. A chart library would be ten times the
 * page, would have to be carried as text in every binary, and run a script where a picture is enough.
 *
 * @module
 */
import type { BenchResult } from "./result.ts";
import type { Sample } from "./sampler.ts";
import { escapeHtml } from "../../base/html.ts";
import { rateText, timeText } from "../../cli/format.ts";

/** What the page shows. */
export interface HtmlReport {
  readonly result: BenchResult;
  readonly title: string;
  readonly verdict: string;
  /** Latency, in µs, by percentile. */
  readonly curve: readonly { readonly percent: number; readonly value: number }[];
  readonly samples: readonly Sample[];
}

const WIDTH = 760;
const HEIGHT = 300;
/** Room for labels: left, top, right, bottom. */
const [LEFT, TOP, RIGHT, BOTTOM] = [80, 16, 16, 40];

/** The page. */
export function htmlReport({ result, title, verdict, curve, samples }: HtmlReport): string {
  const { latency_us: latency } = result;
  const figures = [
    ["rate", rateText(result.rate_per_s)],
    ...(["p50", "p90", "p99", "p99_9", "max"] as const).map((
      name,
    ) => [name.replace("_", "."), timeText(latency[name])]),
    ["errors", String(result.errors)],
    ["Jain", result.fairness.jain.toFixed(4)],
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>echo-client bench: ${escapeHtml(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem; color-scheme: light dark }
table { border-collapse: collapse } th, td { padding: .2rem 1rem .2rem 0; text-align: left }
svg { width: 100%; height: auto } .axis { stroke: currentColor; opacity: .25 } .line { fill: none; stroke: #2a78d6; stroke-width: 2 }
.sent { stroke: #c8502d } text { fill: currentColor; font-size: 12px } pre { overflow: auto }
</style>
<h1>echo-client bench</h1>
<p>${escapeHtml(title)}<br>${escapeHtml(result.started)}, echo-client ${escapeHtml(result.version)}</p>
<p><strong>${escapeHtml(verdict)}</strong></p>
<table>${
    figures.map(([name, value]) => `<tr><th>${name}</th><td>${escapeHtml(value ?? "")}</td></tr>`).join("")
  }</table>
<h2>Latency by percentile</h2>
${percentileChart(curve)}
<h2>Rate over time</h2>
${rateChart(samples)}
<details><summary>JSON</summary><pre>${escapeHtml(JSON.stringify(result, null, 2))}</pre></details>
</html>
`;
}

/** A point as people read it, and where it is on both axes, 0 to 1. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

function percentileChart(curve: HtmlReport["curve"]): string {
  const last = curve.at(-1);
  if (last === undefined) return "";
  // As many nines as there are: 90 %, 99 %, 99.9 % stand at equal distances.
  const nines = (percent: number): number => -Math.log10(1 - percent / 100);
  const most = nines(curve.at(-2)?.percent ?? 90) || 1;
  const [low, high] = [Math.log10(Math.max(0.1, curve[0]?.value ?? 1)), Math.log10(Math.max(1, last.value))];
  const points = curve.slice(0, -1).map(({ percent, value }) => ({
    x: nines(percent) / most,
    y: (Math.log10(Math.max(0.1, value)) - low) / (high - low || 1),
    label: `${percent.toFixed(4)} %: ${timeText(value)}`,
  }));
  const ticks = [50, 90, 99, 99.9, 99.99, 99.999, 99.9999].filter((percent) => nines(percent) <= most);
  return chart(points, {
    x: ticks.map((percent) => [nines(percent) / most, `${percent} %`]),
    y: [0, 0.25, 0.5, 0.75, 1].map((share) => [share, timeText(10 ** (low + share * (high - low)))]),
  });
}

function rateChart(samples: readonly Sample[]): string {
  const most = Math.max(1, ...samples.map(({ rate }) => rate));
  const [first = 0, last = 1] = [samples[0]?.at, samples.at(-1)?.at];
  const points = samples.map(({ at, rate }) => ({
    x: (at - first) / (last - first || 1),
    y: rate / most,
    label: `${(at / 1000).toFixed(1)} s: ${rateText(rate)}`,
  }));
  return chart(points, {
    x: [0, 0.25, 0.5, 0.75, 1].map((share) => [share, `${((first + share * (last - first)) / 1000).toFixed(1)} s`]),
    y: [0, 0.5, 1].map((share) => [share, rateText(share * most)]),
  });
}

/** Labels of an axis, each with its place, 0 to 1. */
type Ticks = readonly (readonly [number, string])[];

function chart(points: readonly Point[], ticks: { readonly x: Ticks; readonly y: Ticks }): string {
  const across = (x: number): string => (LEFT + x * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const up = (y: number): string => (HEIGHT - BOTTOM - y * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const line = points.map(({ x, y }) => `${across(x)},${up(y)}`).join(" ");
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    ...ticks.y.map(([y, label]) =>
      `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up(y)}" y2="${up(y)}"/>` +
      `<text x="${LEFT - 8}" y="${up(y)}" dy="4" text-anchor="end">${escapeHtml(label)}</text>`
    ),
    ...ticks.x.map(([x, label]) =>
      `<text x="${across(x)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${escapeHtml(label)}</text>`
    ),
    `<polyline class="line" points="${line}"/>`,
    ...points.map(({ x, y, label }) =>
      `<circle cx="${across(x)}" cy="${up(y)}" r="5" fill="transparent"><title>${escapeHtml(label)}</title></circle>`
    ),
    "</svg>",
  ].join("\n");
}
