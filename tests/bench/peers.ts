// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench:peers [--rounds N] [--seconds S] [--peers NAME,…] [--print]`: our server with both engines beside a C
 * server with epoll, Node, Bun and Python with uvloop; what is not installed is left out. The load is that of
 * tests/bench/peers/load.c, which verifies every byte, and reads the server's processor time. All cells of all peers take
 * turns, round after round, so that whatever else the machine does hits all alike. Prints the tables, and writes them into
 * docs/performance.md.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { delay } from "../../lib/base/delay.ts";
import { median } from "../../lib/commands/bench/statistics.ts";
import { memoryOf } from "../support/net.ts";
import { hasRing } from "../support/ring.ts";
import { isInstalled, runProgram, runTool, tempDir } from "../support/tools.ts";
import { compileC, type Peer, peersHere, type RunningPeer } from "./peers/peers.ts";

/** What is measured in one place of the table: connections, window (0: a connection for each frame), bytes. */
interface Cell {
  readonly name: string;
  readonly load: readonly [number, number, number];
}

const HUNDRED: Cell = { name: "100 × 1 × 64 B", load: [100, 1, 64] };
const THOUSAND: Cell = { name: "1,000 × 1 × 64 B", load: [1000, 1, 64] };

const CELLS: readonly Cell[] = [
  { name: "1 × 1 × 64 B", load: [1, 1, 64] },
  { name: "1 × 256 × 64 B", load: [1, 256, 64] },
  HUNDRED,
  THOUSAND,
  { name: "4 × 16 × 64 KiB", load: [4, 16, 64 * 1024] },
  { name: "1 × 4 × 1 MiB", load: [1, 4, 1024 * 1024] },
  { name: "connect, 64 B, close", load: [4, 0, 64] },
];

/** Those that a second thread may help. */
const SHARED_OUT: readonly Cell[] = [HUNDRED, THOUSAND];

/** A quiet client, beside the flood of another. */
const BESIDE: Cell = { name: "1 × 1 × 64 B beside 4 × 16 × 64 KiB", load: [1, 1, 64] };

/** Options of `echo-client bench`, whose rate is compared with that of load.c. */
const CLIENTS: readonly (readonly string[])[] = hasRing ? [[], ["--engine", "io_uring"]] : [[]];

/** How long all are silent before memory is read, in ms: who is idle may give some back. */
const SILENCE = 8000;

/** Silent connections whose memory is measured; how many of them become busy for a moment, and with how much. */
const IDLE = 15_000;
const ONCE_BUSY = 2000;
const BUSY_BYTES = 64 * 1024;

/** What one run of load.c found. */
interface Found {
  /** Frames, or connections, a second. */
  readonly rate: number;
  readonly jain: number;
  /** The slowest connection's share of the mean. */
  readonly slowest: number;
  /** 99th percentile, in µs. */
  readonly p99: number;
  /** The server's processor time a frame, in µs. */
  readonly processor: number;
}

/** All runs of one peer, by the name of the cell, one a round; memory in bytes. */
interface Runs {
  readonly peer: Peer;
  readonly found: Map<string, (Found | undefined)[]>;
  memory: { readonly empty: number; readonly each: number; readonly onceBusy: number } | undefined;
}

