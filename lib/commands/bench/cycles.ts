/**
 * A benchmark of something that is done as a whole, again and again: connect, one frame, close; or log in and close.
 *
 * @module
 */
import process from "node:process";
import { ProtocolError } from "../../base/errors.ts";
import { Latencies } from "./latencies.ts";
import { type RunOptions, type RunResult, SAMPLE, type Sample } from "./run.ts";

/** How it runs. */
export interface CycleOptions extends Pick<RunOptions, "duration" | "warmup" | "signal" | "onSample"> {
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
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  const latencies = new Latencies();
  const frames = Array.from({ length: clients }, () => 0);
  const failures: { connection: number; error: unknown }[] = [];
  const samples: Sample[] = [];
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
  let [beforeSample, totalBefore] = [performance.now(), 0];
  const sampler = setInterval(() => {
    const now = performance.now();
    const rate = (total - totalBefore) / (now - beforeSample) * 1000;
    const sample = { at: now - start, rate, p99: latencies.percentile(99) };
    [beforeSample, totalBefore] = [now, total];
    samples.push(sample);
    onSample?.(sample, latencies);
  }, SAMPLE);
  // CPU of the whole run: a cycle is long, and the shares of warm-up and measurement are alike.
  const [cpuBefore, from] = [process.cpuUsage(), performance.now()];
  try {
    await Promise.all(frames.map((_, client) => repeat(client)));
  } finally {
    clearInterval(sampler);
    signal?.removeEventListener("abort", stop);
  }
  if (fatal !== undefined) throw fatal;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuShare = (user + system) / 1000 / Math.max(1, performance.now() - from);
  const elapsed = Math.max(0, Math.min(end, performance.now()) - start);
  const none = { fromSent: undefined, lateness: undefined, unsent: 0 };
  return { elapsed, frames, latencies, ...none, failures, cpuShare, samples };
}
