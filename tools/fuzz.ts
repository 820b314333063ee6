// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task fuzz [--minutes N] [--seed S]`: generated input for the scanners, FramedConn, replies, SCRAM, dialogues and
 * PROXY headers, and three running servers, in turns, until the time is over. Prints cases and seed; a failure is shrunk, printed and ends it
 * with 1. What is found belongs into tests/vectors/.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { liveTargets } from "../tests/fuzz/live.ts";
import { TARGETS } from "../tests/fuzz/targets.ts";
import { startAuth } from "../tests/support/auth.ts";
import fc from "../tests/support/fast_check.ts";
import { startServer } from "../tests/support/tools.ts";

/** Cases of one turn: short enough that every target has many turns in a minute. */
const CASES = 200;

async function main(args: readonly string[]): Promise<number> {
  const given = parseArgs([...args], { string: ["minutes", "seed"] });
  const minutes = Number(given.minutes ?? 1);
  const first = Number(given.seed ?? Date.now() % 2 ** 31);
  if (!(minutes > 0) || !Number.isInteger(first)) {
    console.error("Usage: deno task fuzz [--minutes N] [--seed S]");
    return 64;
  }
  console.log(`fuzz: ${minutes} min, seed ${first}`);
  await using echo = await startServer();
  await using auth = await startAuth(["anna"]);
  await using proxied = await startServer({ args: ["--proxy-protocol", "127.0.0.1"] });
  const servers = [echo, auth, proxied];
  const targets = [...TARGETS, ...liveTargets({ echo, auth, proxied })];
  const cases = new Map(targets.map(({ name }) => [name, 0]));
  const end = performance.now() + minutes * 60_000;
  for (let seed = first; performance.now() < end; seed++) {
    for (const { name, property } of targets) {
      const result = await fc.check(property, { seed, numRuns: CASES });
      cases.set(name, (cases.get(name) ?? 0) + result.numRuns);
      if (!result.failed) continue;
      console.log(`FAIL ${name}\n${fc.defaultReportMessage(result)}`);
      return 1;
    }
  }
  const errors = servers.flatMap((server) => server.log().split("\n").filter((line) => / ERROR /.test(line)));
  const ends = await Promise.all(servers.map((server) => server.stop()));
  for (const [name, count] of cases) console.log(`${String(count).padStart(8)}  ${name}`);
  console.log(`fuzz: ${[...cases.values()].reduce((sum, count) => sum + count, 0)} cases, seed ${first}, none failed`);
  for (const line of errors) console.log(`FAIL the server's log: ${line}`);
  for (const { code, stderr } of ends) if (code !== 0 || stderr !== "") console.log(`FAIL exit ${code}: ${stderr}`);
  return errors.length === 0 && ends.every(({ code, stderr }) => code === 0 && stderr === "") ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