async function main(args: readonly string[]): Promise<number> {
  const { rounds: givenRounds, seconds: givenSeconds, peers: wanted, print } = parseArgs([...args], {
    string: ["rounds", "seconds", "peers"],
    boolean: ["print"],
  });
  const [rounds, seconds] = [Number(givenRounds ?? 5), Number(givenSeconds ?? 1)];
  if (!(rounds >= 1) || !(seconds > 0)) {
    console.error("Usage: deno task bench:peers [--rounds N] [--seconds S] [--peers C,echo-server,Node] [--print]");
    return 64;
  }
  if (!isInstalled("cc")) {
    console.error("Cannot measure without a C compiler (cc): the load is written in C");
    return 69;
  }
  using scratch = tempDir();
  const names = typeof wanted === "string" ? wanted.toLowerCase().split(",") : undefined;
  const found = await peersHere(scratch.path, (missing) => console.error(`Left out, as it is not here: ${missing}`));
  const peers = found.filter(({ name }) => names?.includes(name.toLowerCase()) ?? true);
  const runs = peers.map((peer): Runs => ({ peer, found: new Map(), memory: undefined }));
  const load = await compileC("load.c", scratch.path);
  const clients = new Map(CLIENTS.map((args) => [args.join(" "), [] as number[]]));
  const loadBefore = Deno.loadavg();
  {
    // All of them run all the time: one that waits costs nothing, and none is measured while its code is still compiled.
    await using running = new AsyncDisposableStack();
    const servers = new Map<Peer, RunningPeer>();
    for (const peer of peers) servers.set(peer, running.use(await peer.start()));
    for (let round = 1; round <= rounds; round++) {
      for (const cell of [...CELLS, BESIDE]) {
        // Each round begins with another one: none is always the first after a pause.
        for (let at = 0; at < runs.length; at++) {
          const one = runs[(at + round) % runs.length];
          const server = one && servers.get(one.peer);
          if (one === undefined || server === undefined) continue;
          if (one.peer.isSharedOut && !SHARED_OUT.includes(cell)) continue;
          const result = await (cell === BESIDE ? beside(load, server, seconds) : runLoad(load, server, {
            cell,
            seconds,
          })).catch((error) => void console.error(`${one.peer.name}, ${cell.name}: ${error}`));
          one.found.set(cell.name, [...one.found.get(cell.name) ?? [], result]);
          console.error(
            `${round}/${rounds}  ${cell.name.padEnd(20)}  ${one.peer.name.padEnd(22)} ${grouped(result?.rate ?? 0)}/s`,
          );
        }
      }
      const [first] = runs;
      const server = first && servers.get(first.peer);
      if (server !== undefined) {
        for (const args of CLIENTS) {
          const by = first?.found.get(THOUSAND.name)?.at(-1)?.rate;
          const rate = await clientRate(server, { args, seconds }).catch((error) => void console.error(String(error)));
          if (by !== undefined && rate !== undefined) clients.get(args.join(" "))?.push(rate / by);
        }
      }
    }
  }
  for (const one of runs) {
    if (one.peer.isSharedOut) continue;
    console.error(`memory  ${one.peer.name}`);
    one.memory = await memory(one.peer).catch((error) => void console.error(`${one.peer.name}, memory: ${error}`));
  }
  const report = await reportOf(runs, { rounds, seconds, loadBefore, clients });
  console.log(report);
  if (print !== true) await writeReport(report);
  return 0;
}

