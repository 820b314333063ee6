/**
 * The lines a user has typed, kept from one conversation to the next.
 *
 * @module
 */
import { replaceFile } from "../../base/files.ts";
import { readText } from "../../base/text_file.ts";
import { HISTORY_LINES } from "../../base/limits.ts";

/** The lines in the file, newest first; none when it cannot be read. */
export function readHistory(path: string): string[] {
  try {
    return readText(path).split("\n").filter((line) => line !== "").reverse().slice(0, HISTORY_LINES);
  } catch {
    return [];
  }
}

/** Writes the lines (newest first) to the file, mode 0600, in one step. A failure costs the history, nothing else. */
export function writeHistory(path: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  try {
    const text = lines.slice(0, HISTORY_LINES).toReversed().map((line) => `${line}\n`).join("");
    replaceFile(path, text, { mode: 0o600, folderMode: 0o700 });
  } catch {
    // No history next time; the conversation itself went well.
  }
}
