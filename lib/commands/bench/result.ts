/**
 * What a benchmark found as a record: what `--json` prints, `compare` reads, and the reports for people are made from.
 * Latencies are µs, times ms, sizes bytes, rates a second; every name ends with its unit.
 *
 * @module
 */
import type { LatencySummary } from "./latencies.ts";
import type { RunResult } from "./run.ts";
import type { BenchMode, BenchSettings } from "./settings.ts";
import { type Fairness, fairnessOf } from "./statistics.ts";
import { type Checked, checkThreshold, type Threshold } from "./thresholds.ts";

/** How a benchmark was set. */
export interface SettingsRecord {
  readonly target: string;
  readonly framing: string;
  readonly mode: BenchMode;
  readonly connections: number;
  /** Frames on their way on each connection. */
  readonly window: number;
  readonly size_bytes: number;
  readonly duration_ms: number;
  readonly warmup_ms: number;
  /** Open loop: the rate asked for, of all connections together. */
  readonly rate_per_s?: number;
  /** Threads of the client. */
  readonly threads: number;
}

/** The client against an echo of its own. */
export interface Floor {
  /** A second. */
  readonly rate: number;
  readonly latency: LatencySummary;
}

/** Who kept the rate from being higher, as far as can be told. */
export type Limit = "client" | "floor" | "rate" | "server";

/** A finished benchmark. */
export interface BenchResult {
  readonly version: string;
  readonly started: string;
  readonly settings: SettingsRecord;
  readonly elapsed_ms: number;
  /** Verified echoes, or whole cycles, in the measured time. */
  readonly count: number;
  readonly rate_per_s: number;
  /** Payload bytes a second, each way. */
  readonly bytes_per_s: number;
  readonly latency_us: LatencySummary;
  /** Open loop: from when a frame was sent, not when it was due. */
  readonly from_sent_us?: LatencySummary;
  /** Open loop: how late the client sent frames that there was room for. */
  readonly client_late_us?: LatencySummary;
  /** Open loop: frames that were due and never left. */
  readonly unsent: number;
  readonly errors: number;
  readonly fairness: Fairness;
  /** CPU time of the client per time; 1 is one core. */
  readonly client_cpu: number;
  /** Cores of the machine that the client ran on. */
  readonly client_cores: number;
  readonly limited_by: Limit;
  readonly floor?: { readonly rate_per_s: number; readonly latency_us: LatencySummary };
  readonly thresholds: readonly Checked[];
}

/** A client whose threads are busier than this has nothing left to give. */
const BUSY = 0.9;

/** Above this share of the floor, a faster server would make little difference. */
const NEAR_FLOOR = 0.9;

/** An open loop that kept this share of its rate kept it. */
const KEPT = 0.99;

/** What surrounds a run in its record. */
export interface ResultContext {
  readonly version: string;
  /** RFC 3339. */
  readonly started: string;
  readonly target: string;
  readonly settings: BenchSettings;
  readonly floor: Floor | undefined;
  readonly thresholds: readonly Threshold[];
}

/** Verified echoes, or whole cycles, a second. */
export function rateIn({ frames, elapsed }: Pick<RunResult, "frames" | "elapsed">): number {
  return elapsed === 0 ? 0 : frames.reduce((sum, count) => sum + count, 0) / elapsed * 1000;
}

/** The record of a run. */
export function resultOf(run: RunResult, context: ResultContext): BenchResult {
  const { version, started, target, settings, floor, thresholds } = context;
  const rate = rateIn(run);
  const latency = run.latencies.summary();
  const errors = run.failures.length;
  const isEcho = settings.mode !== "login";
  return {
    ...{ version, started, settings: settingsRecord(settings, target) },
    elapsed_ms: round(run.elapsed, 1),
    count: run.frames.reduce((sum, frames) => sum + frames, 0),
    rate_per_s: round(rate, 1),
    bytes_per_s: isEcho ? Math.round(rate * settings.size) : 0,
    latency_us: latency,
    ...run.fromSent === undefined ? {} : { from_sent_us: run.fromSent.summary() },
    ...run.lateness === undefined ? {} : { client_late_us: run.lateness.summary() },
    unsent: run.unsent,
    errors,
    fairness: fairnessOf(run.frames),
    client_cpu: round(run.cpuShare, 2),
    client_cores: navigator.hardwareConcurrency,
    limited_by: limitOf({ rate, cpu: run.cpuShare, late: run.lateness?.percentile(99) ?? 0, settings, floor }),
    ...floor === undefined ? {} : { floor: { rate_per_s: round(floor.rate, 1), latency_us: floor.latency } },
    thresholds: thresholds.map((threshold) => checkThreshold(threshold, { latency, errors, rate })),
  };
}

function settingsRecord(settings: BenchSettings, target: string): SettingsRecord {
  const { framing, mode, connections, window, size, duration, warmup, rate, threads } = settings;
  return {
    ...{ target, framing, mode, connections, window, size_bytes: size, duration_ms: duration, warmup_ms: warmup },
    ...rate === undefined ? {} : { rate_per_s: rate },
    threads,
  };
}

/** What {@linkcode limitOf} looks at. */
export interface LimitClues {
  readonly rate: number;
  /** CPU share of the client. */
  readonly cpu: number;
  /** How late 99 % of the frames left at most, in µs. */
  readonly late: number;
  readonly settings: Pick<BenchSettings, "rate" | "threads">;
  readonly floor: Floor | undefined;
}

/**
 * Who was the limit: in an open loop that kept its rate, the rate; else the client where it was busy all the time, the
 * floor where the rate came near to what the client finds against its own echo; else the server.
 */
export function limitOf({ rate, cpu, late, settings, floor }: LimitClues): Limit {
  const asked = settings.rate;
  if (asked !== undefined) {
    if (rate >= KEPT * asked) return "rate";
    // An open loop waits turn by turn, so that its CPU share says nothing; whether it sent in time does.
    return late > LATE ? "client" : "server";
  }
  if (cpu >= BUSY * settings.threads) return "client";
  return floor !== undefined && rate >= NEAR_FLOOR * floor.rate ? "floor" : "server";
}

/** Frames of an open loop that leave later than this, in µs, were held up by the client. */
const LATE = 1000;

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
