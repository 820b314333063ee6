/**
 * Options of `check` for a whole class, the same in both tools.
 *
 * @module
 */
import { flag } from "../../../cli/options.ts";
import { parsePositive, parseText } from "../../../cli/values.ts";

/** Table of the command line, in the order of the help. */
export const CLASS_OPTIONS = {
  class: { name: "class", placeholder: "DIR", parse: parseText },
  list: { name: "list", placeholder: "FILE", parse: parseText },
  servers: { name: "server-files", placeholder: "GLOB", repeatable: true, parse: parseText },
  clients: { name: "client-files", placeholder: "GLOB", repeatable: true, parse: parseText },
  inPlace: flag("in-place"),
  jobs: { name: "jobs", placeholder: "N", parse: parsePositive },
  afresh: flag("afresh"),
  points: { name: "points", placeholder: "FILE", parse: parseText },
  before: { name: "before", placeholder: "FILE", parse: parseText },
  html: { name: "html", placeholder: "FILE", parse: parseText },
  csv: { name: "csv", placeholder: "FILE", parse: parseText },
  moodle: { name: "moodle", placeholder: "FILE", parse: parseText },
  markdown: { name: "markdown", placeholder: "FILE", parse: parseText },
  gradescope: { name: "gradescope", placeholder: "FILE", parse: parseText },
  classroom: { name: "classroom50", placeholder: "FILE", parse: parseText },
} as const;
