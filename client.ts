import { runTool } from "./lib/cli/tool.ts";
import { BENCH, COMPARE, PING } from "./lib/commands/bench/mod.ts";
import { CHECK_SERVER, RELAY_CHILD } from "./lib/commands/check_server/mod.ts";
import { CONVERSE, LOGIN, LOGOUT, WHOAMI } from "./lib/commands/converse/mod.ts";
import { EXPLAIN } from "./lib/commands/explain/mod.ts";
import { PROBE } from "./lib/commands/probe/mod.ts";
import { REPLAY } from "./lib/commands/replay/mod.ts";
import { WAIT } from "./lib/commands/wait/mod.ts";

/** What `echo-client` can do; the first is what it does without a command. */
export const CLIENT = {
  tool: "echo-client",
  commands: [
    CONVERSE,
    LOGIN,
    WHOAMI,
    LOGOUT,
    BENCH,
    PING,
    COMPARE,
    CHECK_SERVER,
    EXPLAIN,
    REPLAY,
    PROBE,
    WAIT,
    RELAY_CHILD,
  ],
} as const;

if (import.meta.main) Deno.exit(await runTool(Deno.args, CLIENT));
