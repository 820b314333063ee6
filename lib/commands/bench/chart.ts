/**
 * A chart of columns, as SVG and HTML. Lines are stretched to the width there is, letters are not, so that it reads the same on
 * a telephone. Each column is a radio button that shows its values: by pointer, by touch, and by the arrow keys, without a
 * script. A chart library would be ten times the page, and would need one.
 *
 * @module
 */
import { escapeHtml } from "../../base/html.ts";
import { roundText } from "../../cli/format.ts";
import type { Axis } from "./ticks.ts";

/** A line; or some, the runs of one side, of which the middle one is drawn, and where all of them are. */
export interface Series {
  readonly name: string;
  /** From 0 up to, without, {@linkcode LOOKS}: its colour, and how its line is drawn. */
  readonly look: number | "floor";
  /** A value for each column; `null` for none, which is a gap in the line, and `undefined` for one that nobody looked for. */
  readonly lines: readonly (readonly Value[])[];
}

/** See {@linkcode Series.lines}. */
export type Value = number | null | undefined;

/** Labels below the chart, each with its place, 0 to 1. */
export type Labels = readonly (readonly [place: number, text: string])[];

export interface ChartSpec {
  /** Different for each chart of a page. */
  readonly id: string;
  readonly title: string;
  /** What each column is. */
  readonly columns: readonly string[];
  readonly series: readonly Series[];
  readonly axis: Axis;
  /** A value as text, with its unit; and on the axis, where the title may name the unit. */
  readonly text: (value: number) => string;
  readonly tick?: (value: number) => string;
  readonly below: Labels;
  /** Bars instead of lines. */
  readonly isBars?: boolean;
  /** The first part of the chart, 0 to 1, that is told apart, and what it is. */
  readonly apart?: readonly [share: number, name: string];
  readonly level?: readonly [value: number, name: string];
  /** Something bad in a column, as text; and what all of it is, where that is one thing. */
  readonly marks?: ReadonlyMap<number, string>;
  readonly marked?: string;
  /** Said of several lines of one colour: `{median} ({least} – {most})`. */
  readonly several: (median: string, least: string, most: string) => string;
  /** What the area around a line of several is. */
  readonly band?: string;
}

/** Series that can be told apart. */
export const LOOKS = 6;

/** Units of a drawing, in both directions. */
const FULL = 1000;

/** The width of a chart on a telephone or a printed page, that of a letter below it, and between labels, in CSS pixels. */
const [NARROW, LETTER, APART] = [250, 7, 6];

/** The chart; nothing where there is nothing to show. */
export function chart(spec: ChartSpec): string {
  const { id, title, series, apart, level, marks, marked, band } = spec;
  if (spec.columns.length === 0) return "";
  const names = series.length > 1 || (series[0]?.name ?? "") !== "" ? series : [];
  const keys = [
    ...names.map(({ name, look }) => key(look, name)),
    ...level === undefined ? [] : [key("level", level[1])],
    ...marked === undefined || marks?.size === 0 ? [] : [key("bad", marked)],
    ...apart === undefined ? [] : [`<span class="key"><span class="apart"></span>${escapeHtml(apart[1])}</span>`],
    ...band !== undefined && series.some(isSeveral) ? [`<span class="key">${escapeHtml(band)}</span>`] : [],
  ];
  return `<figure aria-labelledby="${id}">
<figcaption id="${id}"><b>${escapeHtml(title)}</b>${keys.join("")}</figcaption>
<div class="plot">
<svg class="grid" aria-hidden="true">${grid(spec)}</svg>
<svg class="lines" viewBox="0 0 ${FULL} ${FULL}" preserveAspectRatio="none" aria-hidden="true">${drawing(spec)}</svg>
<div class="hits" role="radiogroup" aria-labelledby="${id}">${hits(spec)}</div>
</div>
</figure>`;
}

function key(look: number | string, name: string): string {
  return `<span class="key"><svg viewBox="0 0 24 8" aria-hidden="true"><path class="${
    look === "bad" ? "bad" : `line s${look}`
  }" d="M0 4H24"/></svg>${escapeHtml(name)}</span>`;
}

