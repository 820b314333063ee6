/**
 * What the main thread and the threads of a benchmark say to each other.
 *
 * @module
 */
import type { PackedError } from "../../base/error_transfer.ts";
import type { ConnectOptions, Target } from "../../net/dial.ts";
import type { RunOptions, Sample } from "./run.ts";

/** A load, all of it or a thread's part. Sizes in bytes, times in ms. */
export interface LoadSpec
  extends
    Pick<RunOptions, "window" | "duration" | "warmup" | "timeout" | "rate">,
    Pick<ConnectOptions, "tls" | "family" | "source"> {
  /** One for each thread; the last one for those that are left. */
  readonly targets: readonly Target[];
  /** Its name. */
  readonly framing: string;
  readonly size: number;
  readonly maxFrame: number;
  readonly connections: number;
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

/** What a thread tells meanwhile. */
export interface ThreadReports {
  sample(sample: Sample, latencies: Float64Array): void;
}

/** A thread's result; latencies as `Latencies.pack()` gives them. */
export interface PackedRun {
  readonly elapsed: number;
  readonly frames: readonly number[];
  readonly latencies: Float64Array;
  readonly fromSent: Float64Array | undefined;
  readonly lateness: Float64Array | undefined;
  readonly unsent: number;
  readonly failures: readonly { readonly connection: number; readonly error: PackedError }[];
  readonly cpuShare: number;
}

/** Now, on the clock that all threads share: ms since 1970, with digits behind the point. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
