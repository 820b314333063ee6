/**
 * The options of `echo-server check`, and how it is reached.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import { COMMON_OPTIONS, durationText } from "./common_options.ts";
import type { Example } from "./help.ts";
import { firstWord } from "./options.ts";
import { SERVER_OPTIONS } from "./server_options.ts";
import { runTool } from "./tool.ts";
import { parseDuration, parseFraming, parseHost } from "./values.ts";

const { port, strictPort, json, config, debug, lang, help, version } = SERVER_OPTIONS;

/** A text, as it is. */
const asIs = (text: string): string => text;

/** Table of the command line, in the order of the help text. */
export const SERVER_CHECK_OPTIONS = {
  host: { name: "host", placeholder: "HOST", fallback: "127.0.0.1", parse: parseHost },
  port,
  strictPort,
  framing: { name: COMMON_OPTIONS.framing.name, placeholder: "F", parse: parseFraming },
  timeout: { name: "timeout", placeholder: "TIME", fallback: durationText(600_000), parse: parseDuration },
  wait: { name: "wait", placeholder: "TIME", parse: parseDuration },
  tasks: { name: "tasks", placeholder: "N,N", parse: parseTasks },
  answers: { name: "answer", placeholder: "LINE", repeatable: true, parse: asIs },
  exitWords: { name: "exit-word", placeholder: "LINE", repeatable: true, parse: asIs },
  greeting: { name: "greeting", placeholder: "TEXT", parse: asIs },
  json,
  junit: { name: "junit", placeholder: "FILE", parse: asIs },
  ...{ config, debug, lang, help, version },
} as const;

const EXAMPLES: readonly Example[] = [
  ["echo-server check -- python3 client.py", "example.server-check.command"],
  ["echo-server check --answer '{host}' --answer '{port}' -- python3 client.py", "example.server-check.asked"],
  ["echo-server check --greeting 'Hello!' -- ./client {host} {port}", "example.server-check.greeting"],
  ["echo-server check", "example.server-check.wait"],
  ["echo-server check --tasks 7,8 --json -- java Client", "example.server-check.tasks"],
];

/** Whether arguments of `echo-server` name this command. */
export function isServerCheck(argv: readonly string[]): boolean {
  return firstWord(splitCommand(argv).own, [SERVER_OPTIONS, SERVER_CHECK_OPTIONS]) === "check";
}

/** Runs the command from its arguments to its exit code; what it does is loaded then. */
export async function runServerCheck(argv: readonly string[]): Promise<number> {
  const { own, command } = splitCommand(argv);
  return await runTool(own, {
    ...{ tool: "server", command: "server-check", options: SERVER_CHECK_OPTIONS, examples: EXAMPLES },
    main: async (line, t) => {
      const { serverCheck } = await import("./server_check.ts");
      return await serverCheck(line, { command, t });
    },
  });
}

/** The arguments before the first `--`, and the words of the client's command line behind it. */
function splitCommand(
  argv: readonly string[],
): { readonly own: readonly string[]; readonly command: readonly string[] } {
  const at = argv.indexOf("--");
  return at < 0 ? { own: argv, command: [] } : { own: argv.slice(0, at), command: argv.slice(at + 1) };
}

/** `7`, `1,7,8`. */
function parseTasks(text: string): ReadonlySet<number> {
  if (/^\s*[1-8](?:\s*,\s*[1-8])*\s*$/.test(text)) return new Set(text.split(",").map(Number));
  throw new UsageError("bad_value", `Cannot use the value "${text}": it is no list of tasks`, {
    details: { value: text, reason: "tasks" },
  });
}
