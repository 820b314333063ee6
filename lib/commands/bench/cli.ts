/**
 * `echo-client bench`, `ping` and `compare`: each a tool of its own as far as the command line goes. What they run is
 * loaded when they run.
 *
 * @module
 */
import { BENCH_OPTIONS, COMPARE_OPTIONS, type MeasureCommand, PING_OPTIONS } from "./options.ts";
import type { Example } from "../../cli/help.ts";
import { runTool } from "../../cli/tool.ts";

const BENCH_EXAMPLES: readonly Example[] = [
  ["echo-client bench 127.0.0.1:9090", "example.bench.closed"],
  ["echo-client bench -c 4 -w 256 127.0.0.1:9090", "example.bench.pipelined"],
  ["echo-client bench -c 50 --rate 5000 --fail-if 'p99>5ms' 127.0.0.1:9090", "example.bench.open"],
  ["echo-client bench --connect -c 4 127.0.0.1:9090", "example.bench.connect"],
  ["echo-client bench --login --user anna --password-file FILE 127.0.0.1:9090", "example.bench.login"],
  ["echo-client bench --json 127.0.0.1:9090 >> A.json", "example.bench.json"],
];

const PING_EXAMPLES: readonly Example[] = [
  ["echo-client ping 127.0.0.1:9090", "example.ping.plain"],
  ["echo-client ping --count 20 --interval 100ms 127.0.0.1:9090", "example.ping.count"],
];

const COMPARE_EXAMPLES: readonly Example[] = [["echo-client compare A.json B.json", "example.compare.two"]];

/** Runs a command from its arguments to its exit code. */
export async function runMeasureCommand(command: MeasureCommand, argv: readonly string[]): Promise<number> {
  switch (command) {
    case "bench":
      return await runTool(argv, {
        ...{ tool: "client", command, options: BENCH_OPTIONS, examples: BENCH_EXAMPLES },
        main: async (line, texts) => {
          const { bench } = await import("./command.ts");
          return await bench(line, await texts());
        },
      });
    case "ping":
      return await runTool(argv, {
        ...{ tool: "client", command, options: PING_OPTIONS, examples: PING_EXAMPLES },
        main: async (line, texts) => {
          const { ping } = await import("./ping_command.ts");
          return await ping(line, await texts());
        },
      });
    case "compare":
      return await runTool(argv, {
        ...{ tool: "client", command, options: COMPARE_OPTIONS, examples: COMPARE_EXAMPLES },
        main: async (line, texts) => {
          const { compare } = await import("./compare_command.ts");
          return await compare(line, await texts());
        },
      });
  }
}
