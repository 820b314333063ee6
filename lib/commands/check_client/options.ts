/**
 * The options of `echo-server check`.
 *
 * @module
 */
import { parseTasks } from "../check_server/options.ts";
import { COMMON_OPTIONS, durationText } from "../../cli/common_options.ts";
import { SERVER_OPTIONS } from "../serve/options.ts";
import { parseDuration, parseFraming, parseHost } from "../../cli/values.ts";

const { port, strictPort, json, config, debug, lang, help, version } = SERVER_OPTIONS;

/** A text, as it is. */
const asIs = (text: string): string => text;

/** Table of the command line, in the order of the help text. */
export const SERVER_CHECK_OPTIONS = {
  host: { name: "host", placeholder: "HOST", fallback: "127.0.0.1", parse: parseHost },
  port,
  strictPort,
  framing: { name: COMMON_OPTIONS.framing.name, placeholder: "F", parse: parseFraming },
  timeout: { name: "timeout", placeholder: "TIME", fallback: durationText(600_000), parse: parseDuration },
  wait: { name: "wait", placeholder: "TIME", parse: parseDuration },
  tasks: { name: "tasks", placeholder: "N,N-N", parse: parseTasks },
  answers: { name: "answer", placeholder: "LINE", repeatable: true, parse: asIs },
  exitWords: { name: "exit-word", placeholder: "LINE", repeatable: true, parse: asIs },
  greeting: { name: "greeting", placeholder: "TEXT", parse: asIs },
  json,
  junit: { name: "junit", placeholder: "FILE", parse: asIs },
  ...{ config, debug, lang, help, version },
} as const;
