/**
 * `echo-client check`, as far as the command line goes. What it runs is loaded when it runs.
 *
 * @module
 */
import { RELAY } from "./relay.ts";
import { CHECK_OPTIONS } from "./options.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { Example } from "../../cli/help.ts";
import { runTool } from "../../cli/tool.ts";

export { isCheck } from "./options.ts";

const EXAMPLES: readonly Example[] = [
  ["echo-client check 127.0.0.1:9090", "example.check.plain"],
  ["echo-client check --command 'python3 server.py'", "example.check.command"],
  ["echo-client check --framing dec:10 --tasks 7,8 :9090", "example.check.tasks"],
  ["echo-client check --json --junit report.xml :9090", "example.check.junit"],
];

/** Runs the command from its arguments to its exit code. */
export async function runCheck(argv: readonly string[]): Promise<number> {
  const [, word, host = "", port] = argv;
  if (argv.length === 4 && word === RELAY) {
    const { relay } = await import("./relay_child.ts");
    await relay(host, Number(port));
    return EXIT.ok;
  }
  return await runTool(argv, {
    ...{ tool: "client", command: "check", options: CHECK_OPTIONS, examples: EXAMPLES },
    main: async (line, texts) => {
      const { check } = await import("./command.ts");
      return await check(line, await texts());
    },
  });
}
