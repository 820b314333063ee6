/**
 * Two sets of results as a page of its own: all runs in one picture.
 *
 * @module
 */
import { escapeHtml } from "../../base/html.ts";
import { pageOf, wholeWordsHtml } from "../../cli/page.ts";
import {
  type Comparison,
  comparisonTable,
  comparisonText,
  differingLines,
  limitText,
  significanceText,
  titleOf,
} from "./compare_text.ts";
import { aboutText, PAGE_STYLE, tableHtml } from "./html.ts";
import { pictures } from "./pictures.ts";
import { titleOf as settingsText } from "./report.ts";
import type { Translate } from "./texts.ts";

export async function comparisonPage(comparison: Comparison, t: Translate): Promise<string> {
  const { a, b, ofA, ofB, limits } = comparison;
  const about = [[`A ${a}`, ofA], [`B ${b}`, ofB]] as const;
  const [shortA, shortB] = [shortened(a), shortened(b)];
  const body = [
    `<h1>echo-client compare</h1>\n<p class="title">${
      escapeHtml(titleOf({ ...comparison, a: shortA, b: shortB }, t))
    }</p>`,
    ...about.flatMap(([name, [first]]) =>
      first === undefined
        ? []
        : [`<p class="about">${escapeHtml(`${name}: ${settingsText(first.settings, t)}. ${aboutText(first, t)}`)}</p>`]
    ),
    ...differingLines(comparison, t).map((line) => `<p class="cut">${escapeHtml(line)}</p>`),
    `<p class="verdict">${escapeHtml(comparisonText(comparison, t))}</p>`,
    ...limits.map((limit) => `<p${limit.fails ? ' class="cut"' : ""}>${escapeHtml(limitText(limit, t).trim())}</p>`),
    tableHtml(comparisonTable(comparison, t)),
    `<p class="note">${wholeWordsHtml(significanceText(comparison, t))}</p>`,
    pictures([{ name: `A ${shortA}`, runs: ofA }, { name: `B ${shortB}`, runs: ofB }], t),
  ].join("\n");
  return await pageOf({ language: t.language, title: `echo-client compare: ${a}, ${b}`, style: PAGE_STYLE, body });
}

/** Characters of a name in a legend. */
const MOST_NAME = 28;

/** A file's name without its folders, and without its middle where it is long: names of runs differ at their ends. */
function shortened(path: string): string {
  const name = [...path.replace(/^.*[/\\](?=.)/s, "")];
  if (name.length <= MOST_NAME) return name.join("");
  const half = (MOST_NAME - 1) / 2;
  return `${name.slice(0, Math.floor(half)).join("")}…${name.slice(-Math.ceil(half)).join("")}`;
}
