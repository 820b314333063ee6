/**
 * `echo-server check` as far as the command line goes; what it does is loaded when it runs.
 *
 * @module
 */
import type { Example } from "../../cli/help.ts";
import { firstWord } from "../../cli/options.ts";
import { SERVER_CHECK_OPTIONS } from "./options.ts";
import { SERVER_OPTIONS } from "../serve/options.ts";
import { runTool } from "../../cli/tool.ts";

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

/** Runs the command from its arguments to its exit code. */
export async function runServerCheck(argv: readonly string[]): Promise<number> {
  const { own, command } = splitCommand(argv);
  return await runTool(own, {
    ...{ tool: "server", command: "server-check", options: SERVER_CHECK_OPTIONS, examples: EXAMPLES },
    main: async (line, texts) => {
      const { serverCheck } = await import("./command.ts");
      return await serverCheck(line, { command, t: await texts() });
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
