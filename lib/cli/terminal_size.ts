/**
 * How wide what is printed may be.
 *
 * @module
 */
import { lazyPattern } from "../base/pattern.ts";
import { environment } from "./environment.ts";

/** Where lines are printed. */
type Stream = { isTerminal(): boolean };

/** Longer lines are hard to read. */
const WIDEST = 100;
const NARROWEST = 20;

/** What stands beside a name has at least this many columns, or stands below it, indented by {@linkcode INDENT}. */
const BESIDE = 24;
const INDENT = 6;

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
    if (displayWidth(line) <= width) return [line];
    // What stands beside a name stays beside it.
    const [lead = ""] = /^ *(?:\S+(?: \S+)* {2,})?/.exec(line) ?? [];
    return hanging(lead, line.slice(lead.length), width);
  });
}

/** A text beside what it tells of, or below that where there are few columns. */
export function hanging(lead: string, text: string, width: number): string[] {
  if (lead === "" || width - lead.length >= BESIDE) {
    return wrapped(text, width - lead.length).map((part, at) => (at === 0 ? lead : " ".repeat(lead.length)) + part);
  }
  const isNamed = lead.trim() !== "";
  // What belongs to a line above stays further in than that.
  const own = isNamed ? Math.min(Math.max(2, lead.search(/\S/)), INDENT) : 2;
  const indent = " ".repeat(own + INDENT - 2);
  const name = isNamed ? wrapped(lead.trim(), width - indent.length) : [];
  return [
    ...name.map((part, at) => (at === 0 ? " ".repeat(own) : indent) + part),
    ...wrapped(text, width - indent.length).map((part) => indent + part),
  ];
}

/** Breaks a text between words. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(BREAK())) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (displayWidth(line) + 1 + displayWidth(word) <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A space that may end a line: none between a number and its unit or its next digits. */
const BREAK = lazyPattern(
  String.raw` (?<!\d (?=\d{3}|[%×]|(?:µs|ms|s|min|h|[KMGT]?i?B|мкс|мс|с|мин|ч|[КМГТ]?и?Б)(?![\p{L}])))`,
  "u",
);

/** What takes no column of its own. */
const UNSEEN = lazyPattern(String.raw`\x1b\[[\d;]*m|\p{M}`, "gu");

const WIDE = lazyPattern(
  String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|\p{Emoji_Presentation}`,
  "gu",
);

/** Columns a terminal gives to a text: none for marks and escape sequences, two for the wide scripts (Unicode Annex 11). */
export function displayWidth(text: string): number {
  // What is tried for most lines costs little.
  if (/^[\x20-\x7e\u0400-\u04ff]*$/.test(text)) return text.length;
  const shown = text.replace(UNSEEN(), "");
  const wide = shown.match(WIDE());
  return Array.from(shown).length + (wide?.length ?? 0);
}