function grid({ axis, text, tick = text, below, apart }: ChartSpec): string {
  const shade = apart === undefined ? "" : `<rect class="apart" width="${percent(apart[0])}" height="100%"/>`;
  const levels = axis.ticks.map((value) => {
    const y = percent(1 - axis.place(value));
    return `<line x2="100%" y1="${y}" y2="${y}"/><text x="-8" y="${y}" dy="4" text-anchor="end">${
      escapeHtml(roundText(tick(value)))
    }</text>`;
  });
  // From the last one on, which is the most telling: what would run into the label to its right needs a wide page.
  let free = Infinity;
  const labels = below.toReversed().map(([place, label]) => {
    const [middle, half] = [place * NARROW, label.length * LETTER / 2];
    const hasRoom = middle + half + APART <= free;
    if (hasRoom) free = middle - half;
    return `<text${hasRoom ? "" : ' class="many"'} x="${percent(place)}" y="100%" dy="18" text-anchor="middle">${
      escapeHtml(label)
    }</text>`;
  });
  return [shade, ...levels, ...labels.toReversed()].join("");
}

function isSeveral({ lines }: Series): boolean {
  return lines.length > 1;
}

/** The values of a column, sorted. */
function valuesAt(lines: Series["lines"], column: number): number[] {
  return lines.flatMap((line) => line[column] ?? []).toSorted((a, b) => a - b);
}

/** The middle of sorted values. */
function middleOf(sorted: readonly number[]): number | undefined {
  return sorted[sorted.length >> 1];
}

function drawing({ columns, series, axis, isBars, level, marks }: ChartSpec): string {
  const across = (column: number): number => (column + 0.5) / columns.length * FULL;
  const down = (value: number): number => (1 - Math.max(0, Math.min(1, axis.place(value)))) * FULL;
  const width = FULL / columns.length;
  const drawn = series.flatMap((one) => {
    const { look, lines } = one;
    const area = isSeveral(one) ? band(one, { columns, across, down }) : "";
    const shown = isSeveral(one)
      ? [
        columns.map((_, at) =>
          middleOf(valuesAt(lines, at)) ?? (lines.some((line) => line[at] === null) ? null : undefined)
        ),
      ]
      : lines;
    return [
      area,
      ...shown.map((line) => {
        const places = line.flatMap((value, column) =>
          value === undefined ? [] : [value === null ? null : [across(column), down(value)] as const]
        );
        const known = places.filter((place) => place !== null);
        if (isBars) {
          const bars = known.map(([x, y]) =>
            `M${short(x - width * 0.45)} ${FULL}V${short(y)}h${short(width * 0.9)}V${FULL}`
          );
          return `<path class="bar s${look}" d="${bars.join("")}"/>`;
        }
        // A value between two gaps is a dot.
        const path = places.map((place, at) =>
          place === null
            ? ""
            : `${(places[at - 1] ?? null) === null ? "M" : "L"}${short(place[0])} ${short(place[1])}${
              (places[at - 1] ?? places[at + 1] ?? null) === null ? "h0.1" : ""
            }`
        ).join("");
        const kind = known.length === 1 ? " dot" : "";
        return known.length === 0 ? "" : `<path class="line s${look}${kind}" d="${path}"/>`;
      }),
    ];
  });
  const across100 = level === undefined ? "" : `<path class="line slevel" d="M0 ${short(down(level[0]))}H${FULL}"/>`;
  const bad = [...marks?.keys() ?? []].map((column) => `M${short(across(column))} 0V${FULL}`).join("");
  return [...drawn, across100, bad === "" ? "" : `<path class="bad" d="${bad}"/>`].join("");
}

/** From the least to the most of several lines. */
function band(
  { look, lines }: Series,
  { columns, across, down }: Pick<ChartSpec, "columns"> & Readonly<Record<"across" | "down", (at: number) => number>>,
): string {
  const parts: (readonly [x: number, most: number, least: number])[][] = [[]];
  for (const at of columns.keys()) {
    const found = valuesAt(lines, at);
    const [least, most] = [found[0], found.at(-1)];
    if (least !== undefined && most !== undefined) parts.at(-1)?.push([across(at), down(most), down(least)]);
    else if (lines.some((line) => line[at] === null)) parts.push([]);
  }
  const path = parts.filter((part) => part.length > 0).map((part) =>
    `M${
      [...part.map(([x, most]) => [x, most]), ...part.toReversed().map(([x, , least]) => [x, least])]
        .map((place) => place.map((value = 0) => short(value)).join(" ")).join("L")
    }Z`
  );
  return `<path class="band s${look}" d="${path.join("")}"/>`;
}

