// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench:peers [--rounds N] [--seconds S] [--peers NAME,…] [--print]`: our server beside a C server with epoll,
 * Node, Python, and Bun and socat where they are installed. The load is that of our own compiled client, which verifies
 * every echo, and, as several servers are faster than that, the one of tests/bench/peers/load.c, which does so too. All
 * cells of all peers take turns, round after round, so that whatever else the machine does hits all alike. Prints the
 * tables, and writes them into docs/performance.md.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { median } from "../../lib/commands/bench/statistics.ts";
import { memoryOf } from "../support/net.ts";
import { isInstalled, runProgram, runTool, tempDir } from "../support/tools.ts";
import { compileC, type Peer, peersHere, type RunningPeer } from "./peers/peers.ts";

/** What is measured in one place of the table. */
interface Cell {
  readonly name: string;
  /** For `echo-client bench`. */
  readonly args: readonly string[];
  /** For load.c: connections, window (0: a connection for each frame), bytes. */
  readonly load?: readonly [number, number, number];
  /** Needs a thousand connections at once. */
  readonly isMany?: boolean;
}

const CELLS: readonly Cell[] = [
  { name: "1 × 1 × 64 B", args: ["-c1", "-w1", "-s64B"], load: [1, 1, 64] },
  { name: "1 × 256 × 64 B", args: ["-c1", "-w256", "-s64B"], load: [1, 256, 64] },
  { name: "100 × 1 × 64 B", args: ["-c100", "-w1", "-s64B"], load: [100, 1, 64] },
  { name: "1,000 × 1 × 64 B", args: ["-c1000", "-w1", "-s64B"], load: [1000, 1, 64], isMany: true },
  { name: "4 × 16 × 64 KiB", args: ["-c4", "-w16", "-s64KiB"], load: [4, 16, 64 * 1024] },
  { name: "1 × 4 × 1 MiB", args: ["-c1", "-w4", "-s1MiB"], load: [1, 4, 1024 * 1024] },
  { name: "connect, 64 B, close", args: ["--connect", "-c4", "-s64B"], load: [4, 0, 64] },
];

const MANY = "1,000 × 1 × 64 B";

/** Silent connections whose memory is measured; and how many echo a frame of 1 MiB each. */
const IDLE = 10_000;
const ONCE_BUSY = 1000;

/** What one run of the client found. */
interface Found {
  readonly rate: number;
  readonly jain: number;
  /** The slowest connection's share of the mean. */
  readonly slowest: number;
  /** 99th percentile, in µs. */
  readonly p99: number;
}

/** All runs of one peer, by the name of the cell; memory in bytes. */
interface Runs {
  readonly peer: Peer;
  /** By our client. */
  readonly found: Map<string, Found[]>;
  /** By load.c. */
  readonly alone: Map<string, Found[]>;
  /** 99th percentile of a quiet client beside a flood, in µs. */
  readonly beside: number[];
  memory: { readonly empty: number; readonly each: number; readonly afterMiB: number } | undefined;
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
  const runs: Runs[] = peers.map((peer) => ({
    peer,
    found: new Map(),
    alone: new Map(),
    beside: [],
    memory: undefined,
  }));
  const load = await compiledLoad(scratch.path);
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
        // What a peer cannot do for our client it may manage for a while, and get stuck then (socat).
        const alone = load && cell.load &&
          await runLoad(load, server, [...cell.load, seconds]).catch((error) =>
            console.error(`${one.peer.name}: ${error}`)
          );
        if (alone) one.alone.set(cell.name, [...one.alone.get(cell.name) ?? [], alone]);
        console.error(
          `${round}/${rounds}  ${cell.name.padEnd(20)}  ${one.peer.name.padEnd(12)} ${grouped(found.rate)}/s  ${
            alone ? `${grouped(alone.rate)}/s` : ""
          }`,
        );
      }
    }
    for (const { peer, beside } of runs) {
      const server = servers.get(peer);
      if (load === undefined || server === undefined || !peer.isMany) continue;
      // The flood outlasts the quiet client, whose warm-up covers its beginning.
      const flood = runLoad(load, server, [4, 16, 64 * 1024, seconds + 0.5]);
      beside.push((await runLoad(load, server, [1, 1, 64, seconds])).p99);
      await flood;
    }
  }
  for (const one of runs) if (one.peer.isMany) one.memory = await memory(one.peer);
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
  const { rate_per_s: rate, fairness: { jain, slowest }, latency_us: { p99 } } = JSON.parse(stdout);
  return { rate, jain, slowest: slowest?.share ?? 1, p99 };
}

/** The load of load.c, where there is a compiler. */
async function compiledLoad(scratch: string): Promise<string | undefined> {
  return isInstalled("cc") ? await compileC("load.c", scratch) : undefined;
}

async function runLoad(load: string, { port }: RunningPeer, args: readonly number[]): Promise<Found> {
  const { code, stdout, stderr } = await runProgram(load, [port, ...args].map(String));
  if (code !== 0) throw new Error(`Cannot measure with load.c: ${stderr}`);
  return JSON.parse(stdout);
}

