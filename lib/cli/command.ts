/**
 * A command as data. From the list of them that an entry point gives come the dispatch, the help, the completions, the
 * man pages and the tables of the documentation.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { escapeText } from "../base/text.ts";
import { type CommandLine, environmentName, nearest, type Option } from "./options.ts";
import { type OptionTable, protectOperands, tokensOf } from "./options.ts";
import type { CommonKey, Texts, Translate } from "./texts.ts";

/** The two tools. */
export type Tool = "echo-server" | "echo-client";

/** A command line worth showing, with the key of what it does. */
export type Example<Key extends string = string> = readonly [command: string, key: Key];

/** Options that help shows under a title of their own: `group.NAME` in the catalogues. */
export type OptionGroup = readonly [name: string, options: OptionTable];

/** What a command works with. */
export interface Invocation<Table extends OptionTable, Key extends string> {
  readonly line: CommandLine<Table>;
  /** The words behind `--`, of a command that takes another program's command line. */
  readonly program: readonly string[];
  /** What it says; loaded when it is first wanted, for much is done in silence. */
  readonly texts: () => Promise<Translate<CommonKey | Key>>;
  /** The line anew, as after a change of the file that `--config` names. */
  readonly reparse: () => Promise<CommandLine<Table>>;
}

/** The work of a command; resolves to the exit code. */
export type Run<Table extends OptionTable, Key extends string> = (
  invocation: Invocation<Table, Key>,
) => Promise<number>;

/** What a folder of `commands/` says of a command. */
interface CommandBase {
  /** The words behind the tool's name: `users add`; none for what the tool does by itself. */
  readonly name: string;
  /** What stands behind the words: `NAME`; in brackets what may be left out; `…` in it takes any number. */
  readonly operands?: readonly string[];
  readonly examples: readonly Example[];
  /** Exit codes besides 0, 64 and 130; `exit.NAME.CODE`, or else `exit.CODE`, says what each means. */
  readonly exits: readonly number[];
  /** Groups of its options; those in none stand first, as the command's own. */
  readonly groups?: readonly OptionGroup[];
  /** Starts programs; what stands behind `--` is one's command line. */
  readonly startsPrograms?: boolean;
  /** Takes Ctrl-Z or Ctrl-C itself at a terminal, and does then what a shell expects. */
  readonly usesTerminal?: boolean;
  /** Whether it may call the C library, for `--engine`, or for what the kernel knows; every other command gives that up. */
  readonly callsLibrary?: boolean;
  /** It works on files alone, and gives the permission for the network up. */
  readonly isOffline?: boolean;
  /** Whether an argument that begins with a hyphen is an operand. */
  readonly isOperand?: (arg: string) => boolean;
  /** Not told of: the tool calls it itself. */
  readonly isHidden?: boolean;
}

/** A command before its types are settled. */
interface CommandSpec<Table extends OptionTable, Key extends string> extends CommandBase {
  /** In the order of the help. */
  readonly options: Table;
  readonly texts: Texts<Key>;
  /** Loads the work. */
  readonly run: () => Promise<Run<Table, Key>>;
}

/** A command, whatever its options and texts are. */
export interface Command extends CommandBase {
  readonly options: OptionTable;
  readonly texts: Texts<never>;
  readonly execute: (call: Call) => Promise<number>;
}

/** What {@linkcode Command.execute} is given by the engine. */
interface Call {
  readonly program: readonly string[];
  readonly parse: <Table extends OptionTable>(options: Table) => Promise<CommandLine<Table>>;
  readonly translate: <Key extends string>(texts: Texts<Key>) => Promise<Translate<CommonKey | Key>>;
}

/** Settles the types of a command. */
export function command<Table extends OptionTable, Key extends string>(spec: CommandSpec<Table, Key>): Command {
  const { options, texts } = spec;
  return {
    ...spec,
    execute: async ({ program, parse, translate }) => {
      const line = await parse(options);
      const run = await spec.run();
      return await run({ line, program, texts: () => translate(texts), reparse: () => parse(options) });
    },
  };
}

/** A command that was found in arguments. */
interface FoundCommand {
  readonly command: Command;
  /** The arguments without the command's words. */
  readonly argv: readonly string[];
  readonly program: readonly string[];
}

/**
 * The command that arguments name, or else the first, which has no name. Options may stand before the command's words.
 *
 * @throws {UsageError} `unknown_command`, with the nearest one; `missing_value`, when only the first word of some is there.
 */
