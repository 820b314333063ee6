/**
 * Text from a command line, an environment variable or a prompt, turned into values that are right. A bad one is a
 * {@linkcode UsageError} `bad_value` whose `details.reason` names the message that explains it.
 *
 * @module
 */
import { checkUserName, type NameFault, type UserName } from "../auth/names.ts";
import { parseIp } from "../base/address.ts";
import type { Target } from "../net/dial.ts";
import { UsageError } from "../base/errors.ts";
import { lazyPattern } from "../base/pattern.ts";
import { MAX_NAME, MAX_WORKERS } from "../base/limits.ts";
import { type Framing, FRAMING_NAMES, framingFrom } from "../framing/framing.ts";

/** Turns text into a value, or throws a {@linkcode UsageError} `bad_value`. */
export type ValueParser<T> = (text: string) => T;

/** Reasons a value can be refused for; each has its explanation in the catalogues as `reason.NAME`. */
type Reason =
  | "port"
  | "remote_port"
  | "switch"
  | "path"
  | "host"
  | "target"
  | "size"
  | "duration"
  | "duration_too_long"
  | "count"
  | "positive"
  | "workers"
  | "choice"
  | "framing"
  | "host_port"
  | "unix_path"
  | `name_${NameFault}`;

/** A text or a path, as it is. */
export function parseText(text: string): string {
  return text;
}

/** A path that a user names; an empty one is a variable of a script that is not set. */
export function parsePath(text: string): string {
  return text === "" ? refuse("path", text) : text;
}

/** Whether a switch is on; an empty text is one that is not. */
export function parseSwitch(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (["", "0", "false", "no", "off"].includes(word)) return false;
  return ["1", "true", "yes", "on"].includes(word) || refuse("switch", text);
}

/** A port, 0 to 65535; 0 means any free one. */
export function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text.trim()) ? Number(text) : NaN;
  return port <= 65535 ? port : refuse("port", text);
}

/** A port to connect to: nothing can listen on port 0. */
export function parseRemotePort(text: string): number {
  const port = parsePort(text);
  return port > 0 ? port : refuse("remote_port", text);
}

/** A whole number from 0 up. */
export function parseCount(text: string): number {
  return /^[0-9]{1,9}$/.test(text.trim()) ? Number(text) : refuse("count", text);
}

/** A whole number from 1 up. */
export function parsePositive(text: string): number {
  const count = /^[0-9]{1,9}$/.test(text.trim()) ? Number(text) : 0;
  return count > 0 ? count : refuse("positive", text);
}

/** How many workers: a whole number from 1 up, or one for each core. */
export function parseWorkers(text: string): number | "auto" {
  if (text.trim().toLowerCase() === "auto") return "auto";
  const count = /^[0-9]{1,3}$/.test(text.trim()) ? Number(text) : NaN;
  return count >= 1 && count <= MAX_WORKERS ? count : refuse("workers", text);
}

/**
 * A host name, an IP address, or `unix:/path`, as {@linkcode Deno.listen} takes it; IPv6 with or without brackets.
 *
 * @example
 * ```ts
 * import { parseHost } from "./values.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseHost("[::1]"), "::1");
 * assertThrows(() => parseHost("local host"), Error);
 * ```
 */