async function runLoad(
  load: string,
  { port, pid }: RunningPeer,
  { cell, seconds }: { readonly cell: Cell; readonly seconds: number },
): Promise<Found> {
  const { code, stdout, stderr } = await runProgram(load, [port, ...cell.load, seconds, pid].map(String));
  if (code !== 0) throw new Error(`Cannot measure with load.c: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

/** What our own client reaches with a thousand connections. */
async function clientRate(
  { port }: RunningPeer,
  { args, seconds }: { readonly args: readonly string[]; readonly seconds: number },
): Promise<number> {
  const times = ["--duration", `${Math.round(seconds * 1000)}ms`, "--warmup", "300ms"];
  const all = ["bench", ...args, "-c1000", "-w1", "-s64B", "--mode", "echo", "--json", "--no-floor", ...times];
  const { code, stdout, stderr } = await runTool("echo-client", [...all, `127.0.0.1:${port}`]);
  if (code !== 0) throw new Error(`Cannot measure with echo-client: exit code ${code}, ${stderr.trim()}`);
  return JSON.parse(stdout).rate_per_s;
}

/** The flood outlasts the quiet client, whose warm-up covers its beginning. */
async function beside(load: string, server: RunningPeer, seconds: number): Promise<Found> {
  const flood = runLoad(load, server, { cell: { name: "", load: [4, 16, 64 * 1024] }, seconds: seconds + 0.5 });
  const [quiet] = await Promise.all([runLoad(load, server, { cell: BESIDE, seconds }), flood]);
  return quiet;
}

/** Memory of a new server, what each of many silent connections adds to it, and what one adds that was busy once. */
async function memory(peer: Peer): Promise<Runs["memory"]> {
  await using server = await peer.start();
  // Whatever is made for the first connection belongs to the process.
  const first = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await echoOne(first, 64);
  const empty = memoryOf(server.pid, "VmRSS");
  const conns = await connectAll(server, IDLE);
  try {
    // The last connection is answered: so all have been accepted.
    await echoOne(conns.at(-1), 64);
    await delay(SILENCE);
    const each = (memoryOf(server.pid, "VmRSS") - empty) / IDLE;
    const busy = conns.slice(0, ONCE_BUSY);
    for (let at = 0; at < busy.length; at += 16) {
      await Promise.all(busy.slice(at, at + 16).map((conn) => echoOne(conn, BUSY_BYTES)));
    }
    await delay(SILENCE);
    const more = (memoryOf(server.pid, "VmRSS") - empty) / IDLE - each;
    return { empty, each, onceBusy: each + more * IDLE / ONCE_BUSY };
  } finally {
    for (const conn of [first, ...conns]) conn.close();
  }
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
  const buffer = new Uint8Array(Math.min(frame.length, 256 * 1024));
  for (let left = frame.length; left > 0;) left -= await conn?.read(buffer) ?? left;
  await sent;
}

/** How the runs were made. */
interface Circumstances {
  readonly rounds: number;
  readonly seconds: number;
  readonly loadBefore: readonly number[];
  /** Rates of our client by those of load.c in the same round, by its options. */
  readonly clients: ReadonlyMap<string, readonly number[]>;
}

async function reportOf(
  all: readonly Runs[],
  { rounds, seconds, loadBefore, clients }: Circumstances,
): Promise<string> {
  const load = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(" ");
  const versions = await Promise.all(
    all.map(async ({ peer }) => `- ${peer.name}: ${peer.about}; ${await versionOf(peer)}`),
  );
  const runs = all.filter(({ peer }) => !peer.isSharedOut);
  const base = runs[0]?.peer.name ?? "";
  const least = (cell: Cell, key: "jain" | "slowest", digits: number): string[] =>
    runs.map((one) => {
      const found = foundIn(one, cell);
      return found.length === 0 ? "–" : Math.min(...found.map((run) => run[key])).toFixed(digits);
    });
  const memories = (key: keyof NonNullable<Runs["memory"]>, unit: number): string[] =>
    runs.map(({ memory }) => memory === undefined ? "–" : (memory[key] / unit).toFixed(1));
  const lines = [
    `${await machine()}; ${new Date().toISOString().slice(0, 10)}.`,
    `Load before ${load(loadBefore)}, after ${load(Deno.loadavg())}. ${rounds} rounds of ${seconds} s.`,
    "",
    ...versions,
    "",
    "Frames (or connections) a second, medians. Cells are connections × window × payload:",
    "",
    ...cellTable(runs, CELLS, (one, cell) => cellText(one, cell, { key: "rate", text: grouped })),
    "",
    `By ${base}'s rate in the same round, medians (least to most):`,
    "",
    ...cellTable(runs.slice(1), CELLS, (one, cell) => ratioText(one, runs[0], { cell, key: "rate" })),
    "",
    "The server's processor time a frame (or connection) in µs, medians:",
    "",
    ...cellTable(runs, CELLS, (one, cell) => cellText(one, cell, { key: "processor", text: precise })),
    "",
    `The same, by ${base}'s in the same round, medians (least to most):`,
    "",
    ...cellTable(runs.slice(1), CELLS, (one, cell) => ratioText(one, runs[0], { cell, key: "processor" })),
    "",
    "Fairness, patience and memory:",
    "",
    ...table(["", ...runs.map(({ peer }) => peer.name)], [
      ["Jain's index, 1,000 × 1, least", ...least(THOUSAND, "jain", 4)],
      ["slowest of 1,000, share of the mean, least", ...least(THOUSAND, "slowest", 2)],
      [
        "p99, 1 × 1, µs",
        ...runs.map((one) => cellText(one, CELLS[0] ?? BESIDE, { key: "p99", text: grouped })),
      ],
      [
        "p99, 1 × 1, beside 4 × 16 × 64 KiB, µs",
        ...runs.map((one) => cellText(one, BESIDE, { key: "p99", text: grouped })),
      ],
      ["after one connection, MiB", ...memories("empty", 1024 ** 2)],
      [`each of ${grouped(IDLE)} idle, KiB`, ...memories("each", 1024)],
      [`each of ${grouped(ONCE_BUSY)} after 64 KiB, idle again, KiB`, ...memories("onceBusy", 1024)],
    ]),
  ];
  const threads = all.flatMap((one) => {
    const alone = runs.find(({ peer }) => one.peer.isSharedOut && one.peer.name.startsWith(`${peer.name}, `));
    return alone === undefined ? [] : [{ one, alone }];
  });
  lines.push(
    "",
    `\`echo-client bench\` as the load of ${base}, ${THOUSAND.name}, by the rate of load.c, medians (least to most):`,
    "",
    ...table(["", "rate"], Array.from(clients, ([args, ratios]) => [`bench ${args}`.trim(), spread(ratios)])),
  );
  if (threads.length === 0) return lines.join("\n");
  return [
    ...lines,
    "",
    "Two threads (`--workers 2`) by one, in rate, medians (least to most); the load takes a part of the same processors:",
    "",
    ...table(
      ["", ...threads.map(({ alone }) => alone.peer.name)],
      SHARED_OUT.map((cell) => [
        cell.name,
        ...threads.map(({ one, alone }) => ratioText(one, alone, { cell, key: "rate" })),
      ]),
    ),
  ].join("\n");
}