function hits(spec: ChartSpec): string {
  return spec.columns.map((column, at) => {
    const values = spec.series.map(({ name, lines }) => {
      const found = valuesAt(lines, at);
      return found.length === 0 ? "" : `${name === "" ? "" : `${name} `}${valuesText(found, spec)}`;
    });
    const words = [column, ...values.filter(Boolean), spec.marks?.get(at) ?? ""].filter(Boolean).join(" · ");
    const said = escapeHtml(words);
    return `<label><input type="radio" name="${spec.id}" aria-label="${said}"><span aria-hidden="true">${said}</span></label>`;
  }).join("");
}

function valuesText(sorted: readonly number[], { text, several }: ChartSpec): string {
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)];
  const middle = middleOf(sorted) ?? 0;
  return sorted.length === 1 ? text(middle) : several(text(middle), text(least), text(most));
}

function percent(share: number): string {
  return `${short(share * 100)}%`;
}

function short(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** What charts look like; the colours have a contrast of 4.5 : 1 and more on the page, light and dark. */
export const CHART_STYLE = `
figure { margin: 0; padding-top: 1.8rem; break-inside: avoid }
figcaption { margin-bottom: 2.3rem; line-height: 1.6 } figcaption b { margin-right: .5rem }
.key { overflow-wrap: anywhere; margin-right: .9rem; display: inline-block } .key svg { width: 24px; height: 8px; margin-right: .35rem; vertical-align: middle }
span.apart { display: inline-block; width: 1rem; height: .8rem; margin-right: .35rem; background: var(--soft); border: 1px solid var(--line); vertical-align: middle }
.plot { position: relative; height: 15rem; margin: 0 .6rem 2rem 5.2rem }
.plot > svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible } .plot > .lines { overflow: hidden }
.grid line { stroke: var(--line); stroke-width: 1; opacity: .6 } .grid text { fill: var(--ink); font-size: 12px } rect.apart { fill: var(--soft) }
.line { fill: none; stroke-width: 2.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round }
.bad { fill: none; stroke: var(--bad); stroke-width: 2; stroke-dasharray: 2 4; vector-effect: non-scaling-stroke }
.s0 { stroke: var(--c0) } .s1 { stroke: var(--c1); stroke-dasharray: 7 4 } .s2 { stroke: var(--c2); stroke-dasharray: 1.5 4 }
.s3 { stroke: var(--c3); stroke-dasharray: 14 4 } .s4 { stroke: var(--c4); stroke-dasharray: 9 4 1.5 4 } .s5 { stroke: var(--c5); stroke-dasharray: 4 5 } .sfloor { stroke: var(--ink); stroke-dasharray: 1.5 4 }
.dot { stroke-width: 8; stroke-dasharray: none } .slevel { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 4 4 }
.bar, .band { stroke: none } .band { opacity: .2 } .bar.s0, .band.s0 { fill: var(--c0) } .band.s1 { fill: var(--c1) }
.hits { position: absolute; inset: 0; display: flex } .hits label { flex: 1; cursor: crosshair; position: static }
.hits input { position: absolute; opacity: 0; width: 1px; height: 1px; margin: 0 }
.hits span { display: none; position: absolute; right: 0; bottom: calc(100% + .55rem); left: -4.2rem; text-align: right; font-size: 13px; line-height: 1.3; background: var(--page); pointer-events: none }
.hits label:hover, .hits:not(:hover) label:has(:checked) { box-shadow: inset 1px 0 var(--ink); background: var(--hit) }
.hits label:hover span, .hits:not(:hover) input:checked + span { display: block }
.hits:focus-within { outline: 2px solid var(--c0); outline-offset: 3px }
@media (max-width: 34rem) { .plot { margin-left: 4.6rem; height: 12rem } .many { display: none } }
@media print { .hits, .many, .touch { display: none } .charts { display: grid; grid-template-columns: 1fr 1fr; column-gap: 1.5rem; align-items: end } figure { padding-top: .8rem } .plot { margin-left: 4.6rem; height: 7.5rem } figcaption { margin-bottom: .5rem } }
`;
