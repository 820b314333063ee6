/**
 * `echo-server users export` and `users import`: users as JSON lines, verifiers included. The format of the verifiers is
 * PostgreSQL's, so users of a PostgreSQL server can move here with their passwords, and the other way round.
 *
 * @module
 */
import { checkUserName, type UserName } from "../../auth/names.ts";
import { parseVerifier } from "../../auth/verifier.ts";
import type { Bytes } from "../../base/bytes.ts";
import { UsageError } from "../../base/errors.ts";
import { MAX_ITERATIONS, MAX_NAME, MIN_ITERATIONS } from "../../base/limits.ts";
import { readInput } from "../../base/files.ts";
import { textFrom } from "../../base/text_file.ts";
import type { NewUser } from "../../store/store.ts";
import { print, printError } from "../../cli/output.ts";
import { Progress } from "../../cli/progress.ts";
import { type Admin, confirm, timeIso, toJson } from "./context.ts";

/** Taken names that people are told; `--json` has all. */
const NAMES_SHOWN = 20;

/** In bytes. A user takes some 300; what is longer would only take time and memory. */
const LONGEST_LINE = 65_536;

export async function exportUsers({ store, t }: Admin): Promise<void> {
  if (Deno.stdout.isTerminal()) printError(t("admin.export_warning"));
  for (const { name, verifier, disabled, createdAt } of await (await store()).listUsers()) {
    print(toJson({ name, verifier, disabled, created_at: timeIso(createdAt) }));
  }
}

/** `users import`: nothing is stored before every line is found good; a name that is taken stays as it is. */
export async function importUsers(admin: Admin): Promise<void> {
  const { json, t } = admin;
  const users = parseUsers(await readInput(), Date.now());
  const store = await admin.store();
  if (admin.dryRun) {
    const known = new Set((await store.listUsers()).map(({ name }) => name));
    const names = users.map(({ name }) => name).filter((name) => !known.has(name));
    return void print(
      json ? toJson({ event: "dry_run", would_add: names }) : t("admin.would_add", { count: names.length }),
    );
  }
  const taken: string[] = [];
  using progress = new Progress();
  for (const [done, user] of users.entries()) {
    progress.show(() => t("admin.import_progress", { done, total: users.length }));
    try {
      if (await store.createUser(user) === "taken") taken.push(user.name);
    } catch (error) {
      progress.clear();
      printError(t("admin.import_stopped", { done, total: users.length }));
      throw error;
    }
  }
  progress.clear();
  const counts = { created: users.length - taken.length, taken: taken.length };
  if (taken.length > 0 && !json) {
    const rest = taken.length > NAMES_SHOWN ? ", …" : "";
    printError(t("admin.import_taken", { names: taken.slice(0, NAMES_SHOWN).join(", ") + rest }));
  }
  confirm(admin, "admin.users_imported", {
    values: counts,
    result: { event: "users_imported", ...counts, names_taken: taken },
  });
}

/**
 * Users from JSON lines in UTF-8; blank ones and comments (`#`) are skipped. `disabled` and `created_at` may be missing.
 *
 * @param now For users without `created_at`, in ms.
 * @throws {UsageError} `bad_import`, naming the first line that is wrong. No verifier is in the message.
 *
 * @example
 * ```ts
 * import { parseUsers } from "./transfer.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const line = new TextEncoder().encode('{"name":"Anna","verifier":"md5…"}');
 * assertThrows(() => parseUsers(line, 0), Error, "line 1: verifier");
 * ```
 */
export function parseUsers(text: Bytes, now: number): NewUser[] {
  const users = new Map<string, NewUser>();
  // Line by line: decoded at once and split, 60 MB took 350 MiB.
  for (let number = 1, start = 0, end = 0; end !== text.length; number++, start = end + 1) {
    const found = text.indexOf(10, start);
    end = found === -1 ? text.length : found;
    if (end - start > LONGEST_LINE) throw bad(number, "json");
    if (end === start) continue;
    const line = textFrom(text.subarray(start, end), "standard input");
    if (/^\s*(?:#|$)/.test(line)) continue;
    const user = parseUser(line, { number, now });
    if (users.has(user.name)) throw bad(number, "twice");
    users.set(user.name, user);
  }
  return [...users.values()];
}

/** What is wrong with a line; explained in the catalogues as `reason.import_NAME`, names as `reason.name_…`. */
type Fault = "json" | "verifier" | "iterations" | "disabled" | "created_at" | "twice";

function parseUser(line: string, { number, now }: { readonly number: number; readonly now: number }): NewUser {
  const { name, verifier, disabled, created_at }: Fields = parseFields(line) ?? refuse(number, "json");
  return {
    name: typeof name === "string" ? importedName(name, number) : refuse(number, "json"),
    verifier: typeof verifier === "string" ? importedVerifier(verifier, number) : refuse(number, "json"),
    disabled: disabled === undefined ? false : typeof disabled === "boolean" ? disabled : refuse(number, "disabled"),
    createdAt: created_at === undefined ? now : parseTime(created_at) ?? refuse(number, "created_at"),
  };
}

/** Of a line's fields those that mean something, unchecked. */
interface Fields {
  readonly name?: unknown;
  readonly verifier?: unknown;
  readonly disabled?: unknown;
  readonly created_at?: unknown;
}

function parseFields(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function importedName(text: string, number: number): UserName {
  const checked = checkUserName(text);
  if ("name" in checked) return checked.name;
  throw bad(number, `name_${checked.fault}`);
}

/** Rounds that no client would agree to are refused here already: the user could never log in. */
function importedVerifier(text: string, number: number): string {
  const iterations = iterationsOf(text) ?? refuse(number, "verifier");
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) refuse(number, "iterations");
  return text;
}

function iterationsOf(verifier: string): number | undefined {
  try {
    return parseVerifier(verifier).iterations;
  } catch {
    return undefined;
  }
}

/** ISO 8601 with a zone; `undefined` for anything else. */
function parseTime(value: unknown): number | undefined {
  const isIso = typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value);
  const ms = isIso ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function refuse(number: number, fault: Fault): never {
  throw bad(number, fault);
}

function bad(number: number, fault: Fault | `name_${string}`): UsageError {
  const reason = fault.startsWith("name_") ? fault : `import_${fault}`;
  return new UsageError("bad_import", `Cannot import line ${number}: ${fault}`, {
    details: { number, reason, max: MAX_NAME, least: MIN_ITERATIONS, most: MAX_ITERATIONS },
  });
}
