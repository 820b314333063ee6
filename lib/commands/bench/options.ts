/**
 * The options of `echo-client bench`, `ping` and `compare`, each command with a table of its own.
 *
 * @module
 */
import { type ChangeLimit, parseChangeLimit } from "./change.ts";
import { isLatency, parseThreshold, type Threshold } from "./thresholds.ts";
import { UsageError } from "../../base/errors.ts";
import { durationText, GENERAL_OPTIONS, JSON_OUTPUT, QUIET } from "../../cli/common_options.ts";
import { choice, flag } from "../../cli/options.ts";
import { parsePath, parsePositive, parseSize, parseTimeout, parseWorkers } from "../../cli/values.ts";
import { CONNECTION_OPTIONS, LOGIN_OPTIONS } from "../connection/options.ts";

/** Options that a sweep can go through. */
const SWEEPABLE = {
  connections: { name: "connections", short: "c", placeholder: "N", fallback: "1", parse: parsePositive },
  window: { name: "window", short: "w", placeholder: "N", fallback: "1", parse: parsePositive },
  size: { name: "size", short: "s", placeholder: "SIZE", fallback: "64B", parse: parsePayloadSize },
  threads: { name: "threads", placeholder: "N|auto", fallback: "1", parse: parseWorkers },
  rate: { name: "rate", short: "r", placeholder: "N|A..B", parse: parseRates },
} as const;

/** Two rates, a second. */
export interface RateRange {
  readonly from: number;
  readonly to: number;
}

/** One option that takes a value after the other: as it was written, and what it is. */
interface Sweep {
  readonly name: keyof typeof SWEEPABLE;
  readonly points: readonly { readonly text: string; readonly value: number | "auto" | RateRange }[];
}

/** Options of `bench`, in the order of the help. */
export const BENCH_OPTIONS = {
  ...SWEEPABLE,
  duration: { name: "duration", short: "d", placeholder: "TIME", fallback: "10s", parse: parseTimeout },
  count: { name: "count", short: "n", placeholder: "COUNT", parse: parsePositive },
  warmup: { name: "warmup", placeholder: "TIME", fallback: "1s", parse: parseTimeout },
  payload: { name: "payload", placeholder: "text|random|zeros|@FILE", fallback: "text", parse: parsePayload },
  runs: { name: "runs", placeholder: "N", fallback: "1", parse: parsePositive },
  sweep: { name: "sweep", placeholder: "NAME=A,B,C", parse: parseSweep },
  find: { name: "find", placeholder: "FIGURE<LIMIT", parse: parseGoal },
  udp: flag("udp"),
  connect: flag("connect"),
  login: flag("login"),
  oneWay: flag("one-way"),
  reverse: flag("reverse"),
  failIf: { name: "fail-if", placeholder: "FIGURE>LIMIT", repeatable: true, parse: parseBound },
  noFloor: flag("no-floor"),
  engine: { ...choice("engine", ["deno", "io_uring"]), fallback: "deno" },
  interval: { name: "interval", short: "i", placeholder: "TIME", parse: parseInterval },
  hgrm: { name: "hgrm", placeholder: "FILE", parse: parsePath },
  html: { name: "html", placeholder: "FILE", parse: parsePath },
  csv: { name: "csv", placeholder: "FILE", parse: parsePath },
  markdown: { name: "markdown", placeholder: "FILE", parse: parsePath },
  prometheus: { name: "prometheus", placeholder: "FILE", parse: parsePath },
  jsonLines: { name: "jsonl", placeholder: "FILE", parse: parsePath },
  json: JSON_OUTPUT,
  quiet: QUIET,
  ...CONNECTION_OPTIONS,
  ...LOGIN_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

export const PING_OPTIONS = {
  count: { name: "count", short: "c", placeholder: "N", parse: parsePositive },
  interval: { name: "interval", short: "i", placeholder: "TIME", fallback: durationText(1000), parse: parseTimeout },
  size: { name: "size", short: "s", placeholder: "SIZE", fallback: "64B", parse: parsePayloadSize },
  udp: flag("udp"),
  json: JSON_OUTPUT,
  quiet: QUIET,
  ...CONNECTION_OPTIONS,
  ...LOGIN_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

export const COMPARE_OPTIONS = {
  failIf: { name: "fail-if", placeholder: "FIGURE>+N%", repeatable: true, parse: parseChange },
  allowInterrupted: flag("allow-interrupted"),
  html: { name: "html", placeholder: "FILE", parse: parsePath },
  json: JSON_OUTPUT,
  ...GENERAL_OPTIONS,
} as const;

/** Frames a second: `5000`, `20k`, `1.5M`, each with or without `/s`. */
function parseRate(text: string): number {
  const [, number, unit = ""] = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*([km]?)\s*(?:\/s)?\s*$/i.exec(text) ?? [];
  const rate = Number(number) * ({ k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1);
  return rate > 0 ? rate : refuse("rate", text);
}

/** A rate, or one that changes evenly to another: `100..1000`. */
function parseRates(text: string): number | RateRange {
  const [from = "", to, ...more] = text.split("..");
  if (to === undefined) return parseRate(text);
  return more.length > 0 ? refuse("rate", text) : { from: parseRate(from), to: parseRate(to) };
}

function parseBound(text: string): Threshold {
  return parseThreshold(text) ?? refuse("threshold", text);
}

/** A latency that has to stay below something. */
function parseGoal(text: string): Threshold {
  const goal = parseThreshold(text);
  return goal === undefined || goal.isAbove || !isLatency(goal.figure) ? refuse("goal", text) : goal;
}

function parseChange(text: string): ChangeLimit {
  return parseChangeLimit(text) ?? refuse("change", text);
}

/** Largest payload that is measured, in bytes: 256 MiB, as what is sent and compared stays in memory. */
const MAX_PAYLOAD = 256 * 1024 * 1024;

function parsePayloadSize(text: string): number {
  const size = parseSize(text);
  return size <= MAX_PAYLOAD ? size : refuse("size_too_large", text);
}

/** At least ten milliseconds: a timer is not more exact. */
function parseInterval(text: string): number {
  const interval = parseTimeout(text);
  return interval >= 10 ? interval : refuse("interval", text);
}

/** A kind, or `@` and the path of a file. */
function parsePayload(text: string): "text" | "random" | "zeros" | `@${string}` {
  if (text === "text" || text === "random" || text === "zeros") return text;
  return text.length > 1 && text.startsWith("@") ? `@${text.slice(1)}` : refuse("payload", text);
}

function parseSweep(text: string): Sweep {
  const [, name = "", list = ""] = /^([a-z]+)=(.+)$/.exec(text.trim()) ?? [];
  if (!isSweepable(name)) return refuse("sweep", text);
  const points = list.split(",").map((value) => ({ text: value.trim(), value: SWEEPABLE[name].parse(value.trim()) }));
  return { name, points };
}

function isSweepable(name: string): name is keyof typeof SWEEPABLE {
  return Object.hasOwn(SWEEPABLE, name);
}

function refuse(
  reason: "size_too_large" | "rate" | "threshold" | "goal" | "change" | "interval" | "payload" | "sweep",
  value: string,
): never {
  throw new UsageError("bad_value", `Cannot use the value "${value}": it is no ${reason}`, {
    details: { value, reason },
  });
}
