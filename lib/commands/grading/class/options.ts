/**
 * Options of `check` for a whole class, the same in both tools.
 *
 * @module
 */
import { UsageError } from "../../../base/errors.ts";
import { type CommandLine, flag } from "../../../cli/options.ts";
import { parsePath, parsePositive, parseText } from "../../../cli/values.ts";

/** Table of the command line, in the order of the help. */
export const CLASS_OPTIONS = {
  class: { name: "class", placeholder: "DIR", parse: parsePath },
  list: { name: "list", placeholder: "FILE", parse: parsePath },
  servers: { name: "server-files", placeholder: "GLOB", repeatable: true, parse: parseText },
  clients: { name: "client-files", placeholder: "GLOB", repeatable: true, parse: parseText },
  inPlace: flag("in-place"),
  jobs: { name: "jobs", placeholder: "N", parse: parsePositive },
  afresh: flag("afresh"),
  points: { name: "points", placeholder: "FILE", parse: parsePath },
  before: { name: "before", placeholder: "FILE", parse: parsePath },
  html: { name: "html", placeholder: "FILE", parse: parsePath },
  csv: { name: "csv", placeholder: "FILE", parse: parsePath },
  moodle: { name: "moodle", placeholder: "FILE", parse: parsePath },
  markdown: { name: "markdown", placeholder: "FILE", parse: parsePath },
  gradescope: { name: "gradescope", placeholder: "FILE", parse: parsePath },
  classroom: { name: "classroom50", placeholder: "FILE", parse: parsePath },
} as const;

/**
 * Whether a whole class is meant.
 *
 * @throws {UsageError} `bad_value` for an option of a class without one: it would have no effect.
 */
export function isClass({ values, source }: CommandLine<typeof CLASS_OPTIONS>): boolean {
  if (values.class !== undefined || values.list !== undefined) return true;
  for (const key of CLASS_KEYS) {
    if (source(key) !== "argument") continue;
    const option = `--${CLASS_OPTIONS[key].name}`;
    throw new UsageError("bad_value", `Cannot use ${option} without --class`, {
      details: { option, value: "", reason: "needs_class", action: "combine" },
    });
  }
  return false;
}

const CLASS_KEYS = [
  ...["servers", "clients", "inPlace", "jobs", "afresh", "points", "before"] as const,
  ...["csv", "moodle", "markdown", "gradescope", "classroom"] as const,
];
