/**
 * How wide what is printed may be.
 *
 * @module
 */
import { environment } from "./environment.ts";

/** Longer lines are hard to read. */
const WIDEST = 100;
const NARROWEST = 40;

/** Columns for text: those of the terminal, else of `COLUMNS`, else 80; at most 100. */
export function terminalWidth(): number {
  return Math.min(Math.max(columnsOf() ?? (Number(environment("COLUMNS")) || 80), NARROWEST), WIDEST);
}

function columnsOf(): number | undefined {
  try {
    return Deno.stdout.isTerminal() ? Deno.consoleSize().columns || undefined : undefined;
  } catch {
    return undefined;
  }
}
