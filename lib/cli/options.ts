/**
 * Options as data: a table of them drives parsing, help, completions, man pages and the environment variables.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { UsageError } from "../base/errors.ts";
import { parseChoice, parseSwitch, type ValueParser } from "./values.ts";

/** One option. Its description is `option.COMMAND.NAME` in the catalogues, or else `option.NAME`. */
export interface Option<T> {
  readonly name: string;
  /** One-letter form. */
  readonly short?: string;
  /** What stands for the value in help; without it the option is a switch. */
  readonly placeholder?: string;
  /** May be given several times; an environment variable holds them separated by commas. */
  readonly repeatable?: boolean;
  /** The default as a user would type it; parsed like any value. */
  readonly fallback?: string;
  /** The values it takes, where they can be listed: for completions. */
  readonly choices?: readonly string[];
  readonly parse: ValueParser<T>;
}

/** Options by the property their value gets. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** The value of an option: `undefined` where it was not given and has no default. */
type ValueOf<O> = O extends { repeatable: true; parse: ValueParser<infer T> } ? readonly T[]
  : O extends { fallback: string; parse: ValueParser<infer T> } ? T
  : O extends { placeholder: string; parse: ValueParser<infer T> } ? T | undefined
  : boolean;

export type Values<Table extends OptionTable> = { readonly [Key in keyof Table]: ValueOf<Table[Key]> };

/** A parsed command line. */
export interface CommandLine<Table extends OptionTable> {
  readonly values: Values<Table>;
  readonly positionals: readonly string[];
  /** Environment variables that were passed over: what they hold is another program's (`tcp://…`). */
  readonly passedOver: readonly string[];
  /** Where the option's value came from; `undefined`: it is the default. */
  source(key: keyof Table): "argument" | "environment" | "file" | undefined;
}

/** Where values come from that the command line does not give. */
export interface Sources {
  /** Looks an environment variable up. */
  readonly environment: (name: string) => string | undefined;
  /** The environment variable of an option. */
  readonly variableOf?: (option: Option<unknown>) => string;
  /** Values by option name, as a configuration file gives them. */
  readonly config?: ReadonlyMap<string, readonly string[]>;
}

/** A switch, off by default. */
export function flag(name: string, short?: string): Option<boolean> {
  return { name, parse: parseSwitch, ...(short ? { short } : {}) };
}

/** An option that takes one of some words. */
export function choice<const T extends string>(
  name: string,
  choices: readonly T[],
): Option<T> & { readonly placeholder: string } {
  return { name, placeholder: choices.join("|"), choices, parse: parseChoice(choices) };
}

/** The environment variable of an option: `--max-frame` is `ECHO_MAX_FRAME`; one that only `bench` has, `ECHO_BENCH_…`. */
export function environmentName(option: Pick<Option<unknown>, "name">, command = ""): string {
  return `ECHO_${command === "" ? "" : `${command}_`}${option.name}`.replace(/[ -]/g, "_").toUpperCase();
}

/**
 * Parses arguments by a table: flag over environment over configuration file over default.
 *
 * @param argv What stands behind the tool's name, and its command's.
 * @throws {UsageError} `unknown_option` (with the nearest known one), `missing_value`, `bad_value`.
 *
 * @example
 * ```ts
 * import { parseCommandLine } from "./options.ts";
 * import { parsePort } from "./values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const table = { port: { name: "port", placeholder: "N", fallback: "9090", parse: parsePort } } as const;
 * const line = parseCommandLine(["--port", "8080", "x"], table, { environment: () => undefined });
 * assertEquals([line.values.port, line.positionals], [8080, ["x"]]);
 * ```
 */
