/**
 * The histogram that a terminal shows.
 *
 * @module
 */
import type { Figures } from "../../cli/format.ts";
import type { Bar } from "./latencies.ts";

/**
 * A histogram of unicode blocks, one line a bar, the longest of them `width` columns.
 *
 * @example
 * ```ts
 * import { drawBars } from "./bars.ts";
 * import { figuresIn } from "../../cli/format.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lines = drawBars([{ from: 10, to: 20, count: 3 }, { from: 20, to: 40, count: 1 }], 4, figuresIn("en"));
 * assertEquals(lines, ["10.0 µs – 20.0 µs  ████    75 %", "20.0 µs – 40.0 µs  █▎      25 %"]);
 * ```
 */
export function drawBars(bars: readonly Bar[], width: number, f: Figures): string[] {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  const total = bars.reduce((sum, bar) => sum + bar.count, 0);
  const rows = bars.map(({ from, to, count }) => [f.time(from), f.time(to), count] as const);
  const [left, right] = [0, 1].map((column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows.map(([from, to, count]) => {
    const range = `${from.padStart(left ?? 0)} – ${to.padStart(right ?? 0)}`;
    return `${range}  ${block(count / most * width).padEnd(width)}  ${f.percent(count / total).padStart(6)}`;
  });
}

/** Eighths of a full block. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

function block(length: number): string {
  const eighths = Math.floor(length * 8);
  // Something that is there is seen.
  return length > 0 && eighths === 0 ? "▏" : "█".repeat(eighths >> 3) + EIGHTHS[eighths & 7];
}
