/**
 * What a benchmark found as a record: what `--json` prints, `compare` reads, and the reports for people are made from.
 * Latencies are µs, times ms, sizes bytes, rates a second; every name ends with its unit.
 *
 * @module
 */
import type { CurvePoint, Latencies, LatencySummary } from "./latencies.ts";
import { type DatagramFigures, inMicroseconds } from "./datagram_figures.ts";
import { isWarmup, type Sample } from "./timeline.ts";
import { type Account, type Phase, PHASES, type RunResult } from "./run.ts";
import { type BenchMode, type BenchSettings, ENDLESS } from "./settings.ts";
import type { TcpInfo } from "../connection/tcp_info.ts";
import { type Fairness, fairnessOf } from "./statistics.ts";
import { type Checked, checkThreshold, type Threshold } from "./thresholds.ts";

/** What a run found, with what happened in each part of it. */
export interface Measured extends RunResult {
  readonly samples: readonly Sample[];
}

/** How a benchmark was set. */
export interface SettingsRecord {
  readonly target: string;
  readonly framing: string;
  readonly mode: BenchMode;
  readonly connections: number;
  /** Frames on their way on each connection. */
  readonly window: number;
  readonly size_bytes: number;
  /** What frames carry, where it is not printable noise. */
  readonly payload?: "random" | "zeros" | "file";
  /** `null`: a number of frames ends the run. */
  readonly duration_ms: number | null;
  readonly warmup_ms: number;
  /** Frames, or cycles, asked for. */
  readonly count?: number;
  /** Open loop: the rate asked for, of all connections together. */
  readonly rate_per_s?: number;
  /** Open loop: at the end of the measurement, where that is another one than at its beginning. */
  readonly rate_at_end_per_s?: number;
  /** Threads of the client. */
  readonly threads: number;
  /** What carried the client's connections, where it was not Deno. */
  readonly engine?: "io_uring";
}

/** The client against an echo of its own. */
export interface Floor {
  /** A second. */
  readonly rate: number | null;
  readonly latencies: Latencies;
}

/** Who kept the rate from being higher, as far as can be told. */
type Limit = "client" | "floor" | "rate" | "server";

/** What happened in a part of the run. */
export interface SampleRecord {
  /** Its end, from the start of the measurement: negative while warming up. */
  readonly at_ms: number;
  readonly count: number;
  readonly rate_per_s: number;
  readonly errors: number;
  readonly p50_us: number | null;
  readonly p99_us: number | null;
}

/** What became of datagrams (`--udp`). */
interface DatagramRecord extends Omit<DatagramFigures, "jitter"> {
  /** Interarrival jitter of the round trips (RFC 3550, section 6.4.1). */
  readonly jitter_us: number | null;
}

/** How long a part of connections took. */
interface PhaseRecord extends LatencySummary {
  readonly histogram_us: readonly (readonly [from: number, to: number, count: number])[];
}

/** What the kernel knew of the connections at the end: medians, and sums of what can be added up. */
export interface TcpRecord {
  readonly connections: number;
  /** Smoothed, and the smallest of each connection. */
  readonly rtt_us: number | null;
  readonly min_rtt_us: number | null;
  readonly retransmissions: number;
  /** Congestion window, in segments, and what a segment holds. */
  readonly cwnd: number | null;
  readonly mss_bytes: number | null;
}

/** A finished benchmark. What was not measured is `null`. */
export interface BenchResult extends Partial<DatagramRecord> {
  readonly version: string;
  readonly started: string;
  readonly settings: SettingsRecord;
  /** Whether it was ended before its time. */
  readonly interrupted?: true;
  /** Whether no connection was left before the time was over, or all frames were there. */
  readonly ended_early?: true;
  readonly elapsed_ms: number;
  /** Verified echoes, or whole cycles, in the measured time. */
  readonly count: number;
  readonly rate_per_s: number | null;
  /** Payload bytes a second, each way. */
  readonly bytes_per_s: number | null;
  readonly latency_us: LatencySummary;
  /** Open loop: from when a frame was sent, not when it was due. */
  readonly from_sent_us?: LatencySummary;
  /** Open loop: how late the client sent frames that there was room for. */
  readonly client_late_us?: LatencySummary;
  /** Parts of a cycle that connects. */
  readonly phases_us?: Readonly<Partial<Record<Phase, PhaseRecord>>>;
  /** Frames due in the measured time: due = sent + unsent, sent = answered + lost + pending. */
  readonly due: number;
  readonly sent: number;
  readonly unsent: number;
  readonly answered: number;
  readonly lost: number;
  readonly pending: number;
  readonly errors: number;
  readonly fairness: Fairness;
  /** CPU time of the client per time; 1 is one core. */
  readonly client_cpu: number | null;
  /** Cores and system of the machine that the client ran on. */
  readonly client_cores: number;
  readonly client_system: string;
  /** Of a rate that changes: what it was when the echoes first fell behind, or at the end where they did not. */
  readonly kept_up_to_per_s?: number | null;
  readonly limited_by: Limit | null;
  readonly tcp_info?: TcpRecord;
  readonly floor?: {
    readonly rate_per_s: number | null;
    readonly latency_us: LatencySummary;
    readonly percentiles_us: readonly CurvePoint[];
  };
  readonly thresholds: readonly Checked[];
  /** What it comes to, in the language of the user. */
  readonly verdict?: string;
  /** What happened when. */
  readonly samples: readonly SampleRecord[];
  /** How the latencies are distributed, for pictures: by percentile, and in bars. */
  readonly percentiles_us: readonly CurvePoint[];
  readonly from_sent_percentiles_us?: readonly CurvePoint[];
  readonly histogram_us: readonly (readonly [from: number, to: number, count: number])[];
}