export function parseCommandLine<Table extends OptionTable>(
  argv: readonly string[],
  table: Table,
  { environment, variableOf = environmentName, config = new Map() }: Sources,
): CommandLine<Table> {
  const options = Object.entries(table);
  const { given, positionals } = readArguments(argv, options.map(([, option]) => option));
  const sources = new Map<keyof Table, "argument" | "environment" | "file">();
  const passedOver: string[] = [];
  const values = options.map(([key, option]) => {
    const variable = variableOf(option);
    const outside = fromEnvironment(option, environment(variable));
    if (outside === "foreign") passedOver.push(variable);
    const found = [
      { source: "argument" as const, texts: given.get(option.name) },
      { source: "environment" as const, texts: outside === "foreign" ? undefined : outside },
      { source: "file" as const, texts: config.get(option.name) },
    ].find(({ texts }) => texts !== undefined);
    if (found !== undefined) sources.set(key, found.source);
    return [key, valueOf(option, found?.texts, found?.source === "environment" ? variable : `--${option.name}`)];
  });
  return {
    values: Object.fromEntries(values),
    positionals,
    passedOver,
    source: (key) => sources.get(key),
  };
}

/** What arguments say: the values of options by name, `true` for a switch, and the operands. */
function readArguments(
  argv: readonly string[],
  options: readonly Option<unknown>[],
): { readonly given: ReadonlyMap<string, readonly string[]>; readonly positionals: readonly string[] } {
  const takesValue = options.filter(({ placeholder }) => placeholder !== undefined);
  const given = new Map<string, readonly string[]>();
  const [said, operands]: [string[], string[]] = [[], []];
  for (const { text, kind } of tokensOf(argv, takesValue)) {
    if (kind === "operand") operands.push(text);
    if (kind !== "option") continue;
    const [word = "", value = "true"] = text.split(/=(.*)/s, 2);
    const option = options.find(({ name, short }) => word === `--${name}` || word === `-${short}`);
    if (option === undefined) throw unknownOption(text, options.map(({ name }) => name));
    // What a switch is said to be is read below, as in a file, and not taken for yes.
    if (option.placeholder === undefined) given.set(option.name, [value]);
    else said.push(text);
  }
  const names = takesValue.map(({ name }) => name);
  const parsed = parseArgs([...said, "--", ...operands], { string: [...names, "_"], collect: names });
  for (const name of names) {
    const texts = parsed[name];
    if (Array.isArray(texts) && texts.length > 0) given.set(name, texts.map(String));
  }
  return { given, positionals: parsed._.map(String) };
}

/** A part of a command line. */
export interface Token {
  /** An option with its value: `--name=value`. */
  readonly text: string;
  /** Where it begins in the arguments. */
  readonly at: number;
  readonly kind: "option" | "operand" | "separator";
}

/**
 * Writes each value behind its option as `--name=value`, so that one may start with a hyphen (`--port -1`, `-m -x`).
 *
 * @param takesValue The options that have a value.
 * @throws {UsageError} `missing_value`
 *
 * @example
 * ```ts
 * import { tokensOf } from "./options.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const host = { name: "host", short: "H", placeholder: "HOST", parse: String };
 * const tokens = Array.from(tokensOf(["--json", "-H", "bench", "ping"], [host]), ({ text }) => text);
 * assertEquals(tokens, ["--json", "--host=bench", "ping"]);
 * assertEquals(Array.from(tokensOf(["-qH", "bench"], [host]), ({ text }) => text), ["-q", "--host=bench"]);
 * ```
 */
export function* tokensOf(argv: readonly string[], takesValue: readonly Option<unknown>[]): Generator<Token> {
  for (let at = 0; at < argv.length; at++) {
    const arg = argv[at] ?? "";
    if (arg === "--") {
      yield { text: arg, at, kind: "separator" };
      for (at++; at < argv.length; at++) yield { text: argv[at] ?? "", at, kind: "operand" };
      return;
    }
    if (!arg.startsWith("-") || arg === "-") {
      yield { text: arg, at, kind: "operand" };
      continue;
    }
    const { switches, last, attached } = partsOf(arg, takesValue);
    for (const text of switches) yield { text, at, kind: "option" };
    if (last === undefined) continue;
    const value = attached !== "" ? attached : argv[at + 1];
    if (value === undefined) {
      throw new UsageError("missing_value", `Cannot use --${last.name}: it needs a value`, {
        details: { option: `--${last.name}`, placeholder: last.placeholder ?? "" },
      });
    }
    yield { text: `--${last.name}=${value}`, at, kind: "option" };
    if (attached === "") at++;
  }
}

