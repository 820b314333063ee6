/**
 * The administration commands of `echo-server`, as data: the command line is read, and the help text made, from one table.
 *
 * @module
 */
import { TOKEN_ID_BYTES } from "../../auth/tokens.ts";
import { UsageError } from "../../base/errors.ts";
import { escapeText } from "../../base/text.ts";
import type { MessageKey } from "../../cli/messages/en.ts";
import { nearest } from "../../cli/options.ts";

/** A command: what stands behind its words, and the key of what it does. An operand in brackets may be left out. */
interface Command {
  readonly operands: readonly string[];
  readonly about: MessageKey;
}

/** Every command by its words, in the order of the help text. */
export const ADMIN_COMMANDS = {
  "users add": { operands: ["NAME"], about: "command.users.add" },
  "users list": { operands: [], about: "command.users.list" },
  "users passwd": { operands: ["NAME"], about: "command.users.passwd" },
  "users disable": { operands: ["NAME"], about: "command.users.disable" },
  "users enable": { operands: ["NAME"], about: "command.users.enable" },
  "users remove": { operands: ["NAME"], about: "command.users.remove" },
  "users import": { operands: [], about: "command.users.import" },
  "users export": { operands: [], about: "command.users.export" },
  "hosts list": { operands: [], about: "command.hosts.list" },
  "hosts rename": { operands: ["ADDRESS", "NAME"], about: "command.hosts.rename" },
  "hosts forget": { operands: ["ADDRESS"], about: "command.hosts.forget" },
  "sessions list": { operands: ["[USER]"], about: "command.sessions.list" },
  "sessions revoke": { operands: ["USER|ID"], about: "command.sessions.revoke" },
  "cert": { operands: [], about: "command.cert" },
} as const satisfies Readonly<Record<string, Command>>;

/** The words of a command. */
export type AdminCommandName = keyof typeof ADMIN_COMMANDS;

/** A command that was found on a command line. */
export interface FoundCommand {
  readonly name: AdminCommandName;
  /** As many as the command takes. */
  readonly operands: readonly string[];
}

/** What the help text shows of the commands. */
export const COMMAND_ROWS: readonly (readonly [syntax: string, about: MessageKey])[] = commandNames().map((name) => [
  syntaxOf(name),
  ADMIN_COMMANDS[name].about,
]);

/**
 * The command that the positional arguments name.
 *
 * @throws {UsageError} `unknown_command` (with the nearest known one), `missing_value`, `unexpected_argument`.
 *
 * @example
 * ```ts
 * import { findCommand } from "./commands.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(findCommand(["users", "add", "Anna"]), { name: "users add", operands: ["Anna"] });
 * ```
 */
export function findCommand([group = "", ...rest]: readonly string[]): FoundCommand {
  const groups = [...new Set(commandNames().map((name) => name.split(" ")[0] ?? ""))];
  if (!groups.includes(group)) throw unknown(group, nearest(group, groups));
  const alone = commandNames().find((known) => known === group);
  if (alone !== undefined) return withOperands(alone, rest);
  const [verb, ...operands] = rest;
  const verbs = commandNames().filter((name) => name.startsWith(`${group} `)).map((name) => name.split(" ")[1] ?? "");
  if (verb === undefined) throw incomplete(`${group} ${verbs.join("|")}`);
  const name = commandNames().find((known) => known === `${group} ${verb}`);
  if (name === undefined) {
    const candidate = nearest(verb, verbs);
    throw unknown(`${group} ${verb}`, candidate && `${group} ${candidate}`);
  }
  return withOperands(name, operands);
}

function withOperands(name: AdminCommandName, operands: readonly string[]): FoundCommand {
  const places: readonly string[] = ADMIN_COMMANDS[name].operands;
  if (operands.length < places.filter((place) => !place.startsWith("[")).length) throw incomplete(syntaxOf(name));
  const extra = operands[places.length];
  if (extra !== undefined) throw unexpected(extra, syntaxOf(name));
  return { name, operands };
}

/**
 * The arguments with the id behind `sessions revoke` made an operand, though it begins with a hyphen: one random id in
 * 64 does, and looks like an option.
 *
 * @example
 * ```ts
 * import { withIdApart } from "./commands.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const id = "-BCDEFGHIJKLMNOPQRSTUg";
 * assertEquals(withIdApart(["sessions", "revoke", id, "--json"]), ["sessions", "revoke", "--json", "--", id]);
 * ```
 */
export function withIdApart(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((arg, index) =>
    ID_LIKE_AN_OPTION.test(arg) && argv[index - 1] === "revoke" && argv[index - 2] === "sessions"
  );
  return at < 0 || argv.includes("--") ? argv : [...argv.toSpliced(at, 1), "--", ...argv.slice(at, at + 1)];
}

/** Base64url without padding, as long as an id. */
const ID_LIKE_AN_OPTION = new RegExp(`^-[A-Za-z0-9_-]{${Math.ceil(TOKEN_ID_BYTES * 8 / 6) - 1}}$`);

function commandNames(): AdminCommandName[] {
  // The table is a constant of this file: its keys are what its type says.
  return Object.keys(ADMIN_COMMANDS) as AdminCommandName[];
}

function syntaxOf(name: AdminCommandName): string {
  return [name, ...ADMIN_COMMANDS[name].operands].join(" ");
}

function unknown(text: string, candidate: string | undefined): UsageError {
  const command = escapeText(text);
  return new UsageError("unknown_command", `Cannot run "${command}": there is no such command`, {
    details: { command, ...(candidate === undefined ? {} : { nearest: candidate }) },
  });
}

function incomplete(syntax: string): UsageError {
  const form = `echo-server ${syntax}`;
  return new UsageError("missing_value", `Cannot run the command: it is incomplete, write ${form}`, {
    details: { action: "administer", form },
  });
}

function unexpected(text: string, syntax: string): UsageError {
  const [argument, form] = [escapeText(text), `echo-server ${syntax}`];
  return new UsageError("unexpected_argument", `Cannot use the argument "${argument}": write ${form}`, {
    details: { action: "administer", argument, form },
  });
}