function cellTable(
  runs: readonly Runs[],
  cells: readonly Cell[],
  text: (one: Runs, cell: Cell) => string,
): string[] {
  return table(
    ["", ...runs.map(({ peer }) => peer.name)],
    cells.map((cell) => [cell.name, ...runs.map((one) => text(one, cell))]),
  );
}

function foundIn(one: Runs, cell: Cell): Found[] {
  return (one.found.get(cell.name) ?? []).filter((found) => found !== undefined);
}

/** The median of one figure. */
function cellText(
  one: Runs,
  cell: Cell,
  { key, text }: { readonly key: keyof Found; readonly text: (value: number) => string },
): string {
  const found = foundIn(one, cell);
  return found.length === 0 ? "–" : text(median(found.map((run) => run[key])));
}

/** Ratios of runs of the same round: what slows the machine down slows both. */
function ratioText(
  one: Runs,
  base: Runs | undefined,
  { cell, key }: { readonly cell: Cell; readonly key: "rate" | "processor" },
): string {
  const bases = base?.found.get(cell.name) ?? [];
  const ratios = (one.found.get(cell.name) ?? []).map((found, round) =>
    (found?.[key] ?? NaN) / (bases[round]?.[key] ?? NaN)
  )
    .filter(Number.isFinite);
  return spread(ratios);
}

/** The median, the least and the most. */
function spread(ratios: readonly number[]): string {
  if (ratios.length === 0) return "–";
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
  return `${stdout}\n${stderr}`.split("\n").find((text) => /\d+\.\d+/.test(text))?.trim() ?? "";
}

async function machine(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /model name\s*: (.*)/.exec(info)?.[1] ?? Deno.build.arch;
  return `${navigator.hardwareConcurrency} × ${model}, ${Deno.build.os} ${Deno.osRelease()}`;
}

function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Three digits. */
function precise(value: number): string {
  return value >= 100 ? grouped(value) : value.toFixed(value >= 10 ? 1 : 2);
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
