/**
 * Tables of values separated by commas (RFC 4180).
 *
 * @module
 */
import { csvField } from "../../../cli/format.ts";

/**
 * Rows by the names in the first line, in small letters. A semicolon separates as well, where the first line has one and no
 * comma: that is how spreadsheets write in much of Europe.
 *
 * @example
 * ```ts
 * import { parseCsv } from "./csv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseCsv('Folder,server\na,"python3 ""my server.py"""\n'), [
 *   { folder: "a", server: 'python3 "my server.py"' },
 * ]);
 * ```
 */
export function parseCsv(text: string): Record<string, string>[] {
  const [first = ""] = text.split("\n", 1);
  const comma = first.includes(";") && !first.includes(",") ? ";" : ",";
  const rows: string[][] = [[]];
  const field = new RegExp(`(?:"((?:[^"]|"")*)"|([^${comma}\\r\\n"]*))(${comma}|\\r?\\n|$)`, "g");
  for (const [whole, quoted, plain = "", end] of text.replace(/^\ufeff/, "").matchAll(field)) {
    if (whole === "") break;
    rows.at(-1)?.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    if (end !== comma) rows.push([]);
  }
  const [names = [], ...lines] = rows.filter((row) => row.some((value) => value !== ""));
  return lines.map((row) => Object.fromEntries(names.map((name, at) => [name.trim().toLowerCase(), row[at] ?? ""])));
}

/**
 * A table with its first line. What a spreadsheet would take for a formula is kept a text, also where the spreadsheet
 * separates by semicolons or tabs, and knows no quotes within what it takes for a cell.
 */
export function csvOf(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  return csvField(value.replaceAll(/(?<=^|[;\t\r\n])(?=[=+\-@])|^(?=[\t\r])/g, "'"));
}