/** A client whose threads are busier than this has nothing left to give. */
const BUSY = 0.9;

/** Above this share of the floor, a faster server would make little difference. */
const NEAR_FLOOR = 0.9;

/** An open loop that kept this share of its rate kept it. */
const KEPT = 0.99;

/** A run that is shorter than asked for by no more than this, in ms, had its time. */
const ROUNDING = 1;

/** Bars of a histogram. */
const BARS = 32;

/** What surrounds a run in its record. */
export interface ResultContext {
  readonly version: string;
  /** RFC 3339. */
  readonly started: string;
  readonly target: string;
  readonly settings: BenchSettings;
  readonly isInterrupted: boolean;
  readonly floor: Floor | undefined;
  readonly thresholds: readonly Threshold[];
}

/** Verified echoes, or whole cycles, a second; `null` where there was no time. */
export function rateIn({ frames, elapsed }: Pick<RunResult, "frames" | "elapsed">): number | null {
  return elapsed === 0 ? null : perSecond(sum(frames), elapsed);
}

function perSecond(count: number, elapsed: number): number {
  return elapsed === 0 ? 0 : count / elapsed * 1000;
}

/** Whether a run that nobody interrupted ended before its time, as all of its connections had failed. */
function endsEarly(
  { failures, frames, elapsed }: RunResult,
  { mode, count, duration, connections }: BenchSettings,
): boolean {
  if (failures.length === 0) return false;
  if (count === undefined) return elapsed < duration - ROUNDING;
  // Cycles go on after a failure, and it is one of those that were asked for.
  if (mode === "connect" || mode === "login") return false;
  return sum(frames) < count && new Set(failures.map(({ connection }) => connection)).size === connections;
}

/** The record of a run. */
export function resultOf(run: Measured, context: ResultContext): BenchResult {
  const { version, started, target, settings, isInterrupted, floor, thresholds } = context;
  const { latencies, fromSent, lateness, phases } = run;
  const rate = rateIn(run);
  const errors = run.failures.length;
  const isEndedEarly = !isInterrupted && endsEarly(run, settings);
  const clues = { errors, lost: perSecond(run.lost + run.pending, run.elapsed), late: lateness?.percentile(99) ?? 0 };
  const datagrams = run.datagrams === undefined ? {} : datagramsRecord(run.datagrams);
  const { jitter_us: jitter = null, ...counts }: Partial<DatagramRecord> = datagrams;
  const numbers = { errors, rate, ...accountOf(run), ...counts, jitter };
  return {
    ...{ version, started, settings: settingsRecord(settings, target) },
    ...isInterrupted ? { interrupted: true } : {},
    ...isEndedEarly ? { ended_early: true } : {},
    elapsed_ms: round(run.elapsed, 1),
    count: sum(run.frames),
    rate_per_s: rate === null ? null : round(rate, 1),
    bytes_per_s: rate === null || settings.mode === "login" ? null : Math.round(rate * settings.size),
    latency_us: latencies.summary(),
    ...fromSent === undefined ? {} : { from_sent_us: fromSent.summary() },
    ...lateness === undefined ? {} : { client_late_us: lateness.summary() },
    ...phases === undefined ? {} : { phases_us: phasesRecord(phases) },
    ...accountOf(run),
    ...datagrams,
    errors,
    fairness: fairnessOf(run.frames),
    client_cpu: rate === null ? null : round(run.cpuShare, 2),
    client_cores: navigator.hardwareConcurrency,
    client_system: `${Deno.build.os} ${Deno.build.arch}`,
    ...settings.rateAtEnd === undefined ? {} : { kept_up_to_per_s: keptUpTo(run.samples, settings) },
    limited_by: rate === null
      ? null
      : isEndedEarly
      ? "server"
      : limitOf({ ...clues, rate, cpu: run.cpuShare, settings, floor }),
    ...run.tcp === undefined || run.tcp.length === 0 ? {} : { tcp_info: tcpRecord(run.tcp) },
    ...floor === undefined ? {} : { floor: floorRecord(floor) },
    thresholds: thresholds.map((threshold) => checkThreshold(threshold, { latencies, numbers })),
    samples: run.samples.map((sample) => ({
      ...{ at_ms: round(sample.at, 1), count: sample.count, rate_per_s: round(sample.rate, 1), errors: sample.errors },
      ...{ p50_us: sample.p50, p99_us: sample.p99 },
    })),
    percentiles_us: latencies.curve(),
    ...fromSent === undefined ? {} : { from_sent_percentiles_us: fromSent.curve() },
    histogram_us: barsOf(latencies),
  };
}

