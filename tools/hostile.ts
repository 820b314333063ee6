// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task hostile HOST:PORT [--mode M] [--framing F] [--max-frame BYTES] [--pid N]`: tries the conformance suite of
 * hostile input on a running server. One line a case; the last one is `N passed, N failed, N skipped`.
 *
 * The server should count as local (127.0.0.1), or run with `--allow-insecure`: the suite registers users of its own.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { CASES } from "../tests/hostile/cases/table.ts";
import { runCases, summary, Target } from "../tests/support/hostile.ts";

async function main(args: readonly string[]): Promise<number> {
  const { _: places, mode = "echo", framing = "u32", pid, ...rest } = parseArgs([...args], {
    string: ["mode", "framing", "pid", "max-frame"],
  });
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(String(places[0] ?? "")) ?? [];
  if (host === undefined || (mode !== "echo" && mode !== "identify" && mode !== "auth")) {
    console.error(
      "Usage: deno task hostile HOST:PORT [--mode echo|identify|auth] [--framing F] [--max-frame BYTES] [--pid N]",
    );
    return 64;
  }
  await using target = await Target.at({
    ...{ host: host === "" ? "127.0.0.1" : host, port: Number(port), mode, framing: String(framing) },
    maxFrame: Number(rest["max-frame"] ?? 1024 * 1024),
    ...(pid === undefined ? {} : { pid: Number(pid) }),
  });
  const tally = await runCases(target, CASES, console.log);
  console.log(summary(tally));
  return tally.failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
