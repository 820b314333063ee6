// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench paired BEFORE [AFTER] [--rounds 20]`: whether `echo-client bench` without new options is slower than
 * before. Both are paths of an `echo-client`; AFTER is the compiled one unless given. They measure the same server in turn,
 * each pair of rounds gives a ratio, and so whatever else the machine does hits both. Processor time a frame is the
 * steadier figure on a busy machine.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { median } from "../support/auth.ts";
import { runProgram, startServer, toolPath } from "../support/tools.ts";

const ROUNDS = 20;

/** A round of one program. */
interface Round {
  /** Frames a second. */
  readonly rate: number;
  /** Processor time of the client a frame, in µs. */
  readonly cost: number;
}

/** What `--json` has of it. */
interface Result {
  readonly rate_per_s: number;
  readonly count: number;
  readonly elapsed_ms: number;
  readonly client_cpu: number;
}

const LOADS: Readonly<Record<string, readonly string[]>> = {
  "1 connection": ["-c", "1"],
  "16 connections, window 8": ["-c", "16", "-w", "8"],
};

async function main(args: readonly string[]): Promise<number> {
  const given = parseArgs([...args], { string: ["rounds"] });
  const [before, after = toolPath("echo-client")] = given._.map(String);
  if (before === undefined) throw new Error("Usage: deno task bench paired BEFORE [AFTER] [--rounds N]");
  const rounds = Number(given["rounds"] ?? ROUNDS);
  await using server = await startServer();
  console.log("| load | figure | before | after | after / before: median (quartiles; least to most) |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const [name, load] of Object.entries(LOADS)) {
    const measure = async (program: string): Promise<Round> =>
      await round(program, [...load, `127.0.0.1:${server.port}`]);
    for (const program of [before, after]) await measure(program);
    const pairs: [Round, Round][] = [];
    for (let number = 0; number < rounds; number++) {
      if (number % 2 === 0) pairs.push([await measure(before), await measure(after)]);
      else {
        const second = await measure(after);
        pairs.push([await measure(before), second]);
      }
    }
    console.log(rowText(name, "frames/s", pairs.map(([one, two]) => [one.rate, two.rate])));
    console.log(rowText(name, "processor time a frame, µs", pairs.map(([one, two]) => [one.cost, two.cost])));
  }
  console.log(`\n${rounds} pairs; load ${Deno.loadavg()[0]?.toFixed(1)}`);
  return 0;
}

async function round(program: string, load: readonly string[]): Promise<Round> {
  const args = ["bench", "--mode", "echo", "--json", "--no-floor", "-d", "2s", "--warmup", "500ms", ...load];
  const { code, stdout, stderr } = await runProgram(program, args);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
  const { rate_per_s, count, elapsed_ms, client_cpu }: Result = JSON.parse(stdout);
  return { rate: rate_per_s, cost: client_cpu * elapsed_ms * 1000 / Math.max(1, count) };
}

function rowText(load: string, figure: string, pairs: readonly (readonly [number, number])[]): string {
  const ratios = pairs.map(([before, after]) => after / before).toSorted((a, b) => a - b);
  const at = (share: number): string => (ratios[Math.round(share * (ratios.length - 1))] ?? NaN).toFixed(3);
  const [before, after] = [0, 1].map((side) => median(pairs.map((pair) => pair[side] ?? NaN)).toFixed(1));
  return `| ${load} | ${figure} | ${before} | ${after} | ${median(ratios).toFixed(3)} (${at(0.25)} to ${at(0.75)}; ` +
    `${at(0)} to ${at(1)}) |`;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