export function findCommand(argv: readonly string[], commands: readonly Command[], tool: Tool): FoundCommand {
  const [main] = commands;
  if (main === undefined) throw new TypeError("a tool has at least one command");
  const takesValue = commands.flatMap(({ options }) => Object.values(options)).filter(hasValue);
  const words = wordsOf(argv, takesValue);
  const fits = ({ name }: Command): boolean =>
    name !== "" && name.split(" ").every((part, at) => words[at]?.text === part);
  const found = commands.filter(fits).sort((a, b) => b.name.length - a.name.length)[0];
  if (found === undefined) checkWord(words.map(({ text }) => text), { commands, tool });
  const command = found ?? main;
  const places = words.slice(0, command.name === "" ? 0 : command.name.split(" ").length).map(({ at }) => at);
  const rest = argv.filter((_, at) => !places.includes(at));
  const separator = command.startsPrograms === true ? rest.indexOf("--") : -1;
  const own = separator < 0 ? rest : rest.slice(0, separator);
  return {
    command,
    argv: command.isOperand === undefined ? own : protectOperands(own, command.isOperand),
    program: separator < 0 ? [] : rest.slice(separator + 1),
  };
}

/** How a command is called: `echo-client bench [options] [HOST[:PORT]]`. */
export function usageOf({ name, operands = [], startsPrograms }: Command, tool: Tool): string {
  return [tool, name, "[options]", ...operands, startsPrograms ? "[-- COMMAND …]" : ""].filter(Boolean).join(" ");
}

/** The environment variable of a command's option: one that other commands have, too, is not named after the command. */
export function variableOf(option: Option<unknown>, command: Command, commands: readonly Command[]): string {
  const isShared = command.name === "" ||
    commands.some((other) => other !== command && Object.values(other.options).includes(option));
  return environmentName(option, isShared ? "" : command.name);
}

/**
 * Makes sure that there are as many operands as a command takes.
 *
 * @throws {UsageError} `missing_value`, `unexpected_argument`
 */
export function checkOperands(positionals: readonly string[], command: Command, tool: Tool): void {
  const { operands = [] } = command;
  const form = usageOf(command, tool);
  const least = operands.filter((operand) => !operand.startsWith("[")).length;
  if (positionals.length < least) {
    throw new UsageError("missing_value", `Cannot run the command: it is incomplete, write ${form}`, {
      details: { action: "call", form },
    });
  }
  const extra = operands.at(-1)?.includes("…") ? undefined : positionals[operands.length];
  if (extra === undefined) return;
  const argument = escapeText(extra);
  throw new UsageError("unexpected_argument", `Cannot use the argument "${argument}": write ${form}`, {
    details: { argument, form },
  });
}

/** The operands of arguments, and where they stand; what cannot be told apart behind a missing value is left out. */
function wordsOf(argv: readonly string[], takesValue: readonly Option<unknown>[]): { text: string; at: number }[] {
  const words: { text: string; at: number }[] = [];
  try {
    for (const { text, at, kind } of tokensOf(argv, takesValue)) {
      if (kind === "separator") break;
      if (kind === "operand") words.push({ text, at });
    }
  } catch {
    // A value is missing at the end: the command that is named before it says so.
  }
  return words;
}

/** What is not a command may be an operand of the first one, unless it is one of several, or nearly a command. */
function checkWord(
  [word = "", second = ""]: readonly string[],
  { commands, tool }: { readonly commands: readonly Command[]; readonly tool: Tool },
): void {
  if (word === "") return;
  // It is a command of many tools.
  if (word === "version" && second === "") throw unknownCommand(word, `${tool} --version`);
  const names = commands.filter(({ name, isHidden }) => name !== "" && !isHidden).map(({ name }) => name);
  const inGroup = names.filter((name) => name.startsWith(`${word} `)).map((name) => name.slice(word.length + 1));
  if (inGroup.length > 0 && second === "") {
    throw new UsageError("missing_value", `Cannot run ${word}: it is incomplete`, {
      details: { action: "call", form: `${tool} ${word} ${inGroup.join(" | ")}`, group: word },
    });
  }
  const text = inGroup.length > 0 ? `${word} ${second}` : word;
  const candidate = inGroup.length > 0
    ? prefixed(word, nearest(second, inGroup))
    : nearest(word, [...new Set(names.map((name) => name.split(" ")[0] ?? ""))]);
  // A host has a dot or a colon, or is nothing like a command and stands before no other host.
  const isOperand = (commands[0]?.operands ?? []).length > 0 && inGroup.length === 0 &&
    (/[.:]/.test(word) || candidate === undefined && !/[.:]/.test(second));
  if (isOperand) return;
  const meant = candidate ?? (word === "register" && tool === "echo-client" ? "login --register" : undefined);
  throw unknownCommand(text, meant === undefined ? undefined : `${tool} ${meant}`);
}

/** There is no such command; perhaps the nearest one was meant. */
export function unknownCommand(text: string, nearest?: string): UsageError {
  const command = escapeText(text);
  return new UsageError("unknown_command", `Cannot run "${command}": there is no such command`, {
    details: { command, ...(nearest === undefined ? {} : { nearest }) },
  });
}

function prefixed(word: string, candidate: string | undefined): string | undefined {
  return candidate === undefined ? undefined : `${word} ${candidate}`;
}

function hasValue(option: Option<unknown>): boolean {
  return option.placeholder !== undefined;
}
