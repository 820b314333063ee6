/**
 * The options of `echo-client` itself, and of `login`, `whoami` and `logout`.
 *
 * @module
 */
import { GENERAL_OPTIONS, JSON_OUTPUT, NO_INPUT, QUIET, VERBOSE } from "../../cli/common_options.ts";
import { choice, flag } from "../../cli/options.ts";
import { parseText } from "../../cli/values.ts";
import { CONNECTION_OPTIONS, LOGIN_OPTIONS } from "../connection/options.ts";

/** Options that tell what to print. */
export const OUTPUT_OPTIONS = {
  output: choice("output", ["text", "raw", "hex", "json"]),
  json: JSON_OUTPUT,
  verbose: VERBOSE,
  quiet: QUIET,
} as const;

const REGISTRATION = {
  register: flag("register"),
  invite: { name: "invite", placeholder: "CODE", parse: parseText },
} as const;

export const CONVERSE_OPTIONS = {
  messages: { name: "message", short: "m", placeholder: "TEXT", repeatable: true, parse: parseText },
  hex: flag("hex"),
  udp: flag("udp"),
  noReconnect: flag("no-reconnect"),
  noInput: NO_INPUT,
  ...CONNECTION_OPTIONS,
  ...LOGIN_OPTIONS,
  ...REGISTRATION,
  ...OUTPUT_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;

/** Options of `login`. */
export const LOG_IN_OPTIONS = {
  noInput: NO_INPUT,
  ...CONNECTION_OPTIONS,
  ...LOGIN_OPTIONS,
  ...REGISTRATION,
  json: JSON_OUTPUT,
  ...GENERAL_OPTIONS,
} as const;

/** Options of `whoami` and `logout`, for which a kept session is enough. */
export const SESSION_OPTIONS = {
  ...CONNECTION_OPTIONS,
  user: LOGIN_OPTIONS.user,
  allowInsecure: LOGIN_OPTIONS.allowInsecure,
  json: JSON_OUTPUT,
  ...GENERAL_OPTIONS,
} as const;
