/**
 * What help, man pages and documentation tell of a command, made from what the command says of itself.
 *
 * @module
 */
import { FRAMING_NAMES } from "../framing/framing.ts";
import { type Command, type OptionGroup, type Tool, usageOf, variableOf } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import type { Option, OptionTable } from "./options.ts";
import type { Translate } from "./texts.ts";
import { bold } from "./output.ts";
import { hanging, terminalWidth, wrapped } from "./terminal_size.ts";
import { VERSION } from "./version.ts";

/** A line of a list: what is named, and what it is. */
export type Row = readonly [left: string, right: string];

/** A titled part of the help. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** All there is to tell of a command. */
export interface Description {
  /** `echo-client bench`. */
  readonly called: string;
  readonly about: string;
  readonly usage: string;
  readonly examples: readonly Row[];
  /** The other commands of the tool, where the tool itself is described. */
  readonly commands: readonly Row[];
  readonly options: readonly Section[];
  readonly exits: readonly Row[];
  readonly notes: readonly string[];
}

/** What {@linkcode describe} needs beside the command. */
interface DescriptionContext {
  readonly tool: Tool;
  /** All commands of the tool. */
  readonly commands: readonly Command[];
  /** The texts of `command`. */
  readonly t: Translate;
  /** What each command does; only wanted where the tool itself is described. */
  readonly abouts?: ReadonlyMap<string, string>;
}

/** Puts a command into words. */
export function describe(command: Command, { tool, commands, t, abouts = new Map() }: DescriptionContext): Description {
  const { name, examples, exits } = command;
  const codes = [EXIT.ok, EXIT.usage, ...exits, EXIT.interrupted].sort((a, b) => a - b);
  return {
    called: [tool, name].filter(Boolean).join(" "),
    about: t.find(`about.${dotted(name)}`) ?? "",
    usage: name === "" ? `${usageOf(command, tool)}\n${tool} COMMAND [options]` : usageOf(command, tool),
    examples: examples.map(([line, key]) => [line, t.find(key) ?? ""]),
    commands: name === "" ? commandRows(commands, abouts) : [],
    options: groupsOf(command).map(([group, options]) => ({
      title: t.find(`group.${group}`) ?? t("help.options"),
      rows: Object.values(options).map((option) => [optionSyntax(option), optionText(command, option, t)]),
    })),
    exits: codes.map((code) => [String(code), t.find(`exit.${dotted(name)}.${code}`) ?? t.find(`exit.${code}`) ?? ""]),
    notes: [t("help.units.size"), t("help.environment", { variable: exampleVariable(command, commands) })],
  };
}

/** The description as the terminal shows it, examples first, no line longer than the terminal is wide. */
export function helpText(
  { called, about, usage, examples, commands, options, exits, notes }: Description,
  t: Translate,
  colour = false,
): string {
  const width = terminalWidth();
  const list = (title: string, rows: readonly Row[]): string[] =>
    rows.length === 0 ? [] : [bold(`${title}:`, colour), ...columns(rows, width), ""];
  return [
    ...wrapped(`${called} ${about}`, width),
    "",
    ...list(t("help.examples"), examples),
    bold(`${t("help.usage")}:`, colour),
    ...usage.split("\n").flatMap((line) =>
      wrapped(line, width - 4).map((part, at) => `${at > 0 ? "    " : "  "}${part}`)
    ),
    "",
    ...list(t("help.commands"), commands),
    ...options.flatMap(({ title, rows }) => list(title, rows)),
    ...list(t("help.exit"), exits),
    ...notes.flatMap((note) => wrapped(note, width)),
    ...commands.length === 0 ? [] : wrapped(t("help.more", { tool: called }), width),
  ].join("\n");
}

/** The commands whose names begin with a word that is none by itself, such as `users`. */
export function groupHelpText(
  group: string,
  { tool, commands, t, abouts = new Map() }: DescriptionContext,
  colour = false,
): string {
  const width = terminalWidth();
  const rows = commandRows(commands.filter(({ name }) => name.startsWith(`${group} `)), abouts);
  return [
    bold(`${t("help.commands")}:`, colour),
    ...columns(rows, width),
    "",
    ...wrapped(t("help.more", { tool }), width),
  ].join("\n");
}

function commandRows(commands: readonly Command[], abouts: ReadonlyMap<string, string>): Row[] {
  return commands.filter(({ name, isHidden }) => name !== "" && !isHidden).map(({ name, operands = [] }) => [
    [name, ...operands].join(" "),
    (abouts.get(name) ?? "").replace(/\.$/, ""),
  ]);
}

/** The groups of a command's options, its own first; no option stands twice. */
export function groupsOf({ options, groups = [] }: Command): readonly OptionGroup[] {
  const grouped = new Set(groups.flatMap(([, table]) => Object.values(table)));
  const inTable = new Set(Object.values(options));
  const own = Object.fromEntries(Object.entries(options).filter(([, option]) => !grouped.has(option)));
  const rest = groups.map(([name, table]): OptionGroup => [
    name,
    Object.fromEntries(Object.entries(table).filter(([, option]) => inTable.has(option))),
  ]);
  return [["", own] as const, ...rest].filter(([, table]) => Object.keys(table).length > 0);
}

/** `-p, --port N`. */
export function optionSyntax(option: Option<unknown>): string {
  const value = option.placeholder === undefined ? "" : ` ${option.placeholder}`;
  return `${option.short === undefined ? "    " : `-${option.short}, `}--${option.name}${value}`;
}

/** What an option does, with its default. */
export function optionText({ name }: Pick<Command, "name">, option: Option<unknown>, t: Translate): string {
  const notes = [
    ...(option.repeatable ? [t("help.repeatable")] : []),
    ...(option.fallback === undefined ? [] : [t("help.default", { value: option.fallback })]),
  ];
  const values = { framings: FRAMING_NAMES.join(", ") };
  const text = t.find(`option.${dotted(name)}.${option.name}`, values) ?? t.find(`option.${option.name}`, values) ?? "";
  return `${text}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
}

/** `echo-server 1.2.3 (Deno 2.9.6, V8 15.0.245.2-rusty, x86_64-unknown-linux-gnu)`. */
export function versionLine(tool: Tool): string {
  const { deno, v8 } = Deno.version;
  return `${tool} ${VERSION} (Deno ${deno}, V8 ${v8}, ${Deno.build.target})`;
}

/** `users add` is `users.add` in keys. */
function dotted(name: string): string {
  return name === "" ? "main" : name.replaceAll(" ", ".");
}

function exampleVariable(command: Command, commands: readonly Command[]): string {
  const table: OptionTable = groupsOf(command)[0]?.[1] ?? {};
  const option = Object.values(table).find(({ placeholder }) => placeholder !== undefined) ??
    Object.values(command.options).find(({ placeholder }) => placeholder !== undefined);
  return option === undefined ? "" : `--${option.name}: ${variableOf(option, command, commands)}`;
}

/** What is named is at most this wide beside what it is; what is wider stands above. */
const LEFT_WIDTH = 30;

function columns(rows: readonly Row[], width: number): string[] {
  const narrow = rows.map(([left]) => left.length).filter((length) => length <= LEFT_WIDTH);
  const column = Math.min(Math.max(...narrow, 0), Math.floor(width * 0.45));
  return rows.flatMap(([left, right]) => {
    if (left.length <= column) return hanging(`  ${left.padEnd(column)}  `, right, width);
    const own = wrapped(left, width - 4).map((part, at) => `${at === 0 ? "  " : "    "}${part}`);
    return right === "" ? own : [...own, ...hanging(" ".repeat(column + 4), right, width)];
  });
}
