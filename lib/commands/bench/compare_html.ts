/**
 * Two sets of results as a page of its own: all runs in one picture.
 *
 * @module
 */
import { escapeHtml } from "../../base/html.ts";
import { pageOf } from "../../cli/page.ts";
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

/** The page. */
export async function comparisonPage(comparison: Comparison, t: Translate): Promise<string> {
  const { a, b, ofA, ofB, limits } = comparison;
  const about = [["A", ofA], ["B", ofB]] as const;
  const body = [
    `<h1>echo-client compare</h1>\n<p class="title">${escapeHtml(titleOf(comparison, t))}</p>`,
    ...about.flatMap(([name, [first]]) =>
      first === undefined
        ? []
        : [`<p class="about">${escapeHtml(`${name}: ${settingsText(first.settings, t)}. ${aboutText(first, t)}`)}</p>`]
    ),
    ...differingLines(comparison, t).map((line) => `<p class="cut">${escapeHtml(line)}</p>`),
    `<p class="verdict">${escapeHtml(comparisonText(comparison, t))}</p>`,
    ...limits.map((limit) => `<p${limit.fails ? ' class="cut"' : ""}>${escapeHtml(limitText(limit, t).trim())}</p>`),
    tableHtml(comparisonTable(comparison, t)),
    `<p class="note">${escapeHtml(significanceText(comparison, t))}</p>`,
    pictures([{ name: `A ${a}`, runs: ofA }, { name: `B ${b}`, runs: ofB }], t),
    `<p class="note">${escapeHtml(t("bench.chart.note"))}</p>`,
  ].join("\n");
  return await pageOf({ language: t.language, title: `echo-client compare: ${a}, ${b}`, style: PAGE_STYLE, body });
}
