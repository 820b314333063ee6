/**
 * How wide what is printed may be.
 *
 * @module
 */
import { environment } from "./environment.ts";

/** Where lines are printed. */
type Stream = { isTerminal(): boolean };

/** Longer lines are hard to read. */
const WIDEST = 100;
const NARROWEST = 40;

/** Columns for text: those of the terminal, else of `COLUMNS`, else 80; at most 100. */
export function terminalWidth(to: Stream = Deno.stdout): number {
  return Math.min(Math.max(columnsOf(to) ?? (Number(environment("COLUMNS")) || 80), NARROWEST), WIDEST);
}

function columnsOf(to: Stream): number | undefined {
  try {
    return to.isTerminal() ? Deno.consoleSize().columns || undefined : undefined;
  } catch {
    return undefined;
  }
}

/** Lines that fit the terminal; as they are where there is none, for programs that look for them. */
export function fitted(lines: readonly string[], to: Stream = Deno.stdout): string[] {
  if (!to.isTerminal()) return [...lines];
  const width = terminalWidth(to);
  return lines.flatMap((line) => {
    if (line.length <= width) return [line];
    // What stands beside a name stays beside it.
    const [lead = ""] = /^ *(?:\S+(?: \S+)* {2,})?/.exec(line) ?? [];
    const parts = wrapped(line.slice(lead.length), Math.max(width - lead.length, NARROWEST / 2));
    return parts.map((part, at) => (at === 0 ? lead : " ".repeat(lead.length)) + part);
  });
}

/** Breaks a text between words. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
