/**
 * What faults can be told, and the text that tells it: `latency=100ms±20ms,reset-after=64KiB,share=10%`.
 *
 * @module
 */
import { nearest } from "../../cli/options.ts";
import { parseSize, parseTimeout } from "../../cli/values.ts";
import { UsageError } from "../../base/errors.ts";
import type { Share } from "./random.ts";

/** Of which bytes: those of the client (`up`), or those of the server (`down`). */
export type Way = "up" | "down";

/** A point in a direction: after so many bytes, or so long after the connection came, in ms. */
export type Point = { readonly bytes: number } | { readonly ms: number };

/** How times are spread about a latency. */
export type Distribution = "uniform" | "normal" | "pareto";

/** Times in ms, sizes in bytes. */
export interface FaultSettings {
  readonly latency?: number;
  readonly jitter?: number;
  readonly distribution?: Distribution;
  /** Bytes a second. */
  readonly rate?: number;
  readonly split?: number;
  /** Between the pieces of `split`. */
  readonly gap?: number;
  readonly coalesce?: number;
  /** Infinity: for ever. */
  readonly stall?: number;
  readonly stallAfter?: number;
  readonly closeAfter?: Point;
  readonly resetAfter?: Point;
  readonly truncate?: Share;
  readonly length?: Share;
  readonly flip?: Share;
  readonly drop?: Share;
  readonly duplicate?: Share;
  readonly reorder?: Share;
  readonly refuse?: Share;
  readonly acceptDelay?: number;
}

export interface FaultSpec {
  /** As it was written. */
  readonly text: string;
  readonly ways: readonly Way[];
  readonly settings: FaultSettings;
  /** Of the connections. */
  readonly share: Share | undefined;
  readonly seed: number | undefined;
}

type Parser = (value: string, so: FaultSettings) => FaultSettings;

/** The faults that come whole frames or datagrams, at a share of them. */
export const FRAME_FAULTS = ["truncate", "length", "flip", "drop", "duplicate", "reorder"] as const;

const PARSERS: Readonly<Record<string, Parser>> = {
  latency: (value, so) => {
    const [time = "", jitter] = value.split(/±|\+-|\+\/-/);
    return { ...so, latency: timeOf(time), ...jitter === undefined ? {} : { jitter: timeOf(jitter) } };
  },
  jitter: (value, so) => ({ ...so, jitter: timeOf(value) }),
  distribution: (value, so) => ({ ...so, distribution: distributionOf(value) }),
  rate: (value, so) => ({ ...so, rate: rateOf(value) }),
  split: (value, so) => ({ ...so, split: atLeast(1, size(value), value) }),
  gap: (value, so) => ({ ...so, gap: timeOf(value) }),
  coalesce: (value, so) => ({ ...so, coalesce: timeOf(value) }),
  stall: (value, so) => ({ ...so, stall: value === "" ? Infinity : timeOf(value) }),
  "stall-after": (value, so) => ({ ...so, stallAfter: size(value) }),
  "close-after": (value, so) => ({ ...so, closeAfter: point(value) }),
  "reset-after": (value, so) => ({ ...so, resetAfter: point(value) }),
  refuse: (value, so) => ({ ...so, refuse: shareOf(value) }),
  "accept-delay": (value, so) => ({ ...so, acceptDelay: timeOf(value) }),
  ...Object.fromEntries(FRAME_FAULTS.map((name): [string, Parser] => [
    name,
    (value, so) => ({ ...so, [name]: shareOf(value) }),
  ])),
};

/** Other words that people try. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ delay: "latency", lag: "latency", bandwidth: "rate", throttle: "rate", bw: "rate", dist: "distribution" },
  ...{ slice: "split", chunk: "split", merge: "coalesce", hang: "stall", close: "close-after", fin: "close-after" },
  ...{ "half-close": "close-after", "half-close-after": "close-after", reset: "reset-after", rst: "reset-after" },
  ...{ truncated: "truncate", cut: "truncate", "bad-length": "length", "wrong-length": "length", corrupt: "flip" },
  ...{ "bit-flip": "flip", bitflip: "flip", loss: "drop", lose: "drop", dup: "duplicate", swap: "reorder" },
  ...{ refused: "refuse", accept: "accept-delay", "slow-accept": "accept-delay", delayed: "latency" },
};

/** What a word may say, for who wrote something else. */
const EXAMPLES: Readonly<Record<string, string>> = {
  ...{ latency: "latency=100ms±20ms", jitter: "jitter=20ms", distribution: "uniform, normal, pareto" },
  ...{ rate: "rate=200KiB/s, rate=10Mbit", split: "split=3B", gap: "gap=5ms", coalesce: "coalesce=20ms" },
  ...{ stall: "stall=2s", "stall-after": "stall-after=10KiB", "close-after": "close-after=10KiB, close-after=5s" },
  ...{ "reset-after": "reset-after=10KiB, reset-after=5s", "accept-delay": "accept-delay=1s", seed: "seed=42" },
  ...Object.fromEntries(["share", "refuse", ...FRAME_FAULTS].map((name) => [name, `${name}=5%, ${name}=1/20`])),
};

/** Every word of a fault, without `share` and `seed`. */
const FAULT_WORDS: readonly string[] = Object.keys(PARSERS);

