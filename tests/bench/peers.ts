// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench:peers [--rounds N] [--seconds S] [--peers NAME,…] [--print]`: our server beside a C server with epoll,
 * Node, Python, and Bun and socat where they are installed. The load is that of our own compiled client, which verifies
 * every echo. All cells of all peers take turns, round after round, so that whatever else the machine does hits all
 * alike. Prints the tables, and writes them into docs/performance.md.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { median } from "../../lib/client/bench/statistics.ts";
import { memoryOf } from "../support/net.ts";
import { runProgram, runTool, tempDir } from "../support/tools.ts";
import { type Peer, peersHere, type RunningPeer } from "./peers/peers.ts";

/** What is measured in one place of the table. */
interface Cell {
  readonly name: string;
  readonly args: readonly string[];
  /** Needs a thousand connections at once. */
  readonly isMany?: boolean;
}

const CELLS: readonly Cell[] = [
  { name: "1 × 1 × 64 B", args: ["-c1", "-w1", "-s64B"] },
  { name: "1 × 256 × 64 B", args: ["-c1", "-w256", "-s64B"] },
  { name: "100 × 1 × 64 B", args: ["-c100", "-w1", "-s64B"] },
  { name: "1,000 × 1 × 64 B", args: ["-c1000", "-w1", "-s64B"], isMany: true },
  { name: "4 × 16 × 64 KiB", args: ["-c4", "-w16", "-s64KiB"] },
  { name: "1 × 4 × 1 MiB", args: ["-c1", "-w4", "-s1MiB"] },
  { name: "connect, 64 B, close", args: ["--connect", "-c4", "-s64B"] },
];

/** Connections whose memory is measured. */
const IDLE = 1000;

/** What one run of the client found. */
interface Found {
  readonly rate: number;
  readonly jain: number;
  /** 99th percentile, in µs. */
  readonly p99: number;
}

/** All runs of one peer, by the name of the cell; memory in bytes. */
interface Runs {
  readonly peer: Peer;
  readonly found: Map<string, Found[]>;
  memory: { readonly empty: number; readonly each: number } | undefined;
}

async function main(args: readonly string[]): Promise<number> {
  const { rounds: givenRounds, seconds: givenSeconds, peers: wanted, print } = parseArgs(args, {
    string: ["rounds", "seconds", "peers"],
    boolean: ["print"],
  });
  const [rounds, seconds] = [Number(givenRounds ?? 5), Number(givenSeconds ?? 1)];
  if (!(rounds >= 1) || !(seconds > 0)) {
    console.error("Usage: deno task bench:peers [--rounds N] [--seconds S] [--peers C,echo-server,Node] [--print]");
    return 64;
  }
  using scratch = tempDir();
  const names = typeof wanted === "string" ? wanted.toLowerCase().split(",") : undefined;
  const peers = (await peersHere(scratch.path)).filter(({ name }) => names?.includes(name.toLowerCase()) ?? true);
  const runs: Runs[] = peers.map((peer) => ({ peer, found: new Map(), memory: undefined }));
  // All of them run all the time: one that waits costs nothing, and none is measured while its code is still compiled.
  await using running = new AsyncDisposableStack();
  const servers = new Map<Peer, RunningPeer>();
  for (const peer of peers) servers.set(peer, running.use(await peer.start()));
  const loadBefore = Deno.loadavg();
  for (let round = 1; round <= rounds; round++) {
    for (const cell of CELLS) {
      // Each round begins with another one: none is always the first after a pause.
      for (let at = 0; at < runs.length; at++) {
        const one = runs[(at + round) % runs.length];
        const server = one && servers.get(one.peer);
        if (one === undefined || server === undefined || (cell.isMany && !one.peer.isMany)) continue;
        const found = await measure(server, cell, seconds);
        if (found === undefined) {
          console.error(`${round}/${rounds}  ${cell.name.padEnd(20)}  ${one.peer.name.padEnd(12)} failed`);
          continue;
        }
        one.found.set(cell.name, [...one.found.get(cell.name) ?? [], found]);
        console.error(
          `${round}/${rounds}  ${cell.name.padEnd(20)}  ${one.peer.name.padEnd(12)} ${grouped(found.rate)}/s`,
        );
      }
    }
  }
  for (const one of runs) if (one.peer.isMany) one.memory = await idleMemory(one.peer);
  const report = await reportOf(runs, { rounds, seconds, loadBefore });
  console.log(report);
  if (print !== true) await writeReport(report);
  return 0;
}

/** `undefined` where the peer cannot do it: socat stops at more than its pipe holds. */
async function measure({ port }: RunningPeer, { name, args }: Cell, seconds: number): Promise<Found | undefined> {
  const times = ["--duration", `${Math.round(seconds * 1000)}ms`, "--warmup", `${Math.round(seconds * 300)}ms`];
  const all = [
    "bench",
    "--json",
    "--no-floor",
    "--mode",
    "echo",
    "--timeout",
    "3s",
    ...times,
    ...args,
    `127.0.0.1:${port}`,
  ];
  const { code, stdout, stderr } = await runTool("echo-client", all);
  if (code === 75 || code === 69) return undefined;
  if (code !== 0) throw new Error(`Cannot measure ${name}: exit code ${code}, ${stderr}`);
  const { rate_per_s: rate, fairness: { jain }, latency_us: { p99 } } = JSON.parse(stdout);
  return { rate, jain, p99 };
}

