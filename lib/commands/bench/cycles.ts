/**
 * A benchmark of something that is done as a whole, again and again: connect, one frame, close; or log in and close.
 *
 * @module
 */
import process from "node:process";
import { ProtocolError } from "../../base/errors.ts";
import { Latencies } from "./latencies.ts";
import type { RunResult } from "./run.ts";
import { Sampler, type Watch } from "./sampler.ts";
import type { BenchSettings } from "./settings.ts";

/** How it runs. */
export interface CycleOptions extends Watch, Pick<BenchSettings, "duration" | "warmup"> {
  /** How many do it at the same time. */
  readonly clients: number;
}

/** A client whose tries fail so often in a row gives up. */
const GIVE_UP_AFTER = 10;

/**
 * Lets `clients` do `cycle` over and over.
 *
 * @param cycle Called with the number of the client, from 0.
 * @throws {ProtocolError} at once, when what comes back is wrong.
 */
export async function runCycles(cycle: (client: number) => Promise<void>, options: CycleOptions): Promise<RunResult> {
  const { clients, duration, warmup, signal, onSample } = options;
  const start = performance.now() + warmup;
  let end = start + duration;
  const stop = (): void => {
    end = Math.min(end, performance.now());
  };
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const latencies = new Latencies();
  const frames = Array.from({ length: clients }, () => 0);
  const failures: { connection: number; error: unknown }[] = [];
  let [total, fatal]: [number, ProtocolError | undefined] = [0, undefined];
  const repeat = async (client: number): Promise<void> => {
    for (let inARow = 0; inARow < GIVE_UP_AFTER;) {
      const before = performance.now();
      if (before >= end) return;
      try {
        await cycle(client);
        inARow = 0;
      } catch (error) {
        inARow++;
        failures.push({ connection: client + 1, error });
        if (error instanceof ProtocolError) {
          fatal ??= error;
          stop();
        }
        continue;
      }
      const now = performance.now();
      total++;
      if (now >= start && now < end) frames[client] = (frames[client] ?? 0) + 1;
      if (before >= start && before < end) latencies.record(now - before);
    }
  };
  using sampler = new Sampler({ start, count: () => total, latencies, onSample });
  // CPU of the whole run: a cycle is long, and the shares of warm-up and measurement are alike.
  const [cpuBefore, from] = [process.cpuUsage(), performance.now()];
  try {
    await Promise.all(frames.map((_, client) => repeat(client)));
  } finally {
    signal.removeEventListener("abort", stop);
  }
  if (fatal !== undefined) throw fatal;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuShare = (user + system) / 1000 / Math.max(1, performance.now() - from);
  const elapsed = Math.max(0, Math.min(end, performance.now()) - start);
  const none = { fromSent: undefined, lateness: undefined, due: undefined, unsent: 0 };
  return { elapsed, frames, latencies, ...none, failures, cpuShare, samples: sampler.samples };
}
