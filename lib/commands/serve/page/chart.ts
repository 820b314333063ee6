/**
 * A chart of the last two minutes: lines that are stretched to the width there is, beside letters that are not. It is drawn
 * by the server, so that the page needs no library and can be read without a script.
 *
 * @module
 */
import { escapeHtml } from "../../../base/html.ts";
import { SECONDS } from "./model.ts";

interface LiveChart {
  readonly title: string;
  /** Said to those who do not see it. */
  readonly summary: string;
  /** A value a second up to now; `null` for none. The first line is the heavier one. */
  readonly lines: readonly (readonly (number | null)[])[];
  /** Names of the lines; none where there is one. */
  readonly names: readonly string[];
  readonly text: (value: number) => string;
  /** By powers of ten. */
  readonly isLog?: boolean;
  readonly below: readonly [string, string];
}

/** Height of the drawing, in its own units; its width is one a second. */
const HEIGHT = 100;

/** The chart as HTML. */
export function liveChart({ title, summary, lines, names, text, isLog, below }: LiveChart): string {
  const values = lines.flat().filter((value) => value !== null && value > 0) as number[];
  const marks = isLog ? decades(values) : thirds(values);
  const [least = 0, most = 1] = [marks[0], marks.at(-1)];
  const place = (value: number): number =>
    isLog ? Math.log(Math.max(value, least) / least) / Math.log(most / least) : value / most;
  const keys = names.map((name, at) => `<span class="key key${at}">${escapeHtml(name)}</span>`).join("");
  return `<h2>${escapeHtml(title)}</h2>
<div class="chart" role="img" aria-label="${escapeHtml(summary)}">
<div class="ticks">${marks.toReversed().map((mark) => `<span>${escapeHtml(text(mark))}</span>`).join("")}</div>
<svg viewBox="0 0 ${SECONDS - 1} ${HEIGHT}" preserveAspectRatio="none">${
    marks.map((_, at) => `<path class="rule" d="M0 ${y(at / (marks.length - 1))}H${SECONDS - 1}"/>`).join("")
  }${lines.map((line, at) => `<path class="line line${at}" d="${drawn(line, place)}"/>`).join("")}</svg>
<div class="below"><span>${escapeHtml(below[0])}</span><span>${escapeHtml(below[1])}</span></div>
</div>
<p class="keys">${keys}</p>`;
}

/** The line, ending on the right; interrupted where there is no value. */
function drawn(line: readonly (number | null)[], place: (value: number) => number): string {
  const from = SECONDS - line.length;
  let isDown = false;
  return line.map((value, at) => {
    if (value === null) {
      isDown = false;
      return "";
    }
    const step = `${isDown ? "L" : "M"}${from + at} ${y(place(value))}`;
    // A second alone is a dot: a line of no length with round ends.
    const dot = !isDown && (line[at + 1] ?? null) === null ? "h0" : "";
    isDown = true;
    return step + dot;
  }).join("");
}

function y(share: number): number {
  return Number((HEIGHT * (1 - Math.min(1, Math.max(0, share)))).toFixed(1));
}

/** 0, half and a round number at or above all values. */
function thirds(values: readonly number[]): number[] {
  const most = Math.max(2, ...values);
  const power = 10 ** Math.floor(Math.log10(most));
  const top = ([1, 2, 4, 5, 6, 8].find((factor) => factor * power >= most) ?? 10) * power;
  return [0, top / 2, top];
}

/** Powers of ten around all values. */
function decades(values: readonly number[]): number[] {
  const [least, most] = values.length === 0 ? [10, 100] : [Math.min(...values), Math.max(...values)];
  const from = Math.floor(Math.log10(least));
  const to = Math.max(from + 1, Math.ceil(Math.log10(most)));
  return Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at));
}
