/**
 * A benchmark's result as Markdown: what a terminal shows, to be pasted into a report or an issue.
 *
 * @module
 */
import type { Outcome } from "./runs.ts";
import { reportRows } from "./report.ts";
import type { Table } from "../../cli/table.ts";
import { outlierLines, pointsTitle, runsTable, sweepTable, trialsTable } from "./table.ts";
import type { Translate } from "./texts.ts";

/** The text. */
export function markdownOf({ points, found, sweep, verdict, goal }: Outcome, t: Translate): string {
  const [first] = points;
  const [run] = first?.runs ?? [];
  if (first === undefined || run === undefined) return "";
  const isCut = points.some((point) => point.runs.some(({ interrupted }) => interrupted));
  const single = first.runs.length === 1 && sweep === undefined;
  const parts = [
    "# echo-client bench",
    escaped(pointsTitle(points, sweep, t)),
    escaped(`${run.started}, echo-client ${run.version}, ${run.client_system}`),
    ...isCut ? [`**${escaped(t("bench.chart.interrupted"))}**`] : [],
    ...single ? [tableText([["", ""], ...reportRows(run, t)])] : [],
    ...sweep === undefined
      ? first.runs.length > 1 ? [tableText(runsTable(first, t))] : []
      : [tableText(sweepTable(sweep, points, t))],
    ...found === undefined ? [] : [tableText(trialsTable(found, goal ?? "", t))],
    ...outlierLines(points, t).map(escaped),
    `**${escaped(verdict)}**`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function tableText([head = [], ...rows]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  return [line(head), line(head.map((_, at) => at === 0 ? "---" : "--:")), ...rows.map(line)].join("\n");
}

/** What has a meaning in Markdown or in a table of it, as it is. */
function escaped(text: string): string {
  return text.replace(/[\\`*_|<>[\]]/g, "\\$&");
}
