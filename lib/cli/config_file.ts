/**
 * `--config FILE`: any option's value from a TOML file, by the option's name.
 *
 *     port = 7000
 *     host = ["127.0.0.1", "::1"]
 *     max-frame = "64KiB"
 *     strict-port = true
 *
 * @module
 */
import { parse, TomlError } from "smol-toml";
import { ConfigError, UsageError } from "../base/errors.ts";
import { readTrusted } from "../base/text_file.ts";
import { nearest, type Option, type OptionTable } from "./options.ts";

/** Values by option name, as a user would type them. */
type ConfigValues = ReadonlyMap<string, readonly string[]>;

/** Where in a file something stands; both count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Reads the file, and makes sure that every value can be used.
 *
 * @param options `anyOwner`: the user has named the file.
 * @throws {StorageError} `cannot_read`
 * @throws {ConfigError} `bad_config`, naming line and column; `bad_text`; `untrusted_file`.
 */
export function readConfigFile(
  path: string,
  { anyOwner, ...options }: ConfigOptions & { readonly anyOwner: boolean },
): ConfigValues {
  return parseConfig(readTrusted(path, { anyOwner }), path, options);
}

/** What a file may hold. */
interface ConfigOptions {
  readonly table: OptionTable;
  /** Options of the tool's other commands: the file may hold them, too. */
  readonly others?: readonly Option<unknown>[];
}

/**
 * The values in `text`, which came from `path`.
 *
 * @throws {ConfigError} `bad_config`
 *
 * @example
 * ```ts
 * import { parseConfig } from "./config_file.ts";
 * import { parsePort } from "./values.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const table = { port: { name: "port", placeholder: "N", parse: parsePort } };
 * assertEquals(parseConfig("port = 7000", "echo.toml", { table }).get("port"), ["7000"]);
 * assertThrows(() => parseConfig("\nport = 70000", "echo.toml", { table }), Error, "echo.toml:2:8");
 * ```
 */
export function parseConfig(
  text: string,
  path: string,
  { table, others = [] }: ConfigOptions,
): ConfigValues {
  const own = new Set(Object.values(table).map(({ name }) => name));
  // An option of this command comes last: where others have one of that name, this one's parser counts.
  const options = new Map([...others, ...Object.values(table)].map((option) => [option.name, option]));
  const values = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(parseToml(text, path))) {
    const option = options.get(name);
    if (NOT_IN_FILE.has(name)) {
      const reason = `${name} belongs on the command line`;
      throw bad(path, placeOf(text, name, "name"), { reason, problem: "not_in_file", name });
    }
    if (option === undefined) {
      const hint = nearest(name, [...options.keys()]);
      const reason = `there is no option ${name}${hint === undefined ? "" : `; did you mean ${hint}`}`;
      throw bad(path, placeOf(text, name, "name"), { reason, problem: "unknown_option", name, nearest: hint ?? "" });
    }
    if (own.has(name)) {
      values.set(name, texts(option, value, (reason) => bad(path, placeOf(text, name, "value"), reason)));
    }
  }
  return values;
}

/** What a file cannot ask for. */
const NOT_IN_FILE: ReadonlySet<string> = new Set(["config", "help", "version"]);

/**
 * What `text` says in TOML 1.0 (https://toml.io/en/v1.0.0); it came from `path`.
 *
 * @throws {ConfigError} `bad_config`, naming line and column.
 */
export function parseToml(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    throw bad(path, { line: error.line, column: error.column }, { reason });
  }
}

interface Fault {
  /** In English, for the message. */
  readonly reason: string;
  /** The value, where one is wrong. */
  readonly value?: string;
  /** Name of the explanation in the catalogues. */
  readonly problem?: string;
  readonly [detail: string]: string | undefined;
}

function texts(option: Option<unknown>, value: unknown, fault: (fault: Fault) => ConfigError): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  if (Array.isArray(value) && !option.repeatable) throw fault({ reason: `${option.name} takes one value` });
  return list.map((item: unknown) => {
    if (typeof item !== "string" && typeof item !== "number" && typeof item !== "boolean") {
      throw fault({ reason: `${option.name} takes text, a number, true or false` });
    }
    if (option.placeholder === undefined && typeof item !== "boolean") {
      throw fault({ reason: `${option.name} is a switch: true or false`, value: String(item) });
    }
    const text = String(item);
    try {
      option.parse(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { reason, choices } = error.details;
      throw fault({ reason: error.message, value: text, problem: String(reason), choices: String(choices ?? "") });
    }
    return option.placeholder === undefined && item === false ? "" : text;
  });
}

function bad(path: string, { line, column }: Place, fault: Fault): ConfigError {
  const details = Object.fromEntries(
    Object.entries(fault).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
  return new ConfigError("bad_config", `Cannot use ${path}:${line}:${column}: ${fault.reason}`, {
    details: { path, line, column, ...details },
  });
}

/** Where a top-level key, or its value, stands: the parser tells only where syntax is wrong. */
function placeOf(text: string, name: string, part: "name" | "value"): Place {
  const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const key = new RegExp(`^(\\s*\\[?)["']?${quoted}["']?(\\s*=\\s*)?`);
  const lines = text.split("\n");
  const at = lines.findIndex((line) => key.test(line));
  const [whole = "", indent = ""] = key.exec(lines[at] ?? "") ?? [];
  return { line: at + 1, column: (part === "name" ? indent.length : whole.length) + 1 };
}
