/**
 * A benchmark's result as a page of its own.
 *
 * @module
 */
import { escapeHtml } from "../../base/html.ts";
import { figuresIn } from "../../cli/format.ts";
import { detailsJson, pageOf, wholeWordsHtml } from "../../cli/page.ts";
import { CHART_STYLE, LOOKS } from "./chart.ts";
import { jsonOf } from "./json.ts";
import type { Outcome, Point } from "./runs.ts";
import { pictures, type Side, sweepPictures } from "./pictures.ts";
import { noteOf, rateOf, reportRows } from "./report.ts";
import type { BenchResult } from "./result.ts";
import type { Table } from "../../cli/table.ts";
import { outlierLines, pointsTitle, runsTable, sweepTable, trialsTable } from "./table.ts";
import type { Translate } from "./texts.ts";

export async function benchPage(outcome: Outcome, t: Translate): Promise<string> {
  const { points, found, goal = "", sweep, verdict } = outcome;
  const [first] = points;
  const [run] = first?.runs ?? [];
  if (first === undefined || run === undefined) return "";
  const isSingle = first.runs.length === 1 && sweep === undefined;
  const isCut = points.some((point) => point.runs.some(({ interrupted }) => interrupted));
  const body = [
    `<h1>echo-client bench</h1>\n<p class="title">${escapeHtml(pointsTitle(points, sweep, t))}</p>`,
    `<p class="about">${escapeHtml(aboutText(run, t))}</p>`,
    isCut ? `<p class="cut">${escapeHtml(t("bench.chart.interrupted"))}</p>` : "",
    `<p class="verdict">${wholeWordsHtml(verdict)}</p>`,
    ...isSingle ? [cards(run, t), rowsTable(reportRows(run, t))] : [],
    ...found === undefined ? [] : [tableHtml(trialsTable(found, goal, t))],
    ...sweep === undefined
      ? first.runs.length > 1 ? [tableHtml(runsTable(first, t))] : []
      : [tableHtml(sweepTable(sweep, points, t))],
    ...outlierLines(points, t).map((line) => `<p class="far">${escapeHtml(line)}</p>`),
    sweep === undefined ? pictures(sidesOf(first, t), t) : sweepPictures(sweep, points, t),
    ...noteOf(run.settings.mode, t).map((note) => `<p class="note">${wholeWordsHtml(note)}</p>`),
    detailsJson(jsonOf(outcome)),
  ];
  const title = `echo-client bench: ${pointsTitle(points, sweep, t)}`;
  return await pageOf({ language: t.language, title, style: PAGE_STYLE, body: body.filter(Boolean).join("\n") });
}

/** Each run as a side of its own, where they can be told apart. */
function sidesOf({ runs }: Point, t: Translate): Side[] {
  if (runs.length === 1 || runs.length > LOOKS) return [{ name: "", runs }];
  return runs.map((run, at) => ({ name: `${t("bench.table.run")} ${at + 1}`, runs: [run] }));
}

/** When, by what and where it was measured. */
export function aboutText(
  { started, version, client_system: system, client_cores: cores }: BenchResult,
  t: Translate,
): string {
  const time = started.replace(/^(.{10})T(.{8}).*$/, "$1 $2 UTC");
  return t("bench.chart.about", { time, version, system: system ?? "", cores: cores ?? "" });
}

/** A table with a head. What stands in a row without a name belongs to the row above; a column without one has words. */
export function tableHtml([head = [], ...rows]: Table): string {
  const classOf = (at: number): string => at > 0 && head[at] === "" ? ' class="said"' : "";
  // A line may end between values, not within one.
  const htmlOf = (cell: string, at: number): string =>
    escapeHtml(head[at] === "" ? cell : cell.replaceAll(/ (?![–±])/g, "\u00a0"));
  const merged: string[][] = [];
  for (const [name = "", ...cells] of rows) {
    const above = name === "" ? merged.at(-1) : undefined;
    if (above === undefined) merged.push([name, ...cells].map(htmlOf));
    else cells.forEach((cell, at) => above[at + 1] += cell === "" ? "" : `<br><small>${htmlOf(cell, at + 1)}</small>`);
  }
  const headHtml = head.map((cell) => cell === "" ? "<td></td>" : `<th scope="col">${escapeHtml(cell)}</th>`).join("");
  const rowHtml = (row: readonly string[]): string =>
    row.map((html, at) => at === 0 ? `<th scope="row">${html}</th>` : `<td${classOf(at)}>${html}</td>`).join("");
  return `<div class="wide" tabindex="0"><table class="figures"><thead><tr>${headHtml}</tr></thead><tbody>${
    merged.map((row) => `<tr>${rowHtml(row)}</tr>`).join("\n")
  }</tbody></table></div>`;
}

