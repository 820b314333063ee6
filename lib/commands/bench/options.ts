/**
 * The options of `echo-client bench`, `ping` and `compare`, each command with a table of its own.
 *
 * @module
 */
import { parseThreshold, type Threshold } from "./thresholds.ts";
import { UsageError } from "../../base/errors.ts";
import { CLIENT_OPTIONS } from "../connection/options.ts";
import { durationText } from "../../cli/common_options.ts";
import { firstWord, flag } from "../../cli/options.ts";
import { parseCount, parseDuration, parseSize, parseWorkers } from "../../cli/values.ts";

/** Commands of the client that measure. */
export const MEASURE_COMMANDS = ["bench", "ping", "compare"] as const;
/** One of {@linkcode MEASURE_COMMANDS}. */
export type MeasureCommand = typeof MEASURE_COMMANDS[number];

/** What a client that measures is told of the connection; it neither converses nor asks. */
const {
  messages: _messages,
  register: _register,
  noReconnect: _noReconnect,
  noInput: _noInput,
  ...CONNECTION_OPTIONS
} = CLIENT_OPTIONS;

/** Options of `bench`, in the order of the help text. */
export const BENCH_OPTIONS = {
  connections: { name: "connections", short: "c", placeholder: "N", fallback: "1", parse: parsePositive },
  window: { name: "window", short: "w", placeholder: "N", fallback: "1", parse: parsePositive },
  size: { name: "size", short: "s", placeholder: "SIZE", fallback: "64B", parse: parseSize },
  duration: { name: "duration", short: "d", placeholder: "TIME", fallback: "10s", parse: parseDuration },
  warmup: { name: "warmup", placeholder: "TIME", fallback: "1s", parse: parseDuration },
  threads: { name: "threads", placeholder: "N|auto", fallback: "1", parse: parseWorkers },
  rate: { name: "rate", short: "r", placeholder: "N", parse: parseRate },
  connect: flag("connect"),
  login: flag("login"),
  failIf: { name: "fail-if", placeholder: "FIGURE>BOUND", repeatable: true, parse: parseBound },
  noFloor: flag("no-floor"),
  hgrm: { name: "hgrm", placeholder: "FILE", parse: (text: string): string => text },
  html: { name: "html", placeholder: "FILE", parse: (text: string): string => text },
  ...CONNECTION_OPTIONS,
} as const;

/** Options of `ping`. */
export const PING_OPTIONS = {
  count: { name: "count", short: "c", placeholder: "N", parse: parsePositive },
  interval: { name: "interval", short: "i", placeholder: "TIME", fallback: durationText(1000), parse: parseDuration },
  size: { name: "size", short: "s", placeholder: "SIZE", fallback: "64B", parse: parseSize },
  ...CONNECTION_OPTIONS,
} as const;

const { json, config, verbose, debug, lang, help, version } = CLIENT_OPTIONS;

/** Options of `compare`. */
export const COMPARE_OPTIONS = { json, config, verbose, debug, lang, help, version } as const;

/** The command of these that arguments name, if they name one. A host of that name is written with its port. */
export function measureCommand(argv: readonly string[]): MeasureCommand | undefined {
  const word = firstWord(argv, [CLIENT_OPTIONS, BENCH_OPTIONS, PING_OPTIONS]);
  return MEASURE_COMMANDS.find((name) => name === word);
}

/** A whole number from 1 up. */
function parsePositive(text: string): number {
  const count = parseCount(text);
  return count > 0 ? count : refuse("positive", text);
}

/** Frames a second: `5000`, `20k`, `1.5M`, each with or without `/s`. */
function parseRate(text: string): number {
  const [, number, unit = ""] = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*([km]?)\s*(?:\/s)?\s*$/i.exec(text) ?? [];
  const rate = Number(number) * ({ k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1);
  return rate > 0 ? rate : refuse("rate", text);
}

function parseBound(text: string): Threshold {
  return parseThreshold(text) ?? refuse("threshold", text);
}

function refuse(reason: "positive" | "rate" | "threshold", value: string): never {
  throw new UsageError("bad_value", `Cannot use the value "${value}": it is no ${reason}`, {
    details: { value, reason },
  });
}
