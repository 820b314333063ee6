/**
 * Options both tools have, and defaults as a user would type them.
 *
 * @module
 */
import { flag } from "./options.ts";
import { parseChoice, parseFraming } from "./values.ts";

/** Entries that both tables share. */
export const COMMON_OPTIONS = {
  framing: { name: "framing", placeholder: "F", fallback: "u32", parse: parseFraming },
  config: { name: "config", placeholder: "FILE", parse: (text: string): string => text },
  noInput: flag("no-input"),
  verbose: flag("verbose", "v"),
  debug: flag("debug"),
  lang: { name: "lang", placeholder: "ru|en", parse: parseChoice(["ru", "en"]) },
  help: flag("help", "h"),
  version: flag("version", "V"),
} as const;

/** A number of bytes in the largest unit that holds it without a fraction. */
export function sizeText(bytes: number): string {
  return inUnits(bytes, [["GiB", 1024 ** 3], ["MiB", 1024 ** 2], ["KiB", 1024], ["B", 1]]);
}

/** A number of ms in the largest unit that holds it without a fraction. */
export function durationText(ms: number): string {
  return inUnits(ms, [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000], ["ms", 1]]);
}

function inUnits(value: number, units: readonly (readonly [string, number])[]): string {
  const [unit, factor] = units.find(([, factor]) => value >= factor && value % factor === 0) ?? ["", 1];
  return `${value / factor}${unit}`;
}
