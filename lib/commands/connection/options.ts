/**
 * The options of `echo-client`.
 *
 * @module
 */
import { CLIENT_TIMEOUT, MAX_FRAME } from "../../base/limits.ts";
import { COMMON_OPTIONS, durationText, sizeText } from "../../cli/common_options.ts";
import { flag } from "../../cli/options.ts";
import { parseChoice, parseDuration, parseHost, parseName, parsePort, parseSize } from "../../cli/values.ts";

/** Table of {@linkcode parseCommandLine}, in the order of the help text. */
export const CLIENT_OPTIONS = {
  messages: {
    name: "message",
    short: "m",
    placeholder: "TEXT",
    repeatable: true,
    parse: (text: string): string => text,
  },
  host: { name: "host", placeholder: "HOST", fallback: "127.0.0.1", parse: parseHost },
  port: { name: "port", short: "p", placeholder: "N", fallback: "9090", parse: parsePort },
  udp: flag("udp"),
  framing: COMMON_OPTIONS.framing,
  maxFrame: { name: "max-frame", placeholder: "SIZE", fallback: sizeText(MAX_FRAME), parse: parseSize },
  timeout: { name: "timeout", placeholder: "TIME", fallback: durationText(CLIENT_TIMEOUT), parse: parseDuration },
  tls: flag("tls"),
  ca: { name: "ca", placeholder: "FILE", parse: (text: string): string => text },
  tlsName: { name: "tls-name", placeholder: "NAME", parse: parseHost },
  mode: { name: "mode", placeholder: "M", parse: parseChoice(["echo", "identify", "auth"]) },
  user: { name: "user", short: "u", placeholder: "NAME", parse: parseName },
  passwordFile: { name: "password-file", placeholder: "FILE", parse: (text: string): string => text },
  passwordStdin: flag("password-stdin"),
  register: flag("register"),
  allowInsecure: flag("allow-insecure"),
  noReconnect: flag("no-reconnect"),
  json: flag("json"),
  config: COMMON_OPTIONS.config,
  noInput: COMMON_OPTIONS.noInput,
  verbose: COMMON_OPTIONS.verbose,
  debug: COMMON_OPTIONS.debug,
  lang: COMMON_OPTIONS.lang,
  help: COMMON_OPTIONS.help,
  version: COMMON_OPTIONS.version,
} as const;
