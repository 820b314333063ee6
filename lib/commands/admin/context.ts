/**
 * What every administration command is given, and how it tells what it did.
 *
 * @module
 */
import { escapeJson } from "../../base/text.ts";
import { ConfigError, type Details, UsageError } from "../../base/errors.ts";
import type { UserStore } from "../../store/store.ts";
import type { CommonKey } from "../../cli/texts.ts";
import type { AdminKey, Translate } from "./texts.ts";
import { tableLines } from "../../cli/table.ts";
import { canAsk, print, printError, printText } from "../../cli/output.ts";

/** What is wanted: so many codes, good for so long in ms; or the end of all that there are. */
export interface InviteChoice {
  readonly count: number;
  readonly valid: number;
  readonly revoke: boolean;
}

/** What a command works on and with. */
export interface Admin {
  /** Opened by the first use: what is refused before leaves no new database behind. */
  readonly store: () => Promise<UserStore>;
  /** There is no database yet. */
  readonly isNew: boolean;
  /** Where the data is, for messages. */
  readonly data: string;
  /** Results as JSON. */
  readonly json: boolean;
  /** Nothing is asked. */
  readonly noInput: boolean;
  /** Nobody is asked before something is removed (`--yes`). */
  readonly yes: boolean;
  /** Nothing is changed, only told (`--dry-run`). */
  readonly dryRun: boolean;
  readonly t: Translate;
  /** What `users invite` is to do. */
  readonly invite: InviteChoice;
}

/** A command: its operands are as many as its table entry says. */
export type AdminAction = (admin: Admin, operands: readonly string[]) => Promise<void>;

/** A value of a JSON result. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A line on standard output that confirms what was done: text, or an object whose `event` names it. */
export function confirm(
  { json, t }: Admin,
  key: CommonKey | AdminKey,
  { values, result }: {
    readonly values: Details;
    readonly result: { readonly event: string; readonly [key: string]: Json };
  },
): void {
  if (json) print(toJson(result));
  else printText(t(key, values));
}

/**
 * Whether to go on and remove something: a person is asked, `--dry-run` tells what would be done, and where nobody can
 * be asked, only `--yes` removes.
 *
 * @param what What would be removed: `user Anna`.
 * @throws {UsageError} `needs_yes`
 * @throws {InputEnded} when the question is left by Ctrl-C or Ctrl-D.
 */
export async function mayRemove({ t, yes, dryRun, noInput, json }: Admin, what: string): Promise<boolean> {
  if (dryRun) {
    print(json ? toJson({ event: "dry_run", would_remove: what }) : t("admin.would_remove", { what }));
    return false;
  }
  if (yes) return true;
  if (!canAsk(noInput)) {
    throw new UsageError("needs_yes", `Cannot ask whether to remove ${what}: no terminal`, { details: { what } });
  }
  const { Terminal } = await import("../../cli/terminal.ts");
  using terminal = new Terminal();
  const answer = await terminal.answer(t("admin.ask_remove", { what }));
  if (/^(?:y|yes|д|да)$/i.test(answer.trim())) return true;
  printError(t("admin.kept"));
  return false;
}

/** A list: one JSON array, or columns under a heading. An empty one says so on standard error. */
interface Listing<Row> {
  readonly rows: readonly Row[];
  readonly toJson: (row: Row) => Json;
  readonly heading: readonly (CommonKey | AdminKey)[];
  /** The cells under the heading, free of control characters. */
  readonly toCells: (row: Row) => readonly string[];
}

export function printList<Row>({ json, t, data }: Admin, { rows, heading, ...listing }: Listing<Row>): void {
  if (json) return void print(toJson(rows.map(listing.toJson)));
  if (rows.length === 0) return printError(t("admin.none", { data }));
  tableLines([heading.map((key) => t(key)), ...rows.map(listing.toCells)]).forEach(print);
}

/** One line of JSON, safe to look at. */
export function toJson(value: Json): string {
  return escapeJson(JSON.stringify(value));
}

/** A time for people: `2026-11-22T15:07:34Z`. */
export function timestampText(ms: number): string {
  return timeIso(ms).replace(/\.\d+Z$/, "Z");
}

/** A time for programs, to the millisecond. */
export function timeIso(ms: number): string {
  return new Date(ms).toISOString();
}

/** There is no database in the folder, which is perhaps not the one that was meant. */
export function noDatabase(data: string): ConfigError {
  return new ConfigError("bad_store", `Cannot use ${data}: there is no database in it`, {
    details: { path: data, problem: "no_database" },
  });
}
