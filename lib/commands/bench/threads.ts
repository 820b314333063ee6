/**
 * A benchmark whose connections are divided among threads, for servers that are faster than one thread of the client.
 * All threads begin at one moment; what they found is added up as if one thread had found it.
 *
 * @module
 */
import { unpackError } from "../../base/error_transfer.ts";
import { linkWorker } from "../../base/worker_link.ts";
import { Latencies } from "./latencies.ts";
import type { RunResult } from "./run.ts";
import type { OnSample, Sample, Watch } from "./sampler.ts";
import {
  type LoadSpec,
  type PackedRun,
  type PartSpec,
  sharedNow,
  type ThreadCalls,
  type ThreadReports,
} from "./thread.ts";

/** From the signal to begin to the beginning, in ms: every thread has heard it by then. */
const BEGIN_IN = 20;

/**
 * Runs a load on threads.
 *
 * @throws What a thread could not go on with: no connection, or, at once, a {@linkcode ProtocolError}.
 */
export async function runThreads(load: LoadSpec, { signal, onSample }: Watch): Promise<RunResult> {
  const progress = new SampleMerger(load.threads, onSample);
  const workers = divide(load).map((part) => ({ part, thread: startWorker() }));
  const links = workers.map(({ thread }) => linkWorker<ThreadCalls>(thread, (why) => new Error(why)));
  links.forEach((link, number) => {
    const reports: ThreadReports = { sample: (sample, latencies) => progress.add(number, sample, latencies) };
    link.answer(reports);
  });
  const stop = (): void => {
    for (const link of links) link.tell("stop");
  };
  try {
    await Promise.all(workers.map(({ part }, number) => links[number]?.call("open", part)));
    const at = sharedNow() + BEGIN_IN;
    const running = links.map(async (link, number) => {
      const run = await link.call("run", at);
      progress.end(number);
      return run;
    });
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    return { ...mergeRuns(await Promise.all(running)), samples: progress.samples };
  } finally {
    signal.removeEventListener("abort", stop);
    for (const { thread } of workers) thread.terminate();
  }
}

/**
 * The parts of a load: as many connections for each thread as can be, and of the rate what they are of all.
 *
 * @example
 * ```ts
 * import { divide } from "./threads.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const target = { transport: "tcp", host: "127.0.0.1", port: 9090 } as const;
 * const load = { mode: "open", framing: "u32", size: 64, maxFrame: 64, connections: 5, window: 1, rate: 1000 } as const;
 * const times = { duration: 1000, warmup: 0, timeout: 1000 };
 * const parts = divide({ ...load, ...times, targets: [target], threads: 2 });
 * assertEquals(parts.map(({ first, connections, rate, phase }) => [first, connections, rate, phase]), [
 *   [0, 3, 600, 0],
 *   [3, 2, 400, 1],
 * ]);
 * ```
 */
export function divide(load: LoadSpec): PartSpec[] {
  const { connections: all, rate, targets, threads } = load;
  const parts: PartSpec[] = [];
  for (let number = 0, first = 0; number < threads; number++) {
    const connections = Math.ceil((all - first) / (threads - number));
    const target = targets[Math.min(number, targets.length - 1)];
    if (target === undefined) throw new TypeError("Cannot divide a load: it has no target");
    // Threads that send at the same moments would make bursts of what is meant to come evenly.
    const ofRate = rate === undefined ? {} : { rate: rate * connections / all, phase: number * 1000 / rate };
    parts.push({ ...load, target, first, connections, ...ofRate });
    first += connections;
  }
  return parts;
}

/** The results of threads as one; processor time is the whole process's for each of them. */
export function mergeRuns(runs: readonly PackedRun[]): Omit<RunResult, "samples"> {
  const merged = (of: (run: PackedRun) => Float64Array | undefined): Latencies | undefined => {
    const packed = runs.map(of).filter((one) => one !== undefined);
    return packed.length === 0 ? undefined : Latencies.merged(packed);
  };
  const total = (of: (run: PackedRun) => number): number => runs.reduce((sum, run) => sum + of(run), 0);
  return {
    elapsed: Math.max(...runs.map(({ elapsed }) => elapsed)),
    frames: runs.flatMap(({ frames }) => frames),
    latencies: Latencies.merged(runs.map(({ latencies }) => latencies)),
    fromSent: merged(({ fromSent }) => fromSent),
    lateness: merged(({ lateness }) => lateness),
    due: runs.some(({ due }) => due !== undefined) ? total(({ due = 0 }) => due) : undefined,
    unsent: total(({ unsent }) => unsent),
    failures: runs.flatMap(({ failures }) => failures).map(({ connection, error }) => ({
      connection,
      error: unpackError(error),
    })),
    cpuShare: Math.max(...runs.map(({ cpuShare }) => cpuShare)),
  };
}

function startWorker(): Worker {
  return new Worker(new URL("./thread_worker.ts", import.meta.url), { type: "module" });
}

/** Makes one sample of those of all threads, when each that still runs has told its own. */
class SampleMerger {
  readonly samples: Sample[] = [];
  readonly #told: Sample[][];
  readonly #latencies: Float64Array[];
  readonly #isOver: boolean[];
  readonly #onSample: OnSample | undefined;

  constructor(threads: number, onSample: OnSample | undefined) {
    this.#told = Array.from({ length: threads }, () => []);
    this.#latencies = Array.from({ length: threads }, () => new Float64Array(0));
    this.#isOver = Array.from({ length: threads }, () => false);
    this.#onSample = onSample;
  }

  add(thread: number, sample: Sample, latencies: Float64Array): void {
    this.#told[thread]?.push(sample);
    this.#latencies[thread] = latencies;
    this.#tell();
  }

  end(thread: number): void {
    this.#isOver[thread] = true;
    this.#tell();
  }

  #tell(): void {
    if (this.#told.some((samples, thread) => samples.length === 0 && !this.#isOver[thread])) return;
    const part = this.#told.flatMap((samples) => samples.splice(0, 1));
    if (part.length === 0) return;
    const latencies = Latencies.merged(this.#latencies);
    const sample = {
      at: Math.max(...part.map(({ at }) => at)),
      rate: part.reduce((sum, { rate }) => sum + rate, 0),
      p99: latencies.percentile(99),
    };
    this.samples.push(sample);
    this.#onSample?.(sample, latencies);
  }
}
