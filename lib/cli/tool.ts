/**
 * What surrounds every command: which one it is, help and version, the language, errors told in one line, the exit code.
 *
 * @module
 */
import { delay } from "../base/delay.ts";
import { EchoError, type ErrorCode, UsageError } from "../base/errors.ts";
import { escapeJson, escapeText } from "../base/text.ts";
import { checkOperands, type Command, command, findCommand, type Run, type Tool } from "./command.ts";
import { unknownCommand, variableOf } from "./command.ts";
import { SHELLS } from "./completion_shells.ts";
import { environment } from "./environment.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";
import { outliveFileLimit } from "./file_limit.ts";
import { GENERAL_OPTIONS } from "./common_options.ts";
import { type CommandLine, type OptionTable, parseCommandLine, parseNamed } from "./options.ts";
import { type ColorChoice, hasColours, print, printText, red, writeError } from "./output.ts";
import { canAlwaysRaise, raise } from "./signal_self.ts";
import { InputEnded } from "./input_ended.ts";
import { COMMON_TEXTS, type CommonKey, explainError, type Language, languageFrom, translator } from "./texts.ts";
import { fitted, terminalWidth } from "./terminal_size.ts";
import { parseChoice } from "./values.ts";

/** A tool: its commands, of which the first is what it does by itself. */
export interface ToolSpec {
  readonly tool: Tool;
  readonly commands: readonly Command[];
}

/**
 * Runs a tool from its arguments to its exit code: 0, what the command resolves to, or what its error stands for.
 *
 * @param argv The arguments, without the tool's name.
 */
export async function runTool(argv: readonly string[], { tool, ...spec }: ToolSpec): Promise<number> {
  const commands: readonly Command[] = withBuiltIn(tool, spec.commands);
  const language = languageFrom(askedLanguage(argv), environment);
  outliveFileLimit();
  let current: Command | undefined;
  try {
    const found = findCommand(argv, commands, tool);
    const running = current = found.command;
    // Only an examination starts programs; a tool that was taken over shall not. Older runtimes let nobody without this
    // permission stop itself at Ctrl-Z.
    const needsSignals = running.usesTerminal === true && Deno.stdin.isTerminal() && !canAlwaysRaise();
    if (running.startsPrograms !== true && !needsSignals) Deno.permissions.revokeSync({ name: "run" });
    if (running.callsLibrary !== true) Deno.permissions.revokeSync({ name: "ffi" });
    if (running.isOffline === true) Deno.permissions.revokeSync({ name: "net" });
    const code = await answered(running.execute({
      program: found.program,
      translate: (texts) => translator(language, texts),
      parse: async (options) => {
        const line = await parseFound(found.argv, options, { tool, command: running, commands });
        const { help, version, color }: { help?: unknown; version?: unknown; color?: unknown } = line.values;
        const colour = hasColours(color === "always" || color === "never" ? color : "auto");
        if (help === true) throw new Answered(await helpOf(running, { tool, commands, language, colour }));
        if (version === true) throw new Answered((await import("./help.ts")).versionLine(tool));
        checkOperands(line.positionals, running, tool);
        return line;
      },
    }));
    return code === EXIT.interrupted ? await interrupted() : code;
  } catch (error) {
    if (error instanceof InputEnded) {
      return error.by === "interrupt" ? await interrupted() : EXIT.ok;
    }
    // Nobody reads our output any more (`| head`): there is nobody to tell, either.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.cannotWrite;
    const group = error instanceof UsageError ? error.details["group"] : undefined;
    if (group !== undefined && argv.some((arg) => arg === "-h" || arg === "--help")) {
      const colour = hasColours(askedColour(argv));
      return print(await groupHelpOf(String(group), { tool, commands, language, colour }));
    }
    await report(error, { argv, tool, command: current, language });
    return exitCodeOf(error);
  }
}

/** A shell that runs a loop ends it only where the program has died of the signal. */
async function interrupted(): Promise<number> {
  // Another thread may be the one that takes it, a moment later.
  if (Deno.build.os !== "windows" && raise("SIGINT")) await delay(1000);
  return EXIT.interrupted;
}

/** The commands of a tool, `help` and `completions` included. */
export function withBuiltIn(tool: Tool, own: readonly Command[]): readonly Command[] {
  const all: Command[] = [...own];
  all.push(helpCommand(tool, all), docsCommand(tool), completionsCommand(tool, all));
  return all;
}