/** What people look at first. */
function cards(
  { settings: { mode }, rate_per_s: rate, latency_us: latency, errors }: BenchResult,
  t: Translate,
): string {
  const f = figuresIn(t.language);
  const shown = [
    [t("compare.figure.rate"), rateOf(rate, mode, t)],
    ...(["p50", "p90", "p99", "p99_9", "max"] as const).map((name) => [name.replace("_", "."), f.time(latency[name])]),
    [t("bench.chart.errors"), f.count(errors)],
  ];
  return `<dl class="cards">${
    shown.map(([name = "", value = ""]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join(
      "",
    )
  }</dl>`;
}

function rowsTable(rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([name, text]) =>
    `<tr><th scope="row">${escapeHtml(name)}</th><td>${wholeWordsHtml(text)}</td></tr>`
  );
  return `<table class="rows">${lines.join("\n")}</table>`;
}

/** What the pages of measurements look like. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1c1f23; --page: #fff; --line: #b6bcc4; --soft: #eef1f4; --hit: #1f6fc418; --bad: #c92a2a; --c0: #1f6fc4; --c1: #a8430a; --c2: #22702f; --c3: #7b3fb5; --c4: #9c2f6d; --c5: #5b6000 }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --page: #16181b; --line: #555c64; --soft: #24292e; --hit: #74b3f530; --bad: #ff8787; --c0: #74b3f5; --c1: #ffa94d; --c2: #7fd18f; --c3: #c9a2f2; --c4: #f29ac4; --c5: #d3d36b } }
* { box-sizing: border-box }
body { background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; margin: 0 }
main { overflow-wrap: anywhere; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem }
h1 { font-size: 1.4rem; margin: 0 0 .5rem } .title { margin: 0; font-size: 1.05rem } .about, .note { margin: .2rem 0; font-size: 13px }
.far { margin: .2rem 0 } .verdict { font-weight: bold; margin: 1rem 0 } .cut { border-left: 4px solid var(--bad); padding-left: .75rem }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.4rem, 1fr)); gap: .5rem; margin: 1rem 0 } .cards div:first-child { grid-column: span 2 } .cards div { background: var(--soft); border-radius: 6px; padding: .5rem .7rem }
dt { font-size: 12px } dd { margin: 0; font-size: 1.05rem; font-weight: 600; font-variant-numeric: tabular-nums }
table { border-collapse: collapse; margin: .5rem 0 } th, td { padding: .25rem .9rem .25rem 0; text-align: left; vertical-align: top } .rows th { white-space: nowrap }
.wide { overflow-x: auto } .figures { overflow-wrap: normal } .figures td, .figures thead th:not(:first-child) { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } .figures thead > tr > * { border-bottom: 1px solid var(--line) } .figures .said { text-align: left } .wide:focus-visible { outline: 2px solid var(--c0) }
summary { cursor: pointer; margin-top: 1.5rem } summary:focus-visible { outline: 2px solid var(--c0) } pre { overflow: auto; font: 12px/1.5 ui-monospace, monospace }
@media (max-width: 34rem) { .cards { grid-template-columns: 1fr 1fr } .rows th, .rows td { display: block; padding: 0 } .rows th { margin-top: .4rem } .figures { font-size: 13px } .figures td { white-space: normal } .figures td, .figures th { padding-right: .5rem } }
@media print { :root { font-size: 13px } body { font-size: 12px } th, td { padding-block: .1rem } details { display: none } main { max-width: none; padding: 0 } .cards { grid-template-columns: 2fr repeat(6, 1fr) } .cards div { border: 1px solid var(--line); padding: .3rem .4rem } .cards div:first-child { grid-column: auto } .cards dd { font-size: .9rem } }
${CHART_STYLE}`;
