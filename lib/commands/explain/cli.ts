/**
 * `echo-client explain`, a tool of its own as far as the command line goes. What it runs is loaded when it runs.
 *
 * @module
 */
import { EXPLAIN_OPTIONS } from "./options.ts";
import type { Example } from "../../cli/help.ts";
import { runTool } from "../../cli/tool.ts";

/** What stands at the top of its help. */
const EXAMPLES: readonly Example[] = [
  ["echo-client explain 127.0.0.1:9090", "example.explain.plain"],
  ["echo-client explain --html wire.html 127.0.0.1:9090", "example.explain.html"],
  ["echo-client explain --framing auto --listen 0.0.0.0:7000 192.0.2.7:9090", "example.explain.framing"],
  ["echo-client explain --json --count 1 127.0.0.1:9090", "example.explain.json"],
];

/** Runs the command from its arguments to its exit code. */
export async function runExplainCommand(argv: readonly string[]): Promise<number> {
  return await runTool(argv, {
    ...{ tool: "client", command: "explain", options: EXPLAIN_OPTIONS, examples: EXAMPLES },
    main: async (line, texts) => {
      const { explain } = await import("./command.ts");
      return await explain(line, await texts());
    },
  });
}
