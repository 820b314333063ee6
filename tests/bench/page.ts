// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench page [--rounds 9] [--seconds 3] [--clients 1000]`: what `echo-server --page`, looked at, costs beside
 * echoing clients. The servers without and with the page take turns, and each round gives a ratio, so that whatever else the
 * machine does hits all alike. What the page does once a second, however many frames there are, stands apart: on a busy
 * machine few frames would seem to cost much.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { delay } from "../../lib/base/delay.ts";
import type { FramedConn } from "../../lib/framed_conn.ts";
import { cpuOf, median } from "../support/auth.ts";
import { freePort } from "../support/fake_server.ts";
import { dialFramed } from "../support/net.ts";
import { type RunningServer, runTool, startServer } from "../support/tools.ts";

/** What `--json` has of it. */
interface Result {
  readonly rate_per_s: number;
  readonly count: number;
}

/** What a round found: frames a second, processor time of the server a frame in µs, its memory in MiB. */
interface Round {
  readonly rate: number;
  readonly cost: number;
  readonly memory: number;
}

/** How long silent clients are looked at, in ms. */
const IDLE = 5000;

const KINDS: Readonly<Record<string, readonly string[] | undefined>> = {
  "without": undefined,
  "`--page`": [],
  "`--page --page-frames 20`": ["--page-frames", "20"],
};

/** A server, and a browser before its page. */
async function start(
  args: readonly string[] | undefined,
): Promise<{ server: RunningServer; looking: AbortController }> {
  const looking = new AbortController();
  const at = `127.0.0.1:${freePort()}`;
  const server = await startServer({ args: args === undefined ? [] : ["--page", at, ...args] });
  if (args !== undefined) {
    const { body } = await fetch(`http://${at}/events`, { signal: looking.signal });
    body?.pipeTo(new WritableStream()).catch(() => {/* it is ended below */});
  }
  return { server, looking };
}

/** Processor time a second in ms while the clients are connected and silent. */
async function idle({ port, pid }: RunningServer, clients: number): Promise<number> {
  const conns: FramedConn[] = [];
  for (let count = 0; count < clients; count++) conns.push(await dialFramed(port));
  const [before, from] = [cpuOf(pid), performance.now()];
  await delay(IDLE);
  const cost = (cpuOf(pid) - before) * 1000 / (performance.now() - from);
  for (const conn of conns) await conn[Symbol.asyncDispose]();
  return cost;
}

async function round({ port, pid }: RunningServer, load: readonly string[]): Promise<Round> {
  const before = cpuOf(pid);
  const { code, stdout, stderr } = await runTool("echo-client", [
    ...["bench", "--mode", "echo", "--json", "--no-floor", "--warmup", "500ms", ...load, `127.0.0.1:${port}`],
  ]);
  if (code !== 0) throw new Error(`the client ended with ${code}: ${stderr}`);
  const { rate_per_s, count }: Result = JSON.parse(stdout);
  const resident = /^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return { rate: rate_per_s, cost: (cpuOf(pid) - before) * 1000 / Math.max(1, count), memory: Number(resident) / 1024 };
}

async function main(argv: readonly string[]): Promise<void> {
  const given = parseArgs([...argv], { string: ["rounds", "seconds", "clients"] });
  const [rounds, seconds, clients] = [given["rounds"] ?? "9", given["seconds"] ?? "3", given["clients"] ?? "1000"].map(
    String,
  );
  const runs: { name: string; server: RunningServer; looking: AbortController; rounds: Round[] }[] = [];
  for (const [name, args] of Object.entries(KINDS)) runs.push({ name, ...await start(args), rounds: [] });
  const load = ["-c", `${clients}`, "-d", `${seconds}s`];
  for (const { server } of runs) await round(server, load);
  for (let number = 0; number < Number(rounds); number++) {
    for (const at of runs.keys()) {
      const run = runs[(at + number) % runs.length];
      run?.rounds.push(await round(run.server, load));
    }
  }
  console.log(
    "| server | frames/s | of without | CPU a frame, µs | of without (quartiles) | memory, MiB | silent: CPU a second, ms |",
  );
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  const [base] = runs;
  for (const { name, server, rounds: own } of runs) {
    const ratios = (figure: "rate" | "cost"): number[] =>
      own.map((found, at) => found[figure] / (base?.rounds[at]?.[figure] ?? NaN)).toSorted((a, b) => a - b);
    const [low, high] = [0.25, 0.75].map((share) => ratios("cost")[Math.round(share * (own.length - 1))]?.toFixed(3));
    const of = (figure: keyof Round): number => median(own.map((found) => found[figure]));
    console.log(
      `| ${name} | ${of("rate").toFixed(0)} | ${median(ratios("rate")).toFixed(3)} | ${of("cost").toFixed(2)} | ` +
        `${median(ratios("cost")).toFixed(3)} (${low} to ${high}) | ${of("memory").toFixed(0)} | ` +
        `${(await idle(server, Number(clients))).toFixed(1)} |`,
    );
  }
  console.log(`\n${rounds} rounds of ${seconds} s, ${clients} clients; load ${Deno.loadavg()[0]?.toFixed(1)}`);
  for (const { server, looking } of runs) {
    looking.abort();
    await server.stop();
  }
}

if (import.meta.main) await main(Deno.args);
