/**
 * The help text and the version line, made from the option tables.
 *
 * @module
 */
import manifest from "../../deno.json" with { type: "json" };
import type { Translate } from "./messages.ts";
import type { MessageKey } from "./messages/en.ts";
import type { Option, OptionTable } from "./options.ts";

/** The two tools. */
export type Tool = "server" | "client";

/** A command line worth showing, with the key of what it does. */
export type Example = readonly [command: string, key: MessageKey];

/** What stands at the top of `echo-server --help`. */
export const SERVER_EXAMPLES: readonly Example[] = [
  ["echo-server", "example.server.ask"],
  ["echo-server --host 0.0.0.0 --port 7000 --strict-port", "example.server.plain"],
  ["echo-server --framing raw --no-input", "example.server.raw"],
  ["echo-server --host unix:/tmp/echo.sock", "example.server.unix"],
  ["echo-server --mode auth", "example.server.auth"],
];

/** What stands at the top of `echo-client --help`. */
export const CLIENT_EXAMPLES: readonly Example[] = [
  ["echo-client", "example.client.ask"],
  ["echo-client -m hello -m 'second message' 127.0.0.1:9090", "example.client.message"],
  ["seq 1000 | echo-client localhost:9090", "example.client.pipe"],
  ["echo-client --json -m hello", "example.client.json"],
  ["echo-client login", "example.client.login"],
];

/** The commands of `echo-client`. */
export const CLIENT_COMMAND_ROWS: readonly Example[] = [
  ["login [HOST[:PORT]]", "command.client.login"],
  ["whoami [HOST[:PORT]]", "command.client.whoami"],
  ["logout [HOST[:PORT]]", "command.client.logout"],
  ["bench [HOST[:PORT]]", "command.client.bench"],
  ["ping [HOST[:PORT]]", "command.client.ping"],
  ["compare A.json B.json", "command.client.compare"],
  ["check [HOST[:PORT]]", "command.client.check"],
  ["explain [HOST[:PORT]]", "command.client.explain"],
];

/** Commands with options, and therefore help, of their own; `server-check` is `echo-server check`. */
export type OwnCommand = "bench" | "ping" | "compare" | "explain" | "check" | "server-check";

/** How a command is called behind its tool's name. */
export function commandName(command: OwnCommand): string {
  return command.replace(/^server-/, "");
}

/** What a help text is made from. */
export interface HelpSpec {
  readonly tool: Tool;
  readonly options: OptionTable;
  readonly examples: readonly Example[];
  /** The command that the options belong to; none for the tool itself. */
  readonly command?: OwnCommand;
  /** Commands as they are written behind the tool's name, each with the key of what it does. */
  readonly commands?: readonly Example[];
}

/** Examples first, then every command, and every option with its default. */
export function helpText({ tool, command, options, examples, commands = [] }: HelpSpec, t: Translate): string {
  const of = command ?? tool;
  const exit = [`help.exit.${of}`, "help.exit.measure"].find(t.has) ?? "help.exit";
  const rows = Object.values(options).map((option) => [optionSyntax(option), optionText(of, option, t)] as const);
  const told = (lines: readonly Example[]): string[] => columns(lines.map(([line, key]) => [line, t(key)]));
  return [
    `echo-${tool} ${command === undefined ? "" : `${commandName(command)} `}${t(`help.${of}.about`)}`,
    "",
    `${t("help.examples")}:`,
    ...told(examples),
    "",
    `${t("help.usage")}: ${t(`help.${of}.usage`)}`,
    "",
    ...(commands.length === 0 ? [] : [`${t("help.commands")}:`, ...told(commands), ""]),
    `${t("help.options")}:`,
    ...columns(rows),
    "",
    t("help.units.size"),
    t("help.environment"),
    `${t("help.exit")}: ${t(exit)}`,
  ].join("\n");
}

/** `-p, --port N`. */
export function optionSyntax(option: Option<unknown>): string {
  const value = option.placeholder === undefined ? "" : ` ${option.placeholder}`;
  return `${option.short === undefined ? "    " : `-${option.short}, `}--${option.name}${value}`;
}

/** What an option does, with its default. What a command has no words for is its tool's. */
export function optionText(of: Tool | OwnCommand, option: Option<unknown>, t: Translate): string {
  const owners = [of, of.startsWith("server") ? "server" : "client"];
  const key = [...owners.map((owner) => `option.${owner}.${option.name}`), `option.${option.name}`].find(t.has);
  const notes = [
    ...(option.repeatable ? [t("help.repeatable")] : []),
    ...(option.fallback === undefined ? [] : [t("help.default", { value: option.fallback })]),
  ];
  return `${key === undefined ? "" : t(key)}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
}

/** `echo-server 1.2.3 (Deno 2.9.6, V8 15.0.245.2-rusty, x86_64-unknown-linux-gnu)`. */
export function versionLine(tool: Tool): string {
  const { deno, v8 } = Deno.version;
  return `echo-${tool} ${manifest.version} (Deno ${deno}, V8 ${v8}, ${Deno.build.target})`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left}${" ".repeat(width - left.length)}  ${right}`.trimEnd());
}
