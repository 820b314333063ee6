/**
 * What surrounds either tool: help and version, the language, errors told in one line, the exit code.
 *
 * @module
 */
import { type ErrorCode, UsageError } from "../base/errors.ts";
import { fileError } from "../base/system_errors.ts";
import { escapeText } from "../base/text.ts";
import { environment } from "./environment.ts";
import { commandName, type HelpSpec, helpText, versionLine } from "./help.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";
import { explainError, languageFrom, type Translate, translator } from "./messages.ts";
import { type CommandLine, type OptionTable, parseCommandLine } from "./options.ts";
import { InputEnded } from "./terminal.ts";

/** A tool, as {@linkcode runTool} runs it. */
export interface ToolSpec<Table extends OptionTable> extends HelpSpec {
  readonly options: Table;
  /** The work itself; resolves to the exit code. */
  readonly main: (line: CommandLine<Table>, texts: Texts) => Promise<number>;
}

/** What the tool says, in the language that was asked for; loaded when it is first wanted, for much is done in silence. */
export type Texts = () => Promise<Translate>;

/**
 * Runs a tool from its arguments to its exit code: 0, what `main` resolves to, or what its error stands for.
 *
 * @param argv The arguments, without the tool's name.
 */
export async function runTool<Table extends OptionTable>(
  argv: readonly string[],
  spec: ToolSpec<Table>,
): Promise<number> {
  let loaded: Promise<Translate> | undefined;
  const texts: Texts = () => loaded ??= translator(languageFrom(askedLanguage(argv), environment));
  try {
    const line = await parseTool(argv, spec.options);
    const { help, version }: { help?: unknown; version?: unknown } = line.values;
    if (help === true) return print(helpText(spec, await texts()));
    if (version === true) return print(versionLine(spec.tool));
    return await spec.main(line, texts);
  } catch (error) {
    if (error instanceof InputEnded) return error.by === "interrupt" ? EXIT.interrupted : EXIT.ok;
    // Nobody reads our output any more (`| head`): there is nobody to tell, either.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.cannotWrite;
    report(error, spec, await texts());
    if (argv.includes("--debug") && error instanceof Error) printError(error.stack ?? "");
    return exitCodeOf(error);
  }
}

/**
 * The command line with the configuration file that it names, if it names one.
 *
 * @throws {UsageError} what {@linkcode parseCommandLine} throws.
 * @throws {ConfigError} `bad_config`
 * @throws {StorageError} `cannot_read`
 */
export async function parseTool<Table extends OptionTable>(
  argv: readonly string[],
  options: Table,
): Promise<CommandLine<Table>> {
  const line = parseCommandLine(argv, options, environment);
  const { config }: { config?: unknown } = line.values;
  if (typeof config !== "string") return line;
  const { readConfigFile } = await import("./config_file.ts");
  return parseCommandLine(argv, options, environment, readConfigFile(config, options));
}

/** Prints a line on standard output; the exit code is that of success. */
export function print(line: string): number {
  writeAll(Deno.stdout, `${line}\n`);
  return EXIT.ok;
}

/** Whether what is printed may have colours: on a terminal whose owner has not declined them (no-color.org). */
export function hasColours(): boolean {
  return Deno.stdout.isTerminal() && !environment("NO_COLOR") && environment("TERM") !== "dumb";
}

/** Prints a line on standard error. */
export function printError(line: string): void {
  writeAll(Deno.stderr, `${line}\n`);
}

/**
 * Standard input as it comes.
 *
 * @throws {StorageError} `cannot_read`, as when it is a directory.
 */
export async function* standardInput(): AsyncGenerator<Uint8Array> {
  try {
    yield* Deno.stdin.readable;
  } catch (error) {
    throw fileError(error, "read", "standard input");
  }
}

function report(error: unknown, { tool, command }: HelpSpec, t: Translate): void {
  const called = command === undefined ? `echo-${tool}` : `echo-${tool} ${commandName(command)}`;
  const help = error instanceof UsageError && !NOT_IN_HELP.has(error.code)
    ? ` ${t("error.see_help", { tool: called })}`
    : "";
  printError(`echo-${tool}: ${escapeText(explainError(error, t))}${help}`);
}

/** Mistakes in what was named or typed, not in how the tool was called. */
const NOT_IN_HELP: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "bad_password",
  "user_taken",
  "no_such_user",
  "no_such_host",
  "no_such_session",
  "bad_import",
]);

/** `--lang`, found before the command line is known to be right, so that its errors are told in that language, too. */
function askedLanguage(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((arg) => arg === "--lang" || arg.startsWith("--lang="));
  return at < 0 ? environment("ECHO_LANG") : argv[at]?.split("=")[1] ?? argv[at + 1];
}

function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}
