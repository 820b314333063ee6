/**
 * What a benchmark found, as `--json` prints it and `compare` reads it. Latencies are µs, times ms, sizes bytes, rates
 * a second; every name ends with its unit.
 *
 * @module
 */
import type { LatencySummary } from "./latencies.ts";
import type { RunResult } from "./run.ts";
import { type Fairness, fairnessOf } from "./statistics.ts";
import { type Checked, checkThreshold, type Threshold } from "./thresholds.ts";

/** What is measured: frames in a closed or open loop, connections, or log-ins. */
export type BenchMode = "closed" | "open" | "connect" | "login";

/** How a benchmark was set. */
export interface BenchSettings {
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
  readonly rate_per_s: number;
  readonly latency_us: LatencySummary;
}

/** Who kept the rate from being higher, as far as can be told. */
export type Limit = "client" | "floor" | "rate" | "server";

/** A finished benchmark. */
export interface BenchResult {
  readonly version: string;
  readonly started: string;
  readonly settings: BenchSettings;
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
  readonly floor?: Floor;
  readonly thresholds: readonly Checked[];
}

/** A client whose threads are busier than this has nothing left to give. */
const BUSY = 0.9;

/** Above this share of the floor, a faster server would make little difference. */
const NEAR_FLOOR = 0.9;

/** An open loop that kept this share of its rate kept it. */
const KEPT = 0.99;

/** What surrounds a run in its result. */
export interface ResultContext {
  readonly version: string;
  /** RFC 3339. */
  readonly started: string;
  readonly settings: BenchSettings;
  readonly client_cores: number;
  readonly floor?: Floor;
  readonly thresholds: readonly Threshold[];
}

/** The result of a run. */
export function resultOf(run: RunResult, { thresholds, ...context }: ResultContext): BenchResult {
  const { settings, floor } = context;
  const count = run.frames.reduce((sum, frames) => sum + frames, 0);
  const rate = run.elapsed === 0 ? 0 : count / run.elapsed * 1000;
  const latency = run.latencies.summary();
  const errors = run.failures.length;
  const isEcho = settings.mode !== "login";
  const figures = { latency, errors, rate };
  return {
    ...context,
    elapsed_ms: round(run.elapsed, 1),
    count,
    rate_per_s: round(rate, 1),
    bytes_per_s: isEcho ? Math.round(rate * settings.size_bytes) : 0,
    latency_us: latency,
    ...run.fromSent === undefined ? {} : { from_sent_us: run.fromSent.summary() },
    ...run.lateness === undefined ? {} : { client_late_us: run.lateness.summary() },
    unsent: run.unsent,
    errors,
    fairness: fairnessOf(run.frames),
    client_cpu: round(run.cpuShare, 2),
    limited_by: limitOf({ rate, cpu: run.cpuShare, late: run.lateness?.summary().p99 ?? 0, settings, floor }),
    thresholds: thresholds.map((threshold) => checkThreshold(threshold, figures)),
  };
}

/** What {@linkcode limitOf} looks at. */
export interface LimitClues {
  readonly rate: number;
  /** CPU share of the client. */
  readonly cpu: number;
  /** How late 99 % of the frames left at most, in µs. */
  readonly late: number;
  readonly settings: Pick<BenchSettings, "mode" | "rate_per_s" | "threads">;
  readonly floor: Floor | undefined;
}

/**
 * Who was the limit: in an open loop that kept its rate, the rate; else the client where it was busy all the time, the
 * floor where the rate came near to what the client finds against its own echo; else the server.
 */
export function limitOf({ rate, cpu, late, settings, floor }: LimitClues): Limit {
  const asked = settings.rate_per_s;
  if (asked !== undefined) {
    if (rate >= KEPT * asked) return "rate";
    // An open loop waits turn by turn, so that its CPU share says nothing; whether it sent in time does.
    return late > LATE ? "client" : "server";
  }
  if (cpu >= BUSY * settings.threads) return "client";
  return floor !== undefined && rate >= NEAR_FLOOR * floor.rate_per_s ? "floor" : "server";
}

/** Frames of an open loop that leave later than this, in µs, were held up by the client. */
const LATE = 1000;

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
