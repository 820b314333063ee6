/**
 * The options of `echo-server`.
 *
 * @module
 */
import {
  DIALOGUE_TIMEOUT,
  DRAIN_TIMEOUT,
  FRAME_TIMEOUT,
  IDLE_TIMEOUT,
  LOG_KEEP,
  LOG_MAX_SIZE,
  MAX_ATTEMPTS,
  MAX_CONNECTIONS,
  MAX_FRAME,
  MAX_PENDING,
  MAX_PER_ADDRESS,
  MAX_UNAUTHENTICATED,
  WRITE_TIMEOUT,
} from "../../base/limits.ts";
import { DATA, GENERAL_OPTIONS, JSON_OUTPUT, NO_INPUT, QUIET, VERBOSE } from "../../cli/common_options.ts";
import { durationText, FRAMING, sizeText } from "../../cli/common_options.ts";
import { choice, flag, type Option } from "../../cli/options.ts";
import { parseCount, parseDuration, parseHost, parseHostPort, parseTimeout } from "../../cli/values.ts";
import { parsePath, parsePort, parseSize, parseWorkers } from "../../cli/values.ts";
import { parseNetwork } from "../../server/access.ts";
import { parseStoreUrl } from "../../store/location.ts";

import { FAULT_OPTIONS } from "../faults/options.ts";

/** A network in CIDR notation, an address, or `@FILE` with a list of them; the file is read when the list is used. */
function parseNetworkSpec(text: string): string {
  if (!text.startsWith("@")) parseNetwork(text);
  return text;
}

/** A network, or an address. */
function parseProxyNetwork(text: string): string {
  parseNetwork(text);
  return text;
}

/** Most frames that the page shows: memory and drawing are bounded by it. */
const MOST_PAGE_FRAMES = 500;

function parsePageFrames(text: string): number {
  return Math.min(parseCount(text), MOST_PAGE_FRAMES);
}

interface WithDefault extends Option<number> {
  readonly placeholder: string;
  readonly fallback: string;
}

function count(name: string, fallback: number): WithDefault {
  return { name, placeholder: "N", fallback: String(fallback), parse: parseCount };
}

function time(name: string, fallback: number): WithDefault {
  return { name, placeholder: "TIME", fallback: durationText(fallback), parse: parseDuration };
}

function size(name: string, fallback: number): WithDefault {
  return { name, placeholder: "SIZE", fallback: sizeText(fallback), parse: parseSize };
}

/** Where clients are taken, and how. */
export const LISTENING_OPTIONS = {
  hosts: { name: "host", placeholder: "HOST", repeatable: true, fallback: "127.0.0.1", parse: parseHost },
  port: { name: "port", short: "p", placeholder: "N", fallback: "9090", parse: parsePort },
  strictPort: flag("strict-port"),
  portFile: { name: "port-file", placeholder: "FILE", parse: parsePath },
  udp: flag("udp"),
  engine: { ...choice("engine", ["deno", "io_uring", "auto"]), fallback: "deno" },
  workers: { name: "workers", placeholder: "N|auto", fallback: "1", parse: parseWorkers },
} as const;

/** What one client may take. */
export const LIMIT_OPTIONS = {
  maxFrame: size("max-frame", MAX_FRAME),
  maxConnections: count("max-connections", MAX_CONNECTIONS),
  maxUnauthenticated: count("max-unauthenticated", MAX_UNAUTHENTICATED),
  maxPerAddress: count("max-per-address", MAX_PER_ADDRESS),
  maxAttempts: count("max-attempts", MAX_ATTEMPTS),
  dialogueTimeout: time("dialogue-timeout", DIALOGUE_TIMEOUT),
  frameTimeout: time("frame-timeout", FRAME_TIMEOUT),
  idleTimeout: time("idle-timeout", IDLE_TIMEOUT),
  writeTimeout: time("write-timeout", WRITE_TIMEOUT),
  maxPending: size("max-pending", MAX_PENDING),
  drainTimeout: { ...time("drain-timeout", DRAIN_TIMEOUT), parse: parseTimeout },
} as const;

/** Who is let in, and how that is kept secret. */
export const ACCESS_OPTIONS = {
  allow: { name: "allow", placeholder: "NET|@FILE", repeatable: true, parse: parseNetworkSpec },
  deny: { name: "deny", placeholder: "NET|@FILE", repeatable: true, parse: parseNetworkSpec },
  proxies: { name: "proxy-protocol", placeholder: "NET", repeatable: true, parse: parseProxyNetwork },
  proxyTls: flag("proxy-tls"),
  tlsCert: { name: "tls-cert", placeholder: "FILE", parse: parsePath },
  tlsKey: { name: "tls-key", placeholder: "FILE", parse: parsePath },
  allowInsecure: flag("allow-insecure"),
  registration: { ...choice("registration", ["open", "invite", "closed"]), fallback: "open" },
} as const;

/** What the server keeps and tells. */
export const FILE_OPTIONS = {
  data: DATA,
  store: { name: "store", placeholder: "URL", parse: parseStoreUrl },
  log: { name: "log", placeholder: "FILE", parse: parsePath },
  logFormat: { ...choice("log-format", ["text", "json"]), fallback: "text" },
  logLevel: { ...choice("log-level", ["debug", "info", "warn", "error"]), placeholder: "LEVEL", fallback: "info" },
  logMaxSize: size("log-max-size", LOG_MAX_SIZE),
  logKeep: count("log-keep", LOG_KEEP),
  metrics: { name: "metrics", placeholder: "HOST:PORT", parse: parseHostPort },
  page: { name: "page", placeholder: "HOST:PORT", parse: parseHostPort },
  pageFrames: { name: "page-frames", placeholder: "N", fallback: "0", parse: parsePageFrames },
  pageTokenFile: { name: "page-token-file", placeholder: "FILE", parse: parsePath },
} as const;

/** What goes wrong on purpose. */
export const SERVER_FAULT_OPTIONS = { ...FAULT_OPTIONS, allowFaults: flag("allow-faults") } as const;

/** Options of the server, in the order of the help. */
export const SERVER_OPTIONS = {
  mode: { ...choice("mode", ["echo", "identify", "auth"]), fallback: "echo" },
  framing: FRAMING,
  noInput: NO_INPUT,
  json: JSON_OUTPUT,
  verbose: VERBOSE,
  quiet: QUIET,
  checkConfig: flag("check-config"),
  ...LISTENING_OPTIONS,
  ...LIMIT_OPTIONS,
  ...ACCESS_OPTIONS,
  ...FILE_OPTIONS,
  ...SERVER_FAULT_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;
