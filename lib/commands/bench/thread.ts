/**
 * What the main thread and the threads of a benchmark say to each other.
 *
 * @module
 */
import type { PackedError } from "../../base/error_transfer.ts";
import type { ConnectOptions, Target } from "../../net/dial.ts";
import type { RunOptions, RunResult } from "./run.ts";
import type { BenchSettings } from "./settings.ts";
import type { Tick } from "./ticker.ts";

/** How connections are made, beside where to. */
export type Way = Pick<ConnectOptions, "tls" | "family" | "source" | "proxy">;

/** A load, all of it or a thread's part. */
export interface LoadSpec extends BenchSettings, Way {
  /** One for each thread; the last one for those that are left. */
  readonly targets: readonly Target[];
}

/** A thread's part of it. */
export interface PartSpec extends LoadSpec, Pick<RunOptions, "first" | "phase"> {
  readonly target: Target;
}

/** What a thread is asked for, in this order. */
export interface ThreadCalls {
  /** Opens the connections. */
  open(part: PartSpec): Promise<void>;
  /** Loads them from `at` on, in ms since 1970, when all begin. */
  run(at: number): Promise<PackedRun>;
  stop(): void;
}

/** Latencies as `Latencies.pack()` gives them. */
type PackedLatencies = Float64Array;

/** What a thread tells meanwhile. */
export interface ThreadReports {
  /** Connections that are open. */
  opened(count: number): void;
  tick(tick: Tick, part: PackedLatencies): void;
}

/** A thread's result. */
export interface PackedRun extends Omit<RunResult, "latencies" | "fromSent" | "lateness" | "failures" | "phases"> {
  readonly latencies: PackedLatencies;
  readonly fromSent: PackedLatencies | undefined;
  readonly lateness: PackedLatencies | undefined;
  readonly failures: readonly { readonly connection: number; readonly error: PackedError }[];
}

/** Now, on the clock that all threads share: ms since 1970, with digits behind the point. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
