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
import { parseNetwork } from "../../server/access.ts";
import { COMMON_OPTIONS, durationText, sizeText } from "../../cli/common_options.ts";
import { flag, type Option } from "../../cli/options.ts";
import {
  parseChoice,
  parseCount,
  parseDuration,
  parseHost,
  parseHostPort,
  parsePort,
  parseSize,
  parseWorkers,
} from "../../cli/values.ts";

/** A path, as it is. */
const parsePath = (text: string): string => text;

/** A network in CIDR notation, an address, or `@FILE` with a list of them; the file is read when the list is used. */
function parseNetworkSpec(text: string): string {
  if (!text.startsWith("@")) parseNetwork(text);
  return text;
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

/** Table of {@linkcode parseCommandLine}, in the order of the help text. */
export const SERVER_OPTIONS = {
  mode: {
    name: "mode",
    placeholder: "M",
    fallback: "echo",
    parse: parseChoice(["echo", "identify", "auth"]),
  },
  hosts: { name: "host", placeholder: "HOST", repeatable: true, fallback: "127.0.0.1", parse: parseHost },
  port: { name: "port", short: "p", placeholder: "N", fallback: "9090", parse: parsePort },
  strictPort: flag("strict-port"),
  portFile: { name: "port-file", placeholder: "FILE", parse: parsePath },
  udp: flag("udp"),
  workers: { name: "workers", placeholder: "N|auto", fallback: "1", parse: parseWorkers },
  framing: COMMON_OPTIONS.framing,
  maxFrame: { name: "max-frame", placeholder: "SIZE", fallback: sizeText(MAX_FRAME), parse: parseSize },
  maxConnections: count("max-connections", MAX_CONNECTIONS),
  maxUnauthenticated: count("max-unauthenticated", MAX_UNAUTHENTICATED),
  maxPerAddress: count("max-per-address", MAX_PER_ADDRESS),
  dialogueTimeout: time("dialogue-timeout", DIALOGUE_TIMEOUT),
  frameTimeout: time("frame-timeout", FRAME_TIMEOUT),
  idleTimeout: time("idle-timeout", IDLE_TIMEOUT),
  writeTimeout: time("write-timeout", WRITE_TIMEOUT),
  maxPending: { name: "max-pending", placeholder: "SIZE", fallback: sizeText(MAX_PENDING), parse: parseSize },
  allow: { name: "allow", placeholder: "NET|@FILE", repeatable: true, parse: parseNetworkSpec },
  deny: { name: "deny", placeholder: "NET|@FILE", repeatable: true, parse: parseNetworkSpec },
  metrics: { name: "metrics", placeholder: "HOST:PORT", parse: parseHostPort },
  tlsCert: { name: "tls-cert", placeholder: "FILE", parse: parsePath },
  tlsKey: { name: "tls-key", placeholder: "FILE", parse: parsePath },
  data: { name: "data", placeholder: "DIR", fallback: "./data", parse: parsePath },
  log: { name: "log", placeholder: "FILE", parse: parsePath },
  logFormat: { name: "log-format", placeholder: "text|json", fallback: "text", parse: parseChoice(["text", "json"]) },
  logLevel: {
    name: "log-level",
    placeholder: "LEVEL",
    fallback: "info",
    parse: parseChoice(["debug", "info", "warn", "error"]),
  },
  logMaxSize: { name: "log-max-size", placeholder: "SIZE", fallback: sizeText(LOG_MAX_SIZE), parse: parseSize },
  logKeep: count("log-keep", LOG_KEEP),
  allowInsecure: flag("allow-insecure"),
  maxAttempts: count("max-attempts", MAX_ATTEMPTS),
  drainTimeout: time("drain-timeout", DRAIN_TIMEOUT),
  out: { name: "out", placeholder: "DIR", parse: parsePath },
  days: count("days", 365),
  force: flag("force"),
  json: flag("json"),
  config: COMMON_OPTIONS.config,
  noInput: COMMON_OPTIONS.noInput,
  verbose: COMMON_OPTIONS.verbose,
  debug: COMMON_OPTIONS.debug,
  lang: COMMON_OPTIONS.lang,
  help: COMMON_OPTIONS.help,
  version: COMMON_OPTIONS.version,
} as const;