/** What many connections have together. */
export function tcpRecord(infos: readonly TcpInfo[]): TcpRecord {
  const middle = (of: (info: TcpInfo) => number | null): number | null => {
    const values = infos.map(of).filter((value) => value !== null).toSorted((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? null;
  };
  return {
    connections: infos.length,
    rtt_us: middle(({ rttUs }) => rttUs),
    min_rtt_us: middle(({ minRttUs }) => minRttUs),
    retransmissions: sum(infos.map(({ retransmissions }) => retransmissions)),
    cwnd: middle(({ cwnd }) => cwnd),
    mss_bytes: middle(({ mss }) => mss),
  };
}

function floorRecord({ rate, latencies }: Floor): NonNullable<BenchResult["floor"]> {
  return {
    rate_per_s: rate === null ? null : round(rate, 1),
    latency_us: latencies.summary(),
    percentiles_us: latencies.curve(),
  };
}

function phasesRecord(phases: NonNullable<RunResult["phases"]>): NonNullable<BenchResult["phases_us"]> {
  return Object.fromEntries(PHASES.flatMap((phase) => {
    const latencies = phases[phase];
    return latencies === undefined ? [] : [[phase, { ...latencies.summary(), histogram_us: barsOf(latencies) }]];
  }));
}

function barsOf(latencies: Latencies): [number, number, number][] {
  return latencies.bars(BARS).map(({ from, to, count }) => [from, to, count]);
}

function datagramsRecord({ jitter, ...counts }: DatagramFigures): DatagramRecord {
  return { ...counts, jitter_us: inMicroseconds(jitter) };
}

function accountOf({ due, unsent, answered, lost, pending }: Account): Account & { readonly sent: number } {
  return { due, sent: due - unsent, unsent, answered, lost, pending };
}

function settingsRecord(settings: BenchSettings, target: string): SettingsRecord {
  const {
    framing,
    mode,
    connections,
    window,
    size,
    payload,
    duration,
    warmup,
    count,
    rate,
    rateAtEnd,
    threads,
    engine,
  } = settings;
  return {
    ...{ target, framing, mode, connections, window, size_bytes: size },
    ...payload === "text" ? {} : { payload: typeof payload === "string" ? payload : "file" },
    ...{ duration_ms: duration === ENDLESS ? null : duration, warmup_ms: warmup },
    ...count === undefined ? {} : { count },
    ...rate === undefined ? {} : { rate_per_s: rate },
    ...rateAtEnd === undefined ? {} : { rate_at_end_per_s: rateAtEnd },
    threads,
    ...engine === "io_uring" ? { engine } : {},
  };
}

interface LimitClues {
  readonly rate: number;
  /** CPU share of the client. */
  readonly cpu: number;
  /** Connections that failed, and frames or datagrams a second whose answers are missing. */
  readonly errors: number;
  readonly lost: number;
  /** How late 99 % of the frames left at most, in µs. */
  readonly late: number;
  readonly settings: Pick<BenchSettings, "rate" | "rateAtEnd" | "threads">;
  readonly floor: Pick<Floor, "rate"> | undefined;
}

/**
 * Who was the limit: in an open loop that kept its rate, the rate; else the client where it was busy all the time, the
 * floor where the rate came near to what the client finds against its own echo; else the server.
 */
export function limitOf({ rate, cpu, errors, lost, late, settings, floor }: LimitClues): Limit {
  // Of a rate that changes evenly, the mean.
  const asked = settings.rate === undefined ? undefined : (settings.rate + (settings.rateAtEnd ?? settings.rate)) / 2;
  if (asked !== undefined) {
    if (rate >= KEPT * asked) return "rate";
    // What is missing was sent, or could not be: it is owed by the server, or by the path to it.
    if (errors > 0 || rate + lost >= KEPT * asked) return "server";
    // An open loop waits turn by turn, so that its CPU share says nothing; whether it sent in time does.
    return late > LATE ? "client" : "server";
  }
  if (cpu >= BUSY * settings.threads) return "client";
  return floor !== undefined && floor.rate !== null && rate >= NEAR_FLOOR * floor.rate ? "floor" : "server";
}

/** A part of a run with less than this share of what was due has fallen behind. */
const BEHIND = 0.9;

/** See {@linkcode BenchResult.kept_up_to_per_s}; `null` where the first part fell behind already. */
function keptUpTo(
  samples: Measured["samples"],
  { rate = 0, rateAtEnd = rate, duration }: BenchSettings,
): number | null {
  const askedAt = (ms: number): number => rate + (rateAtEnd - rate) * Math.min(1, Math.max(0, ms / duration));
  let kept: number | null = null;
  for (const sample of samples.filter((sample) => !isWarmup(sample))) {
    if (sample.rate < BEHIND * askedAt(sample.at - sample.duration / 2)) return kept;
    kept = Math.round(askedAt(sample.at));
  }
  return kept;
}

/** Frames of an open loop that leave later than this, in µs, were held up by the client. */
const LATE = 1000;

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
