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
import type { OnTick, Tick } from "./ticker.ts";
import type { Watch } from "./timeline.ts";
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
export async function runThreads(
  load: LoadSpec,
  { signal, onTick, onOpened }: Pick<Watch, "signal" | "onTick" | "onOpened">,
): Promise<RunResult> {
  const progress = new TickMerger(load.threads, onTick);
  const workers = divide(load).map((part) => ({ part, thread: startWorker() }));
  const links = workers.map(({ thread }) => linkWorker<ThreadCalls>(thread, (why) => new Error(why)));
  const opened = links.map(() => 0);
  links.forEach((link, number) => {
    const reports: ThreadReports = {
      tick: (tick, part) => progress.add(number, tick, part),
      opened: (count) => {
        opened[number] = count;
        onOpened?.(opened.reduce((sum, part) => sum + part));
      },
    };
    link.answer(reports);
  });
  const stop = (): void => {
    for (const link of links) link.tell("stop");
  };
  signal.addEventListener("abort", stop);
  try {
    await Promise.all(workers.map(({ part }, number) => links[number]?.call("open", part)));
    const at = sharedNow() + BEGIN_IN;
    const running = links.map(async (link, number) => {
      const run = await link.call("run", at);
      progress.end(number);
      return run;
    });
    if (signal.aborted) stop();
    return mergeRuns(await Promise.all(running));
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
 * const times = { duration: 1000, warmup: 0, timeout: 1000, interval: 200, payload: "text" } as const;
 * const parts = divide({ ...load, ...times, targets: [target], threads: 2 });
 * assertEquals(parts.map(({ first, connections, rate, phase }) => [first, connections, rate, phase]), [
 *   [0, 3, 600, 0],
 *   [3, 2, 400, 1],
 * ]);
 * ```
 */
export function divide(load: LoadSpec): PartSpec[] {
  const { connections: all, rate, rateAtEnd, count, targets, threads } = load;
  const share = (of: number, connections: number): number => Math.floor(of * connections / all);
  const parts: PartSpec[] = [];
  for (let number = 0, first = 0; number < threads; number++) {
    const connections = Math.ceil((all - first) / (threads - number));
    const target = targets[Math.min(number, targets.length - 1)];
    if (target === undefined) throw new TypeError("Cannot divide a load: it has no target");
    // Threads that send at the same moments would make bursts of what is meant to come evenly.
    const ofCount = count === undefined ? {} : { count: share(count, first + connections) - share(count, first) };
    const part = connections / all;
    const ofRate = rate === undefined ? {} : { rate: rate * part, phase: number * 1000 / rate };
    const ofEnd = rateAtEnd === undefined ? {} : { rateAtEnd: rateAtEnd * part };
    parts.push({ ...load, target, first, connections, ...ofRate, ...ofEnd, ...ofCount });
    first += connections;
  }
  return parts;
}

/** The results of threads as one; processor time is the whole process's for each of them. */
export function mergeRuns(runs: readonly PackedRun[]): RunResult {
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
    due: total(({ due }) => due),
    unsent: total(({ unsent }) => unsent),
    answered: total(({ answered }) => answered),
    lost: total(({ lost }) => lost),
    pending: total(({ pending }) => pending),
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

/** Makes one tick of those of all threads, when each that still runs has told its own. */
class TickMerger {
  readonly #told: (readonly [Tick, Float64Array])[][];
  readonly #isOver: boolean[];
  readonly #onTick: OnTick | undefined;

  constructor(threads: number, onTick: OnTick | undefined) {
    this.#told = Array.from({ length: threads }, () => []);
    this.#isOver = Array.from({ length: threads }, () => false);
    this.#onTick = onTick;
  }

  add(thread: number, tick: Tick, part: Float64Array): void {
    this.#told[thread]?.push([tick, part]);
    this.#tell();
  }

  end(thread: number): void {
    this.#isOver[thread] = true;
    this.#tell();
  }

  #tell(): void {
    while (this.#told.every((ticks, thread) => ticks.length > 0 || this.#isOver[thread])) {
      const parts = this.#told.flatMap((ticks) => ticks.splice(0, 1));
      if (parts.length === 0) return;
      const ticks = parts.map(([tick]) => tick);
      const sum = (of: (tick: Tick) => number): number => ticks.reduce((total, tick) => total + of(tick), 0);
      const [at, duration] = [
        Math.max(...ticks.map(({ at }) => at)),
        Math.max(...ticks.map(({ duration }) => duration)),
      ];
      const tick = { at, duration, count: sum(({ count }) => count), errors: sum(({ errors }) => errors) };
      this.#onTick?.(tick, Latencies.merged(parts.map(([, part]) => part)));
    }
  }
}
