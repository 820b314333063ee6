/**
 * Tables for people.
 *
 * @module
 */
import { displayWidth, terminalWidth } from "./terminal_size.ts";

/** Rows of cells; the first one is the head. */
export type Table = readonly (readonly string[])[];

/** How a table stands. */
interface TableStyle {
  /** Where cells stand, but for those of the first column, which are to the left. */
  readonly align?: "left" | "right";
  /** Columns before each line. */
  readonly indent?: number;
  /** Columns that the lines may have; without it as many as the terminal has, if there is one. */
  readonly width?: number;
}

/**
 * Rows as lines, each column as wide as its widest cell. What is wider than the terminal becomes one line for each cell.
 *
 * @example
 * ```ts
 * import { tableLines } from "./table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const table = [["NAME", "CREATED"], ["Анна", "2026-11-22"]];
 * assertEquals(tableLines(table), ["NAME  CREATED", "Анна  2026-11-22"]);
 * assertEquals(tableLines(table, { width: 14 }), ["Анна", "  CREATED  2026-11-22"]);
 * ```
 */
export function tableLines(
  table: Table,
  { align = "left", indent = 0, width = ownWidth() }: TableStyle = {},
): string[] {
  const [head = [], ...rows] = table;
  const widths = head.map((_, column) => Math.max(...table.map((row) => displayWidth(row[column] ?? ""))));
  const space = " ".repeat(indent);
  const lines = table.map((row) => {
    const cells = row.map((cell, at) => {
      const rest = " ".repeat((widths[at] ?? 0) - displayWidth(cell));
      return align === "left" || at === 0 ? cell + rest : rest + cell;
    });
    return (space + cells.join("  ")).trimEnd();
  });
  if (lines.every((line) => displayWidth(line) <= width)) return lines;
  const column = Math.max(...head.slice(1).map(displayWidth));
  return rows.flatMap(([first = "", ...cells]) => [
    ...first === "" ? [] : [space + first],
    ...cells.flatMap((cell, at) => cell === "" ? [] : [`${space}  ${(head[at + 1] ?? "").padEnd(column)}  ${cell}`]),
  ]);
}

function ownWidth(): number {
  return Deno.stdout.isTerminal() ? terminalWidth() : Infinity;
}
