/**
 * The options of `echo-client check`.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { CLIENT_OPTIONS } from "../connection/options.ts";
import { durationText } from "../../cli/common_options.ts";
import { firstWord } from "../../cli/options.ts";
import { parseCount, parseDuration, parseFraming } from "../../cli/values.ts";

const { host, port, user, passwordFile, json, config, noInput, debug, lang, help, version } = CLIENT_OPTIONS;

/** A text, as it is. */
const asIs = (text: string): string => text;

/** Table of the command line, in the order of the help text. */
export const CHECK_OPTIONS = {
  host,
  port,
  framing: { name: "framing", placeholder: "F", parse: parseFraming },
  command: { name: "command", placeholder: "CMD", parse: asIs },
  dir: { name: "dir", placeholder: "DIR", parse: asIs },
  pid: { name: "pid", placeholder: "N", parse: parseCount },
  tasks: { name: "tasks", placeholder: "N,N-N", parse: parseTasks },
  user,
  passwordFile,
  timeout: { name: "timeout", placeholder: "TIME", fallback: durationText(60_000), parse: parseDuration },
  json,
  junit: { name: "junit", placeholder: "FILE", parse: asIs },
  ...{ config, noInput, debug, lang, help, version },
} as const;

/** Whether arguments of `echo-client` name this command. A host of that name is written with its port. */
export function isCheck(argv: readonly string[]): boolean {
  return firstWord(argv, [CLIENT_OPTIONS, CHECK_OPTIONS]) === "check";
}

/** `7`, `1,7,8`, `1-4,7`: the numbers of tasks, each once, ascending. */
export function parseTasks(text: string): readonly number[] {
  const parts = text.split(",").map((part) => /^\s*([1-8])(?:\s*-\s*([1-8]))?\s*$/.exec(part));
  const numbers = parts.flatMap((part) => {
    const [, from, to = from] = part ?? [];
    return Array.from({ length: Number(to) - Number(from) + 1 || 0 }, (_, at) => Number(from) + at);
  });
  if (parts.every((part) => part !== null) && numbers.length >= parts.length) {
    return [...new Set(numbers)].sort((a, b) => a - b);
  }
  throw new UsageError("bad_value", `Cannot use the value "${text}": it is no list of tasks`, {
    details: { value: text, reason: "task_list" },
  });
}