/**
 * Reads a fault: words with values, joined by commas, `up:`, `down:` or `both:` before them. Without that it is for `down`,
 * what the server says.
 *
 * @throws {UsageError} `bad_value`
 *
 * @example
 * ```ts
 * import { parseFault } from "./settings.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseFault("latency=100ms±20ms").settings, { latency: 100, jitter: 20 });
 * const { ways, settings, share } = parseFault("up:reset,after=64K,share=10%");
 * assertEquals([ways, settings, share], [["up"], { resetAfter: { bytes: 65536 } }, { chance: 0.1 }]);
 * assertEquals(parseFault("drop=1/20").settings, { drop: { every: 20 } });
 * assertThrows(() => parseFault("latncy=1ms"), Error, "latency");
 * ```
 */
export function parseFault(text: string): FaultSpec {
  const [, prefix, rest = ""] = /^\s*(?:(up|down|both):)?(.*)$/s.exec(text) ?? [];
  const ways: readonly Way[] = prefix === "both" ? ["up", "down"] : [prefix === "up" ? "up" : "down"];
  let settings: FaultSettings = {};
  let [share, seed]: [Share | undefined, number | undefined] = [undefined, undefined];
  let previous = "";
  for (const part of rest.split(/[,\s]+/).filter(Boolean)) {
    const [, word = "", value = ""] = /^([^=:]*)[=:]?(.*)$/s.exec(part) ?? [];
    const name = nameOf(word.toLowerCase(), previous);
    try {
      if (name === "share") share = shareOf(value);
      else if (name === "seed") seed = seedOf(value);
      // `reset,after=64K`: where it strikes comes next.
      else if (!(value === "" && AFTER.has(name) && /(^|,)\s*(after|for)\s*=/.test(rest))) {
        settings = (PARSERS[name] ?? unknown(word))(value, settings);
      }
    } catch (error) {
      throw error instanceof UsageError && error.details["reason"] === undefined
        ? refuse(part, "fault", EXAMPLES[name] ?? name)
        : error;
    }
    previous = name;
  }
  if (Object.keys(settings).length === 0) throw refuse(text, "fault_none", FAULT_WORDS.join(", "));
  return { text: text.trim(), ways, settings, share, seed };
}

/** A seed: a whole number. */
export function seedOf(text: string): number {
  if (!/^\d{1,15}$/.test(text.trim())) throw refuse(text, "fault", "seed=42");
  return Number(text);
}

const AFTER = new Set(["reset-after", "close-after", "stall"]);

function nameOf(word: string, previous: string): string {
  const name = ALIASES[word] ?? word;
  if (name !== "after" && name !== "for") return name;
  return previous.startsWith("stall") ? name === "for" ? "stall" : "stall-after" : previous;
}

/** `10%`, `0.1`, `1/20` (exactly every 20th), or nothing, which is all. */
function shareOf(text: string): Share {
  if (text === "") return { chance: 1 };
  const [, every] = /^1\/([1-9]\d{0,8})$/.exec(text) ?? [];
  if (every !== undefined) return { every: Number(every) };
  const [, number, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%)?$/.exec(text) ?? [];
  const chance = Number(number) / (percent === undefined ? 1 : 100);
  return chance >= 0 && chance <= 1 ? { chance } : refused(text);
}

/** `200KiB/s`, `1M`; `10Mbit`, `10Mbps`, and `1MB/s`, which are decimal. */
function rateOf(text: string): number {
  const value = text.trim().replace(/\/s(ec)?$|(?<=bit)ps$/i, "");
  const [, number, prefix = "", unit = ""] =
    /^([\d.]+)\s*([kmg]?)(bit|bps|B)$/.exec(value.replace(/^[\d.]+\s*[KMG]/, lower)) ??
      [];
  const decimal = { "": 1, k: 1e3, m: 1e6, g: 1e9 }[prefix] ?? NaN;
  return atLeast(1, number === undefined ? size(value) : Number(number) * decimal / (unit === "B" ? 1 : 8), text);
}

function lower(text: string): string {
  return text.toLowerCase();
}

function distributionOf(text: string): Distribution {
  const names = ["uniform", "normal", "pareto"] as const;
  return names.find((name) => name === text.toLowerCase()) ?? refused(text);
}

function point(text: string): Point {
  try {
    return { bytes: size(text) };
  } catch {
    return { ms: timeOf(text) };
  }
}

/** A bare number is so many bytes: here it can be nothing else. */
function size(text: string): number {
  return /^\d{1,12}$/.test(text) ? Number(text) : parseSize(text);
}

function timeOf(text: string): number {
  return text === "0" ? 0 : parseTimeout(text);
}

function atLeast(least: number, value: number, text: string): number {
  return value >= least ? value : refused(text);
}

function refused(text: string): never {
  throw new UsageError("bad_value", `Cannot use the value "${text}"`);
}

function unknown(word: string): never {
  const guess = nearest(word, [...FAULT_WORDS, "share", "seed", ...Object.keys(ALIASES)]);
  throw guess === undefined
    ? refuse(word, "fault_unknown", FAULT_WORDS.join(", "))
    : refuse(word, "fault_nearest", ALIASES[guess] ?? guess);
}

/** `reason` is said by the text `reason.…`, with `hint` in it. */
function refuse(value: string, reason: string, hint: string): UsageError {
  return new UsageError("bad_value", `Cannot use the value "${value}" (${hint})`, {
    details: { value, reason, hint },
  });
}
