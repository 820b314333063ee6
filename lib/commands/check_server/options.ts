/**
 * The options of `echo-client check`.
 *
 * @module
 */
import { durationText, FRAMING, GENERAL_OPTIONS, JSON_OUTPUT, QUIET } from "../../cli/common_options.ts";
import { parseCount, parsePath, parseText, parseTimeout } from "../../cli/values.ts";
import { ADDRESS_OPTIONS, LOGIN_OPTIONS } from "../connection/options.ts";
import { CLASS_OPTIONS } from "../grading/class/options.ts";
import { parseTasks } from "../grading/tasks.ts";

const { fallback: _found, ...FRAMING_IF_GIVEN } = FRAMING;

/** Table of the command line, in the order of the help. */
export const CHECK_OPTIONS = {
  ...ADDRESS_OPTIONS,
  framing: FRAMING_IF_GIVEN,
  command: { name: "command", placeholder: "CMD", parse: parseText },
  dir: { name: "dir", placeholder: "DIR", parse: parsePath },
  pid: { name: "pid", placeholder: "N", parse: parseCount },
  answers: { name: "answer", placeholder: "LINE", repeatable: true, parse: parseText },
  register: { name: "register", placeholder: "LINE", repeatable: true, parse: parseText },
  tasks: { name: "tasks", placeholder: "N,N-N", parse: parseTasks },
  user: LOGIN_OPTIONS.user,
  passwordFile: LOGIN_OPTIONS.passwordFile,
  timeout: { name: "timeout", placeholder: "TIME", fallback: durationText(60_000), parse: parseTimeout },
  json: JSON_OUTPUT,
  quiet: QUIET,
  junit: { name: "junit", placeholder: "FILE", parse: parsePath },
  ...CLASS_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;
