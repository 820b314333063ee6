/**
 * Options that many commands have, and defaults as a user would type them.
 *
 * @module
 */
import { FRAMING_NAMES } from "../framing/framing.ts";
import { choice, flag } from "./options.ts";
import { parseFraming, parsePath } from "./values.ts";

/** Every command has these. */
export const GENERAL_OPTIONS = {
  config: { name: "config", placeholder: "FILE", parse: parsePath },
  color: { ...choice("color", ["auto", "always", "never"]), fallback: "auto" },
  debug: flag("debug"),
  lang: choice("lang", ["ru", "en"]),
  help: flag("help", "h"),
  version: flag("version", "V"),
} as const;

/** Of commands that say on request what they do. */
export const VERBOSE = flag("verbose", "v");
/** Of commands that say more than their result. */
export const QUIET = flag("quiet", "q");
/** Of commands that ask where a person is there to answer. */
export const NO_INPUT = flag("no-input");
/** Of commands whose result is for programs, too. */
export const JSON_OUTPUT = flag("json");

/** The folder of log and database, of the server and of the commands that administer it. */
export const DATA = { name: "data", placeholder: "DIR", fallback: "./data", parse: parsePath } as const;

/** What completions offer for a framing with a parameter. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "dec:W": ["dec:4", "dec:10"],
  "hex:W": ["hex:8"],
  "until:BYTES": ["until:0x00"],
};

/** How messages are told apart. */
export const FRAMING = {
  name: "framing",
  placeholder: "F",
  fallback: "u32",
  choices: FRAMING_NAMES.flatMap((name) => EXAMPLES[name] ?? [name]),
  parse: parseFraming,
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
