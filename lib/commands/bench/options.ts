/**
 * The options of `echo-client bench`, `ping` and `compare`, each command with a table of its own.
 *
 * @module
 */
import { parseThreshold, type Threshold } from "./thresholds.ts";
import { UsageError } from "../../base/errors.ts";
import { durationText, GENERAL_OPTIONS, JSON_OUTPUT } from "../../cli/common_options.ts";
import { flag } from "../../cli/options.ts";
import { parseDuration, parsePositive, parseSize, parseText, parseWorkers } from "../../cli/values.ts";
import { CONNECTION_OPTIONS, LOGIN_OPTIONS } from "../connection/options.ts";

/** Options of `bench`, in the order of the help. */
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
  failIf: { name: "fail-if", placeholder: "FIGURE>LIMIT", repeatable: true, parse: parseBound },
  noFloor: flag("no-floor"),
  hgrm: { name: "hgrm", placeholder: "FILE", parse: parseText },
  html: { name: "html", placeholder: "FILE", parse: parseText },
  json: JSON_OUTPUT,
  ...CONNECTION_OPTIONS,
  ...LOGIN_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

/** Options of `ping`. */
export const PING_OPTIONS = {
  count: { name: "count", short: "c", placeholder: "N", parse: parsePositive },
  interval: { name: "interval", short: "i", placeholder: "TIME", fallback: durationText(1000), parse: parseDuration },
  size: { name: "size", short: "s", placeholder: "SIZE", fallback: "64B", parse: parseSize },
  json: JSON_OUTPUT,
  ...CONNECTION_OPTIONS,
  ...LOGIN_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

/** Options of `compare`. */
export const COMPARE_OPTIONS = { json: JSON_OUTPUT, ...GENERAL_OPTIONS } as const;

/** Frames a second: `5000`, `20k`, `1.5M`, each with or without `/s`. */
function parseRate(text: string): number {
  const [, number, unit = ""] = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*([km]?)\s*(?:\/s)?\s*$/i.exec(text) ?? [];
  const rate = Number(number) * ({ k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1);
  return rate > 0 ? rate : refuse("rate", text);
}

function parseBound(text: string): Threshold {
  return parseThreshold(text) ?? refuse("threshold", text);
}

function refuse(reason: "rate" | "threshold", value: string): never {
  throw new UsageError("bad_value", `Cannot use the value "${value}": it is no ${reason}`, {
    details: { value, reason },
  });
}