/** `--help` and `--version`: what is printed instead of the command's work. */
class Answered extends Error {}

async function answered(work: Promise<number>): Promise<number> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Answered) return print(error.message);
    throw error;
  }
}

interface Context {
  readonly tool: Tool;
  readonly commands: readonly Command[];
  readonly language: Language;
  readonly colour: boolean;
}

async function helpOf(command: Command, { tool, commands, language, colour }: Context): Promise<string> {
  const { describe, helpText } = await import("./help.ts");
  const t = await translator(language, command.texts);
  const abouts = command.name === "" ? await aboutsOf(commands, language) : undefined;
  return helpText(describe(command, { tool, commands, t, ...(abouts === undefined ? {} : { abouts }) }), t, colour);
}

/** The help of a word that several commands begin with. */
async function groupHelpOf(group: string, { tool, commands, language, colour }: Context): Promise<string> {
  const { groupHelpText } = await import("./help.ts");
  const t = await translator(language);
  return groupHelpText(group, { tool, commands, t, abouts: await aboutsOf(commands, language) }, colour);
}

/** What each command does, by its name. */
export async function aboutsOf(
  commands: readonly Command[],
  language: Language,
): Promise<ReadonlyMap<string, string>> {
  const abouts = commands.map(async ({ name, texts }): Promise<readonly [string, string]> => {
    const t = await translator(language, texts);
    return [name, t.find(`about.${name.replaceAll(" ", ".") || "main"}`) ?? ""];
  });
  return new Map(await Promise.all(abouts));
}

/**
 * The command line with the configuration file that it names, if it names one. The file may hold options of all commands.
 *
 * @throws {UsageError} what {@linkcode parseCommandLine} throws.
 * @throws {ConfigError} `bad_config`, `untrusted_file`
 * @throws {StorageError} `cannot_read`
 */
async function parseFound<Table extends OptionTable>(
  argv: readonly string[],
  options: Table,
  { tool, command, commands }: ToolSpec & { readonly command: Command },
): Promise<CommandLine<Table>> {
  const sources = {
    environment,
    variableOf: (option: Parameters<typeof variableOf>[0]): string => variableOf(option, command, commands),
  };
  const line = parseCommandLine(argv, options, sources);
  const { help, version, config = await ownConfigFile(tool) }: Readonly<Record<string, unknown>> = line.values;
  if (typeof config !== "string" || help === true || version === true) return line;
  const { readConfigFile } = await import("./config_file.ts");
  const others = commands.flatMap((other) => Object.values(other.options));
  try {
    const anyOwner = line.source("config") !== undefined;
    const values = readConfigFile(config, { table: options, others, anyOwner });
    return parseCommandLine(argv, options, { ...sources, config: values });
  } catch (error) {
    // Who looks up what is wrong with the file finds help and documentation all the same.
    if (line.source("config") === undefined && command.options === GENERAL_OPTIONS) return line;
    throw error;
  }
}

/** The user's own configuration file, where there is one (XDG Base Directory Specification 0.8). */
async function ownConfigFile(tool: Tool): Promise<string | undefined> {
  const home = environment("HOME");
  const folder = environment("XDG_CONFIG_HOME") || (home ? `${home}/.config` : undefined);
  if (!folder?.startsWith("/")) return undefined;
  const path = `${folder}/${tool}/config.toml`;
  // Mostly there is none. An error that statSync throws costs a start 1 ms: V8 looks up the lines of all its callers.
  const found = await Deno.stat(path).catch(() => undefined);
  return found?.isFile ? path : undefined;
}

function helpCommand(tool: Tool, commands: readonly Command[]): Command {
  const run: Run<typeof GENERAL_OPTIONS, CommonKey> = async ({ line, texts }) => {
    const { language } = await texts();
    const name = line.positionals.join(" ");
    const asked = commands.find((command) => command.name === name && !command.isHidden);
    const colour = hasColours(line.values.color);
    if (asked === undefined && commands.some((command) => command.name.startsWith(`${name} `) && !command.isHidden)) {
      return print(await groupHelpOf(name, { tool, commands, language, colour }));
    }
    if (asked === undefined) {
      findCommand(line.positionals, commands, tool);
      throw unknownCommand(name);
    }
    return print(await helpOf(asked, { tool, commands, language, colour }));
  };
  return command({
    isOffline: true,
    name: "help",
    operands: ["[COMMAND…]"],
    options: GENERAL_OPTIONS,
    examples: [[`${tool} help`, "example.help.all"], [`${tool} help completions`, "example.help.one"]],
    exits: [],
    texts: COMMON_TEXTS,
    run: () => Promise.resolve(run),
  });
}

