// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task soak --minutes N [--seed S] [--engine NAME]`: good, slow, resetting and hostile clients against the compiled server, in the
 * modes echo and auth at once. Fails with 1 on growth of memory or descriptors, on a lost or altered echo, on anything on
 * standard error, on an `error` line in the log. Closes with a table of figures.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { FRAME_TIMEOUT, soak, type SoakReport, USERS } from "../tests/soak/soak.ts";
import { startAuth } from "../tests/support/auth.ts";
import { type RunningServer, runTool, startServer } from "../tests/support/tools.ts";

/** Deadlines that the load reaches within a run of a minute. */
const ARGS = ["--frame-timeout", `${FRAME_TIMEOUT}ms`, "--write-timeout", "1s", "--log-level", "warn"];

async function main(args: readonly string[]): Promise<number> {
  const given = parseArgs([...args], { string: ["minutes", "seed", "engine"] });
  const minutes = Number(given.minutes ?? 1);
  const seed = Number(given.seed ?? 1);
  if (!(minutes > 0) || !Number.isInteger(seed)) {
    console.error("Usage: deno task soak [--minutes N] [--seed S] [--engine deno|io_uring]");
    return 64;
  }
  console.log(await machine(minutes, seed));
  const options = [...ARGS, ...given.engine === undefined ? [] : ["--engine", String(given.engine)]];
  await using echo = await startServer({ args: options });
  await using auth = await startAuth(USERS, { args: options });
  const reports = await Promise.all([
    soak({ server: echo, mode: "echo", seed, minutes }),
    soak({ server: auth, mode: "auth", seed: seed + 1, minutes }),
  ]);
  for (const row of table(reports)) console.log(row);
  const faults = [
    ...reports.flatMap(({ mode, faults }) => faults.map((fault) => `${mode}: ${fault}`)),
    ...await endOf("echo", echo),
    ...await endOf("auth", auth),
  ];
  for (const fault of faults) console.log(`FAIL ${fault}`);
  console.log(faults.length === 0 ? "soak: clean" : `soak: ${faults.length} faults`);
  return faults.length === 0 ? 0 : 1;
}

/** What the server left behind that it should not. */
async function endOf(mode: string, server: RunningServer): Promise<string[]> {
  const { code, stderr } = await server.stop();
  const errors = server.log().split("\n").filter((line) => / ERROR /.test(line)).slice(0, 10);
  return [
    ...code === 0 ? [] : [`${mode}: exit ${code}`],
    ...stderr === "" ? [] : [`${mode}: standard error: ${stderr.slice(0, 500)}`],
    ...errors.map((line) => `${mode}: ${line}`),
  ];
}

async function machine(minutes: number, seed: number): Promise<string> {
  const cpu = /model name\s*: (.*)/.exec(await Deno.readTextFile("/proc/cpuinfo").catch(() => ""))?.[1] ??
    "unknown CPU";
  const memory = (Deno.systemMemoryInfo().total / 2 ** 30).toFixed(0);
  const { stdout } = await runTool("echo-server", ["--version"]);
  const version = stdout.trim().replaceAll("\n", ", ");
  return [
    `${minutes} min, seed ${seed}`,
    `${navigator.hardwareConcurrency} × ${cpu}, ${memory} GiB, ${Deno.build.os} ${Deno.osRelease()}`,
    `${version}; clients on Deno ${Deno.version.deno}`,
  ].join("\n");
}

function table(reports: readonly SoakReport[]): string[] {
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const rows: readonly (readonly [string, (report: SoakReport) => string | number])[] = [
    ["mode", ({ mode }) => mode],
    ["connections", ({ connections }) => connections],
    ["of them hostile", ({ bad }) => bad],
    ["echoes, all right", ({ echoes }) => echoes],
    ["bytes echoed", ({ bytes }) => mib(bytes)],
    ["time an echo, p50", ({ p50 }) => `${p50.toFixed(2)} ms`],
    ["p99", ({ p99 }) => `${p99.toFixed(2)} ms`],
    ["memory before", ({ memory }) => mib(memory.before)],
    ["after warm-up", ({ memory }) => mib(memory.warm)],
    ["in the end", ({ memory }) => mib(memory.end)],
    ["at most", ({ memory }) => mib(memory.most)],
    ["descriptors before", ({ descriptors }) => descriptors.before],
    ["at most", ({ descriptors }) => descriptors.most],
    ["afterwards", ({ descriptors }) => descriptors.after],
  ];
  return rows.map(([label, value]) =>
    [label.padEnd(20), ...reports.map((report) => String(value(report)).padStart(14))].join("")
  );
}

if (import.meta.main) Deno.exit(await main(Deno.args));