export function parseHost(text: string): string {
  const host = text.trim().replace(/^\[(.*:.*)\]$/, "$1");
  if (host.startsWith("unix:")) return host.length > 5 ? host : refuse("unix_path", text);
  if (parseIp(host) !== undefined) return host;
  if (/^localhost\.?$/i.test(host)) return "localhost";
  // Not tried before it is needed: making the pattern takes a millisecond.
  const isName = host.length <= 253 && HOST_NAME().test(host) && !/(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i.test(host);
  return isName ? toAscii(host) : refuse("host", text);
}

const HOST_NAME = lazyPattern(String.raw`^[\p{L}\p{N}_]([\p{L}\p{N}_-]*)(\.[\p{L}\p{N}_-]+)*\.?$`, "u");

/** An internationalized name in the spelling that name look-up takes (RFC 5891: `xn--…`). */
function toAscii(host: string): string {
  return /^[ -~]*$/.test(host) ? host : URL.parse(`http://${host}`)?.hostname ?? refuse("host", host);
}

/** `HOST`, `HOST:PORT`, `:PORT`, `[IPv6]:PORT`, an IPv6 address, or `unix:/path`; what is missing comes back undefined. */
export function parseTarget(text: string): { host?: string; port?: number } {
  if (text.startsWith("unix:")) return { host: parseHost(text) };
  if (text.trim() === "") return refuse("target", text);
  if (text.includes("://")) return refuse("host", text);
  const [, bracketed, host, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/.exec(text.trim()) ?? [];
  const name = bracketed ?? host;
  if (name === undefined) return { host: parseHost(text) };
  return {
    ...(host === "" ? {} : { host: parseHost(name) }),
    ...(port === undefined ? {} : { port: parsePort(port) }),
  };
}

/** `HOST:PORT`, both of them; `:PORT` is on this machine. */
export function parseHostPort(text: string): { host: string; port: number } {
  const { host = "127.0.0.1", port } = parseTarget(text);
  return port === undefined ? refuse("host_port", text) : { host, port };
}

/** The target of a connection, from a host (which may be `unix:/path`) and a port. */
export function targetFrom(host: string, port: number): Target {
  return host.startsWith("unix:") ? { transport: "unix", path: host.slice(5) } : { transport: "tcp", host, port };
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  ...{ b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
  // As in dd, curl and systemd.
  ...{ k: 1024, m: 1024 ** 2, g: 1024 ** 3 },
};
const TIME_UNITS: Readonly<Record<string, number>> = {
  ...{ us: 0.001, µs: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  // As in Go and systemd.
  m: 60_000,
};

/**
 * A size in bytes: `64KiB`, `64K`, `1.5 MiB`, `512B`. A bare number is refused: it does not say what it counts.
 *
 * @example
 * ```ts
 * import { parseDuration, parseSize } from "./values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseSize("64KiB"), 65536);
 * assertEquals([parseDuration("1.5s"), parseDuration("1h30min"), parseDuration("500us")], [1500, 5_400_000, 0.5]);
 * ```
 */
export function parseSize(text: string): number {
  const size = Math.round(sumOf(text, SIZE_UNITS));
  return Number.isSafeInteger(size) ? size : refuse("size", text);
}

/** A time in ms, at most a hundred years: `500us`, `250ms`, `10s`, `2min`, `1h30m`, `7d`. A bare number is refused. */
export function parseDuration(text: string): number {
  return durationUpTo("36500d", text);
}

/** A time in ms that a timer waits: `setTimeout` returns at once where it is given more than 2^31 - 1 ms. */
export function parseTimeout(text: string): number {
  return durationUpTo("24d20h31min23.647s", text);
}

function durationUpTo(max: string, text: string): number {
  const ms = sumOf(text, TIME_UNITS);
  if (Number.isNaN(ms)) return refuse("duration", text);
  return ms <= sumOf(max, TIME_UNITS) ? ms : refuse("duration_too_long", text, { max });
}

export function parseChoice<const T extends string>(choices: readonly T[]): ValueParser<T> {
  return (text) =>
    choices.find((choice) => choice === text.trim().toLowerCase()) ?? refuse("choice", text, { choices });
}

/** A user's name, in its one spelling. */
export function parseName(text: string): UserName {
  const checked = checkUserName(text);
  return "name" in checked ? checked.name : refuse(`name_${checked.fault}`, text);
}

/** A framing, by the name `--framing` takes. */
export function parseFraming(text: string): Framing {
  try {
    return framingFrom(text.trim());
  } catch {
    return refuse("framing", text, { choices: FRAMING_NAMES });
  }
}

/** The sum of numbers with units, such as `1h30min`; `NaN` for anything else. */
function sumOf(text: string, units: Readonly<Record<string, number>>): number {
  const rest = text.trim();
  let at = 0;
  let sum = 0;
  for (const [term, number, unit = ""] of rest.matchAll(/([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([a-zA-Zµ]+)\s*/gy)) {
    const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
    sum += Math.round(Number(number) * (factor ?? NaN) * 1000) / 1000;
    at += term.length;
  }
  return at > 0 && at === rest.length ? sum : NaN;
}

function refuse(
  reason: Reason,
  value: string,
  { choices = [], max = MAX_NAME }: { readonly choices?: readonly string[]; readonly max?: number | string } = {},
): never {
  throw new UsageError("bad_value", `Cannot use the value "${value}": it is no ${reason}`, {
    details: { value, reason, choices: choices.join(", "), max },
  });
}