function docsCommand(tool: Tool): Command {
  return command({
    isOffline: true,
    name: "docs",
    operands: ["[PAGE]"],
    options: GENERAL_OPTIONS,
    examples: [[`${tool} docs`, "example.docs.list"], [`${tool} docs task-7`, "example.docs.page"]],
    exits: [EXIT.cannotWrite],
    texts: COMMON_TEXTS,
    run: async () => {
      const { docsText, ownPages, reflowed } = await import("./docs.ts");
      return async ({ line, texts }) => {
        const { language } = await texts();
        const text = docsText(await ownPages(language), line.positionals[0]);
        if (line.positionals.length === 0) return printText(text);
        return print(Deno.stdout.isTerminal() ? reflowed(text, terminalWidth()) : text);
      };
    },
  });
}

function completionsCommand(tool: Tool, commands: readonly Command[]): Command {
  return command({
    isOffline: true,
    name: "completions",
    operands: [SHELLS.join("|")],
    options: GENERAL_OPTIONS,
    examples: [
      [`source <(${tool} completions bash)`, "example.completions.bash"],
      [`${tool} completions fish > ~/.config/fish/completions/${tool}.fish`, "example.completions.fish"],
    ],
    exits: [EXIT.cannotWrite],
    texts: COMMON_TEXTS,
    run: async () => {
      const [{ completionScript }, { ownPages }] = await Promise.all([import("./completions.ts"), import("./docs.ts")]);
      return async ({ line }) => {
        const shell = parseNamed("SHELL", line.positionals[0] ?? "", parseChoice(SHELLS));
        const pages = Object.keys(await ownPages("en"));
        return print(completionScript(shell, { tool, commands, pages }).trimEnd());
      };
    },
  });
}

async function report(
  error: unknown,
  { argv, tool, command, language }: {
    readonly argv: readonly string[];
    readonly tool: Tool;
    readonly command: Command | undefined;
    readonly language: Language;
  },
): Promise<void> {
  const t = await translator(language, command?.texts);
  const message = explainError(error, t).replace("{tool}", tool);
  if (argv.includes("--json")) {
    const code = error instanceof EchoError ? error.code : "unexpected";
    return writeError(`${escapeJson(JSON.stringify({ error: { code, message, exit: exitCodeOf(error) } }))}\n`);
  }
  const colour = hasColours(askedColour(argv), Deno.stderr);
  const called = [tool, command?.name].filter(Boolean).join(" ");
  const help = error instanceof UsageError && !NOT_IN_HELP.has(error.code)
    ? ` ${t("error.see_help", { tool: called })}`
    : "";
  const lines = fitted([`${tool}: ${escapeText(message)}${help}`], Deno.stderr);
  writeError(`${lines.join("\n").replace(`${tool}:`, red(`${tool}:`, colour))}\n`);
  if (argv.includes("--debug") && error instanceof Error) writeError(`${error.stack ?? ""}\n`);
}

/** Mistakes in what was named or typed, not in how the tool was called. */
const NOT_IN_HELP: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "no_such_page",
  "bad_password",
  "user_taken",
  "no_such_user",
  "no_such_host",
  "no_such_session",
  "needs_yes",
  "bad_import",
]);

/** `--color`, likewise. */
function askedColour(argv: readonly string[]): ColorChoice {
  const at = argv.findIndex((arg) => arg === "--color" || arg.startsWith("--color="));
  const asked = at < 0 ? environment("ECHO_COLOR") : argv[at]?.split("=")[1] ?? argv[at + 1];
  return asked === "always" || asked === "never" ? asked : "auto";
}

/** `--lang`, found before the command line is known to be right, so that its errors are told in that language, too. */
function askedLanguage(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((arg) => arg === "--lang" || arg.startsWith("--lang="));
  return at < 0 ? environment("ECHO_LANG") : argv[at]?.split("=")[1] ?? argv[at + 1];
}