/** Memory of a new server, what each of many silent connections adds to it, and what stays after 1 MiB over each. */
async function memory(peer: Peer): Promise<Runs["memory"]> {
  await using idle = await peer.start();
  const empty = memoryOf(idle.pid, "VmRSS");
  const silent = await connectAll(idle, IDLE);
  // The last connection is answered: so all have been accepted.
  await echoOne(silent.at(-1), 0);
  const each = (memoryOf(idle.pid, "VmRSS") - empty) / IDLE;
  for (const conn of silent) conn.close();
  await using busy = await peer.start();
  const before = memoryOf(busy.pid, "VmRSS");
  const once = await connectAll(busy, ONCE_BUSY);
  for (let at = 0; at < once.length; at += 8) {
    await Promise.all(once.slice(at, at + 8).map((conn) => echoOne(conn, 1024 * 1024)));
  }
  const afterMiB = (memoryOf(busy.pid, "VmRSS") - before) / ONCE_BUSY;
  for (const conn of once) conn.close();
  return { empty, each, afterMiB };
}

async function connectAll({ port }: RunningPeer, count: number): Promise<Deno.TcpConn[]> {
  const conns: Deno.TcpConn[] = [];
  while (conns.length < count) {
    const some = Array.from({ length: 100 }, () => Deno.connect({ hostname: "127.0.0.1", port }));
    conns.push(...await Promise.all(some));
  }
  return conns;
}

/** Sends one frame and reads its echo. */
async function echoOne(conn: Deno.TcpConn | undefined, size: number): Promise<void> {
  const frame = new Uint8Array(4 + size);
  new DataView(frame.buffer).setUint32(0, size);
  const sent = (async () => {
    for (let at = 0; at < frame.length;) at += await conn?.write(frame.subarray(at)) ?? frame.length;
  })();
  const buffer = new Uint8Array(256 * 1024);
  for (let left = frame.length; left > 0;) left -= await conn?.read(buffer) ?? left;
  await sent;
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
  const base = runs[0]?.peer.name ?? "";
  const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
  return [
    `${await machine()}; ${new Date().toISOString().slice(0, 10)}.`,
    `Load before ${load(loadBefore)}, after ${load(Deno.loadavg())}. ${rounds} rounds of ${seconds} s after ${
      (seconds * 0.3).toFixed(1)
    } s of warm-up.`,
    "",
    ...versions,
    "",
    "Frames (or connections) a second by `echo-client bench`, medians; every echo was verified. Cells are connections ×",
    "window × payload:",
    "",
    ...rateTable(runs, ({ found }) => found),
    "",
    `By ${base}'s rate in the same round, medians (least to most):`,
    "",
    ...ratioTable(runs, ({ found }) => found),
    "",
    "The same with the load of `tests/bench/peers/load.c`, which is faster than our client, so that these are the servers:",
    "",
    ...rateTable(runs, ({ alone }) => alone),
    "",
    `By ${base}'s rate in the same round, medians (least to most):`,
    "",
    ...ratioTable(runs, ({ alone }) => alone),
    "",
    "Fairness and patience (by load.c), and memory:",
    "",
    ...table(["", ...runs.map(({ peer }) => peer.name)], [
      [
        "Jain's index, 1,000 × 1, least",
        ...runs.map(({ alone }) =>
          alone.get(MANY) === undefined ? "–" : least(alone.get(MANY) ?? [], "jain").toFixed(4)
        ),
      ],
      [
        "slowest of 1,000, share of the mean, least",
        ...runs.map(({ alone }) =>
          alone.get(MANY) === undefined ? "–" : least(alone.get(MANY) ?? [], "slowest").toFixed(2)
        ),
      ],
      [
        "p99, 1 × 1, µs",
        ...runs.map(({ alone }) => cellText(alone.get("1 × 1 × 64 B"), ({ p99 }) => p99, (v) => v.toFixed(0))),
      ],
      [
        "p99, 1 × 1, beside 4 × 16 × 64 KiB, µs",
        ...runs.map(({ beside }) => beside.length === 0 ? "–" : median(beside).toFixed(0)),
      ],
      ["empty, MiB", ...runs.map(({ memory }) => memory === undefined ? "–" : (memory.empty / 1024 ** 2).toFixed(1))],
      [
        `each of ${grouped(IDLE)} idle, KiB`,
        ...runs.map(({ memory }) => memory === undefined ? "–" : kib(memory.each)),
      ],
      [
        `each of ${grouped(ONCE_BUSY)} after 1 MiB, KiB`,
        ...runs.map(({ memory }) => memory === undefined ? "–" : kib(memory.afterMiB)),
      ],
    ]),
  ].join("\n");
}

type Of = (one: Runs) => ReadonlyMap<string, readonly Found[]>;

function rateTable(runs: readonly Runs[], of: Of): string[] {
  return table(
    ["", ...runs.map(({ peer }) => peer.name)],
    cellsOf(runs, of).map((cell) => [
      cell.name,
      ...runs.map((one) => cellText(of(one).get(cell.name), ({ rate }) => rate, grouped)),
    ]),
  );
}

function ratioTable([base, ...others]: readonly Runs[], of: Of): string[] {
  if (base === undefined) return [];
  return table(
    ["", ...others.map(({ peer }) => peer.name)],
    cellsOf([base], of).map((cell) => [
      cell.name,
      ...others.map((one) => ratioText(of(one).get(cell.name), of(base).get(cell.name))),
    ]),
  );
}

function cellsOf(runs: readonly Runs[], of: Of): readonly Cell[] {
  return CELLS.filter(({ name }) => runs.some((one) => of(one).has(name)));
}

function least(found: readonly Found[], key: keyof Found): number {
  return Math.min(...found.map((one) => one[key]));
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