/** Options in one argument: switches, then perhaps one with a value, attached or in the next argument. */
interface Parts {
  readonly switches: readonly string[];
  readonly last: Option<unknown> | undefined;
  readonly attached: string;
}

/** `--name`, `--name=value`; `-q`, `-qm`, `-qmhi`, `-m=hi`. */
function partsOf(arg: string, takesValue: readonly Option<unknown>[]): Parts {
  if (arg.startsWith("--")) {
    const last = takesValue.find(({ name }) => arg === `--${name}`);
    return { switches: last === undefined ? [arg] : [], last, attached: "" };
  }
  const switches: string[] = [];
  const letters = Array.from(arg.slice(1));
  for (const [at, letter] of letters.entries()) {
    const last = takesValue.find(({ short }) => short === letter);
    const rest = letters.slice(at + 1).join("");
    if (last !== undefined) return { switches, last, attached: rest.replace(/^=/, "") };
    const hasValue = rest.startsWith("=");
    switches.push(`-${letter}${hasValue ? rest : ""}`);
    if (hasValue) break;
  }
  return { switches, last: undefined, attached: "" };
}

/** Moves arguments that begin with a hyphen and still are operands behind a `--`. */
export function protectOperands(argv: readonly string[], isOperand: (arg: string) => boolean): readonly string[] {
  const operands = argv.filter(isOperand);
  if (operands.length === 0 || argv.includes("--")) return argv;
  return [...argv.filter((arg) => !isOperand(arg)), "--", ...operands];
}

/** The known word nearest to a mistyped one, when it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const begun = known.filter((name) => word.length > 1 && name.startsWith(word));
  if (begun.length === 1) return begun[0];
  const candidate = closestString(word, known);
  return levenshteinDistance(word, candidate) * 2 <= candidate.length ? candidate : undefined;
}

function unknownOption(arg: string, known: readonly string[]): UsageError {
  const name = arg.replace(/=.*$/s, "");
  const candidate = nearest(name.replace(/^-+/, ""), known);
  return new UsageError("unknown_option", `Cannot use ${name}: there is no such option`, {
    details: { option: name, ...(candidate ? { nearest: `--${candidate}` } : {}) },
  });
}

/** The values that a variable holds. A URL in place of a host or port is Kubernetes' word for a Service of that name. */
function fromEnvironment(option: Option<unknown>, text = ""): readonly string[] | "foreign" | undefined {
  if (text === "") return undefined;
  if (/^(host|port)$/.test(option.name) && text.includes("://")) return "foreign";
  return option.repeatable ? text.split(",") : [text];
}

/**
 * Parses a value that the user knows by a name: an option, a variable, an operand.
 *
 * @throws {UsageError} `bad_value`, with `details.option`.
 */
export function parseNamed<T>(name: string, text: string, parse: ValueParser<T>): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const details = { ...error.details, option: name };
    throw new UsageError(error.code, `${error.message} for ${name}`, { details, cause: error });
  }
}

function valueOf(option: Option<unknown>, texts: readonly string[] | undefined, name: string): unknown {
  const parse = (text: string): unknown => parseNamed(name, text, option.parse);
  if (option.repeatable) return (texts ?? (option.fallback === undefined ? [] : [option.fallback])).map(parse);
  const text = texts?.at(-1) ?? option.fallback;
  if (text !== undefined) return parse(text);
  return option.placeholder === undefined ? false : undefined;
}
