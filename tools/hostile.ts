// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task hostile HOST:PORT [--mode M] [--framing F] [--max-frame BYTES] [--pid N]`: tries the conformance suite of
 * hostile input on a running server. One line a case; the last one is `N passed, N failed, N skipped`.
 *
 * The server should count as local (127.0.0.1), or run with `--allow-insecure`: the suite registers users of its own.
 *
 * `deno task hostile --all [--family A,B] [--seed N] [--workers N] [--engine E]`: every family against the compiled tools,
 * which it starts itself. Prints what failed, and a table; `--list` prints the cases instead.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { CASES } from "../tests/hostile/cases/table.ts";
import { FAMILIES } from "../tests/hostile/families/mod.ts";
import { resultTable, runFamilies } from "../tests/hostile/suite.ts";
import { runCases, summary, Target } from "../tests/support/hostile.ts";

const USAGE =
  `Usage: deno task hostile HOST:PORT [--mode echo|identify|auth] [--framing F] [--max-frame BYTES] [--pid N]
       deno task hostile --all [--family NAME,…] [--seed N] [--workers N] [--engine E] [--list]`;

async function main(args: readonly string[]): Promise<number> {
  const { _: places, mode = "echo", framing = "u32", pid, all, list, ...rest } = parseArgs([...args], {
    string: ["mode", "framing", "pid", "max-frame", "family", "seed", "workers", "engine"],
    boolean: ["all", "list"],
  });
  if (all || list) return list ? listCases() : await runAll(rest);
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(String(places[0] ?? "")) ?? [];
  if (host === undefined || (mode !== "echo" && mode !== "identify" && mode !== "auth")) {
    console.error(USAGE);
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

interface AllOptions {
  readonly family?: unknown;
  readonly seed?: unknown;
  readonly workers?: unknown;
  readonly engine?: unknown;
}

async function runAll({ family, seed, workers, engine }: AllOptions): Promise<number> {
  const names = family === undefined ? undefined : String(family).split(",");
  const known = FAMILIES.map(({ name }) => name);
  const wrong = names?.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    console.error(`Unknown family "${wrong}": ${known.join(", ")}`);
    return 64;
  }
  const results = await runFamilies(FAMILIES.filter(({ name }) => names?.includes(name) ?? true), {
    seed: Number(seed ?? 1),
    serverArgs: [
      ...workers === undefined ? [] : ["--workers", String(workers)],
      ...engine === undefined ? [] : ["--engine", String(engine)],
    ],
    print: console.log,
  });
  console.log(resultTable(results));
  return results.every(({ failed }) => failed === 0) ? 0 : 1;
}

function listCases(): number {
  for (const { name, cases } of FAMILIES) for (const it of cases) console.log(`${name}: ${it.name}`);
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
