/**
 * The options of `users`, `hosts`, `sessions` and `cert`.
 *
 * @module
 */
import { DATA, GENERAL_OPTIONS, JSON_OUTPUT, NO_INPUT } from "../../cli/common_options.ts";
import { flag } from "../../cli/options.ts";
import { parseCount, parseDuration, parseHost, parsePath } from "../../cli/values.ts";
import { parseStoreUrl } from "../../store/location.ts";

/** The words of a command that works on the database. */
export type AdminActionName =
  | `users ${"add" | "list" | "passwd" | "disable" | "enable" | "remove" | "import" | "export" | "invite"}`
  | `hosts ${"list" | "rename" | "forget"}`
  | `sessions ${"list" | "revoke"}`;

/** The words of a command that works on the database as a whole. */
export type StoreActionName = `store ${"init" | "status" | "migrate" | "copy"}`;

/** Options of the commands that work on the database. */
export const STORE_OPTIONS = {
  data: DATA,
  store: { name: "store", placeholder: "URL", parse: parseStoreUrl },
  json: JSON_OUTPUT,
  ...GENERAL_OPTIONS,
} as const;
/** … of those that change what cannot be brought back, and ask a person first. */
export const REMOVAL_OPTIONS = {
  yes: flag("yes", "y"),
  dryRun: flag("dry-run"),
  noInput: NO_INPUT,
  ...STORE_OPTIONS,
} as const;
/** … of `users invite`. */
export const INVITE_OPTIONS = {
  count: { name: "count", placeholder: "N", fallback: "1", parse: parseCount },
  valid: { name: "valid", placeholder: "TIME", fallback: "7d", parse: parseDuration },
  revoke: flag("revoke"),
  ...REMOVAL_OPTIONS,
} as const;
/** … of `users import`. */
export const IMPORT_OPTIONS = { dryRun: REMOVAL_OPTIONS.dryRun, ...STORE_OPTIONS } as const;
/** … and of those that ask for a password. */
export const PASSWORD_OPTIONS = { noInput: NO_INPUT, ...STORE_OPTIONS } as const;

export const CERT_OPTIONS = {
  hosts: { name: "host", placeholder: "HOST", repeatable: true, parse: parseHost },
  out: { name: "out", placeholder: "DIR", parse: parsePath },
  days: { name: "days", placeholder: "N", fallback: "365", parse: parseCount },
  force: flag("force"),
  ...{ data: DATA, json: JSON_OUTPUT },
  ...GENERAL_OPTIONS,
} as const;
