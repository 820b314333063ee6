import { runTool } from "./lib/cli/tool.ts";
import { ADMIN_COMMANDS } from "./lib/commands/admin/mod.ts";
import { CHECK_CLIENT } from "./lib/commands/check_client/mod.ts";
import { SERVE } from "./lib/commands/serve/mod.ts";

/** What `echo-server` can do; the first is what it does without a command. */
export const SERVER = { tool: "echo-server", commands: [SERVE, ...ADMIN_COMMANDS, CHECK_CLIENT] } as const;

if (import.meta.main) Deno.exit(await runTool(Deno.args, SERVER));
