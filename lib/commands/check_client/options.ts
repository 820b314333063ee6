/**
 * The options of `echo-server check`.
 *
 * @module
 */
import { durationText, FRAMING, GENERAL_OPTIONS, JSON_OUTPUT, QUIET } from "../../cli/common_options.ts";
import { flag } from "../../cli/options.ts";
import { parseHost, parsePath, parsePort, parseText, parseTimeout } from "../../cli/values.ts";
import { CLASS_OPTIONS } from "../grading/class/options.ts";
import { parseTasks } from "../grading/tasks.ts";

const { fallback: _found, ...FRAMING_IF_GIVEN } = FRAMING;

/** Table of the command line, in the order of the help. */
export const CLIENT_CHECK_OPTIONS = {
  host: { name: "host", placeholder: "HOST", fallback: "127.0.0.1", parse: parseHost },
  port: { name: "port", short: "p", placeholder: "N", fallback: "9090", parse: parsePort },
  strictPort: flag("strict-port"),
  framing: FRAMING_IF_GIVEN,
  timeout: { name: "timeout", placeholder: "TIME", fallback: durationText(600_000), parse: parseTimeout },
  wait: { name: "wait", placeholder: "TIME", parse: parseTimeout },
  tasks: { name: "tasks", placeholder: "N,N-N", parse: parseTasks },
  answers: { name: "answer", placeholder: "LINE", repeatable: true, parse: parseText },
  exitWords: { name: "exit-word", placeholder: "LINE", repeatable: true, parse: parseText },
  greeting: { name: "greeting", placeholder: "TEXT", parse: parseText },
  json: JSON_OUTPUT,
  quiet: QUIET,
  junit: { name: "junit", placeholder: "FILE", parse: parsePath },
  ...CLASS_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;