/** Memory of a new server, and what each of a thousand silent connections adds to it. */
async function idleMemory(peer: Peer): Promise<Runs["memory"]> {
  await using server = await peer.start();
  const empty = memoryOf(server.pid, "VmRSS");
  const conns = await Promise.all(
    Array.from({ length: IDLE }, () => Deno.connect({ hostname: "127.0.0.1", port: server.port })),
  );
  // The last connection is answered: so all have been accepted.
  const last = conns.at(-1);
  await last?.write(Uint8Array.of(0, 0, 0, 0));
  await last?.read(new Uint8Array(4));
  const full = memoryOf(server.pid, "VmRSS");
  for (const conn of conns) conn.close();
  return { empty, each: (full - empty) / IDLE };
}

/** How the runs were made. */
interface Circumstances {
  readonly rounds: number;
  readonly seconds: number;
  readonly loadBefore: readonly number[];
}

async function reportOf(runs: readonly Runs[], { rounds, seconds, loadBefore }: Circumstances): Promise<string> {
  const load = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(" ");
  const versions = await Promise.all(
    runs.map(async ({ peer }) => `- ${peer.name}: ${peer.about}; ${await versionOf(peer)}`),
  );
  const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
  return [
    `${await machine()}; ${new Date().toISOString().slice(0, 10)}.`,
    `Load before ${load(loadBefore)}, after ${load(Deno.loadavg())}. ${rounds} rounds of ${seconds} s after ${
      (seconds * 0.3).toFixed(1)
    } s of warm-up.`,
    "",
    ...versions,
    "",
    "Frames (or connections) a second, medians; every echo was verified. Cells are connections × window × payload:",
    "",
    ...table(
      ["", ...runs.map(({ peer }) => peer.name)],
      CELLS.map((cell) => [
        cell.name,
        ...runs.map(({ found }) => cellText(found.get(cell.name), ({ rate }) => rate, grouped)),
      ]),
    ),
    "",
    `By ${runs[0]?.peer.name ?? ""}'s rate in the same round, medians (least to most):`,
    "",
    ...table(
      ["", ...runs.slice(1).map(({ peer }) => peer.name)],
      CELLS.map((cell) => [
        cell.name,
        ...runs.slice(1).map(({ found }) => ratioText(found.get(cell.name), runs[0]?.found.get(cell.name))),
      ]),
    ),
    "",
    "Fairness among 1,000 connections (Jain's index), the longest time all but one in a hundred echoes took with one",
    "connection, and memory:",
    "",
    ...table(["", ...runs.map(({ peer }) => peer.name)], [
      [
        "Jain, 1,000 × 1",
        ...runs.map(({ found }) => cellText(found.get("1,000 × 1 × 64 B"), ({ jain }) => jain, (v) => v.toFixed(4))),
      ],
      [
        "p99, 1 × 1, µs",
        ...runs.map(({ found }) => cellText(found.get("1 × 1 × 64 B"), ({ p99 }) => p99, (v) => v.toFixed(0))),
      ],
      ["empty, MiB", ...runs.map(({ memory }) => memory === undefined ? "–" : (memory.empty / 1024 ** 2).toFixed(1))],
      [
        `each of ${grouped(IDLE)} idle, KiB`,
        ...runs.map(({ memory }) => memory === undefined ? "–" : kib(memory.each)),
      ],
    ]),
  ].join("\n");
}

function cellText(
  found: readonly Found[] | undefined,
  of: (one: Found) => number,
  text: (value: number) => string,
): string {
  return found === undefined ? "–" : text(median(found.map(of)));
}

/** Ratios of runs of the same round: what slows the machine down slows both. */
function ratioText(found: readonly Found[] | undefined, base: readonly Found[] | undefined): string {
  if (found === undefined || base === undefined) return "–";
  const ratios = found.map(({ rate }, round) => rate / (base[round]?.rate ?? NaN));
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)];
}

async function versionOf({ version: [program = "", ...args] }: Peer): Promise<string> {
  const { stdout, stderr } = await runProgram(program, args);
  const line = `${stdout}\n${stderr}`.split("\n").find((text) => /\d+\.\d+/.test(text)) ?? "";
  return line.replace(/^socat by.*?socat version/, "socat").trim();
}

async function machine(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /model name\s*: (.*)/.exec(info)?.[1] ?? Deno.build.arch;
  return `${navigator.hardwareConcurrency} × ${model}, ${Deno.build.os} ${Deno.osRelease()}`;
}

function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Puts the tables between the markers; what people have written around them stays. */
async function writeReport(report: string): Promise<void> {
  const path = fromFileUrl(new URL("../../docs/performance.md", import.meta.url));
  const before = await Deno.readTextFile(path);
  const markers = /(<!-- measured -->\n)[^]*?(<!-- end -->)/;
  if (!markers.test(before)) throw new Error(`Cannot write ${path}: its markers are gone`);
  const block = `<!-- deno-fmt-ignore-start -->\n\n${report}\n\n<!-- deno-fmt-ignore-end -->\n`;
  await Deno.writeTextFile(path, before.replace(markers, (_, start: string, end: string) => `${start}${block}${end}`));
  console.error("docs/performance.md: tables written");
}

if (import.meta.main) Deno.exit(await main(Deno.args));
