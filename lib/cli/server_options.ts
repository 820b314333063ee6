/**
 * The options of `echo-server`.
 *
 * @module
 */
import { DRAIN_TIMEOUT, LOG_KEEP, LOG_MAX_SIZE, MAX_ATTEMPTS, MAX_FRAME } from "../limits.ts";
import { COMMON_OPTIONS, durationText, sizeText } from "./common_options.ts";
import { flag } from "./options.ts";
import { parseChoice, parseCount, parseDuration, parseHost, parsePort, parseSize } from "./values.ts";

/** A path, as it is. */
const parsePath = (text: string): string => text;

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
  framing: COMMON_OPTIONS.framing,
  maxFrame: { name: "max-frame", placeholder: "SIZE", fallback: sizeText(MAX_FRAME), parse: parseSize },
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
  logKeep: { name: "log-keep", placeholder: "N", fallback: String(LOG_KEEP), parse: parseCount },
  allowInsecure: flag("allow-insecure"),
  maxAttempts: { name: "max-attempts", placeholder: "N", fallback: String(MAX_ATTEMPTS), parse: parseCount },
  drainTimeout: {
    name: "drain-timeout",
    placeholder: "TIME",
    fallback: durationText(DRAIN_TIMEOUT),
    parse: parseDuration,
  },
  json: flag("json"),
  noInput: COMMON_OPTIONS.noInput,
  verbose: COMMON_OPTIONS.verbose,
  debug: COMMON_OPTIONS.debug,
  lang: COMMON_OPTIONS.lang,
  help: COMMON_OPTIONS.help,
  version: COMMON_OPTIONS.version,
} as const;
