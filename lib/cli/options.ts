/**
 * Command lines as data: a table of options drives parsing, the help text, the README and the environment variables.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { UsageError } from "../base/errors.ts";
import type { ValueParser } from "./values.ts";

/** One option. Its description is `option.NAME` in the catalogues, or `option.TOOL.NAME` where the tools differ. */
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
  readonly parse: ValueParser<T>;
}

/** Options by the property their value gets. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

/** The value of an option: `undefined` where it was not given and has no default. */
type ValueOf<O> = O extends { repeatable: true; parse: ValueParser<infer T> } ? readonly T[]
  : O extends { fallback: string; parse: ValueParser<infer T> } ? T
  : O extends { placeholder: string; parse: ValueParser<infer T> } ? T | undefined
  : boolean;

/** Values of all options of a table. */
export type Values<Table extends OptionTable> = { readonly [Key in keyof Table]: ValueOf<Table[Key]> };

/** A parsed command line. */
export interface CommandLine<Table extends OptionTable> {
  readonly values: Values<Table>;
  readonly positionals: readonly string[];
  /** Whether the option came from the command line or the environment, not from its default. */
  given(key: keyof Table): boolean;
}

/** A switch, off by default. */
export function flag(name: string, short?: string): Option<boolean> {
  return { name, parse: (text) => text !== "" && text !== "0" && text !== "false", ...(short ? { short } : {}) };
}

/** The environment variable that gives an option its value: `--max-frame` is `ECHO_MAX_FRAME`. */
export function environmentName(option: Pick<Option<unknown>, "name">): string {
  return `ECHO_${option.name.replaceAll("-", "_").toUpperCase()}`;
}

/**
 * Parses arguments by a table: flag over environment over configuration file over default.
 *
 * @param argv What stands behind the tool's name, and its subcommand's.
 * @param environment Looks an environment variable up.
 * @param config Values by option name, as a configuration file gives them.
 * @throws {UsageError} `unknown_option` (with the nearest known one), `missing_value`, `bad_value`.
 *
 * @example
 * ```ts
 * import { parseCommandLine } from "./options.ts";
 * import { parsePort } from "./values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const table = { port: { name: "port", placeholder: "N", fallback: "9090", parse: parsePort } } as const;
 * const line = parseCommandLine(["--port", "8080", "x"], table, () => undefined);
 * assertEquals([line.values.port, line.positionals], [8080, ["x"]]);
 * ```
 */
export function parseCommandLine<Table extends OptionTable>(
  argv: readonly string[],
  table: Table,
  environment: (name: string) => string | undefined,
  config: ReadonlyMap<string, readonly string[]> = new Map(),
): CommandLine<Table> {
  const options = Object.entries(table);
  const takesValue = options.map(([, option]) => option).filter((option) => option.placeholder !== undefined);
  const known = options.map(([, option]) => option.name);
  const parsed = parseArgs(joinValues(argv, takesValue), {
    string: [...takesValue.map((option) => option.name), "_"],
    collect: takesValue.map((option) => option.name),
    boolean: options.map(([, option]) => option).filter((option) => !option.placeholder).map((option) => option.name),
    alias: Object.fromEntries(options.flatMap(([, { name, short }]) => short ? [[name, short]] : [])),
    unknown: (arg, key) => key === undefined ? true : unknownOption(arg, known),
  });
  const given = new Set<keyof Table>();
  const values = options.map(([key, option]) => {
    const texts = fromArguments(parsed[option.name]) ?? fromEnvironment(option, environment) ?? config.get(option.name);
    if (texts !== undefined) given.add(key);
    return [key, valueOf(option, texts)];
  });
  return {
    values: Object.fromEntries(values),
    positionals: parsed._.map(String),
    given: (key) => given.has(key),
  };
}

/**
 * The first argument that is neither an option nor an option's value: where it names a command, that command's own table
 * is the one to parse with.
 *
 * @param tables All that may apply; an option takes a value in all of them or in none.
 *
 * @example
 * ```ts
 * import { firstWord, flag } from "./options.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const table = { host: { name: "host", placeholder: "HOST", parse: String }, json: flag("json") };
 * assertEquals(firstWord(["--json", "--host", "bench", "ping", "x"], [table]), "ping");
 * ```
 */
export function firstWord(argv: readonly string[], tables: readonly OptionTable[]): string | undefined {
  const takesValue = tables.flatMap((table) => Object.values(table)).filter((option) => option.placeholder);
  try {
    return joinValues(argv, takesValue).find((arg) => !arg.startsWith("-"));
  } catch {
    // A value is missing at the end: the command that is named before it says so.
    return firstWord(argv.slice(0, -1), tables);
  }
}

/** The known word nearest to a mistyped one, when it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closestString(word, known);
  return levenshteinDistance(word, candidate) * 2 <= candidate.length ? candidate : undefined;
}

/** Writes each value behind its option as `--name=value`, so that one may start with a hyphen (`--port -1`, `-m -x`). */
function joinValues(argv: readonly string[], options: readonly Option<unknown>[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const arg = argv[at] ?? "";
    if (arg === "--") return [...joined, ...argv.slice(at)];
    const option = options.find(({ name, short }) =>
      arg === `--${name}` || (short !== undefined && arg.startsWith(`-${short}`) && !arg.startsWith("--"))
    );
    if (option === undefined) {
      joined.push(arg);
      continue;
    }
    const attached = arg.startsWith("--") ? "" : arg.slice(2).replace(/^=/, "");
    const value = attached !== "" ? attached : argv[++at];
    if (value === undefined) {
      throw new UsageError("missing_value", `Cannot use --${option.name}: it needs a value`, {
        details: { option: `--${option.name}`, placeholder: option.placeholder ?? "" },
      });
    }
    joined.push(`--${option.name}=${value}`);
  }
  return joined;
}

function unknownOption(arg: string, known: readonly string[]): never {
  const name = arg.replace(/=.*$/s, "");
  const candidate = nearest(name.replace(/^-+/, ""), known);
  throw new UsageError("unknown_option", `Cannot use ${name}: there is no such option`, {
    details: { option: name, ...(candidate ? { nearest: `--${candidate}` } : {}) },
  });
}

function fromArguments(value: unknown): readonly string[] | undefined {
  if (value === true) return ["true"];
  return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
}

function fromEnvironment(
  option: Option<unknown>,
  environment: (name: string) => string | undefined,
): readonly string[] | undefined {
  const text = environment(environmentName(option));
  if (text === undefined || text === "") return undefined;
  return option.repeatable ? text.split(",") : [text];
}

function valueOf(option: Option<unknown>, texts: readonly string[] | undefined): unknown {
  const parse = (text: string): unknown => {
    try {
      return option.parse(text);
    } catch (error) {
      throw error instanceof UsageError
        ? new UsageError(error.code, `${error.message} for --${option.name}`, {
          details: { ...error.details, option: `--${option.name}` },
          cause: error,
        })
        : error;
    }
  };
  if (option.repeatable) return (texts ?? (option.fallback === undefined ? [] : [option.fallback])).map(parse);
  const text = texts?.at(-1) ?? option.fallback;
  if (text !== undefined) return parse(text);
  return option.placeholder === undefined ? false : undefined;
}
