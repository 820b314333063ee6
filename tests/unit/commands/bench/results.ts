/**
 * Results to compare and to draw.
 *
 * @module
 */
import { Latencies } from "../../../../lib/commands/bench/latencies.ts";
import { type BenchResult, resultOf } from "../../../../lib/commands/bench/result.ts";

/** A result with a rate; its latencies are one value. */
export function resultWith(rate: number, ms = 1): BenchResult {
  const latencies = new Latencies();
  latencies.record(ms, rate);
  const samples = [-200, 0, 200, 400].map((at) => ({
    ...{ at, duration: 200, rate, count: rate / 5, errors: at === 400 ? 1 : 0 },
    ...{ p50: at > 0 ? ms * 1000 : null, p99: at > 0 ? ms * 1000 : null },
  }));
  const run = { elapsed: 1000, frames: [rate], latencies, fromSent: undefined, lateness: undefined, samples };
  const account = { due: rate, unsent: 0, answered: rate, lost: 0, pending: 0 };
  const settings = { framing: "u32", mode: "closed", connections: 1, window: 1, rate: undefined, threads: 1 } as const;
  return resultOf({ ...run, ...account, failures: [], cpuShare: 0.5 }, {
    ...{ version: "1", started: "2026-01-02T03:04:05.678Z", target: "a:1", thresholds: [], floor: undefined },
    isInterrupted: false,
    settings: {
      ...{ ...settings, payload: "text", size: 64, duration: 1000, warmup: 0, timeout: 1000, maxFrame: 64 },
      interval: 200,
    },
  });
}
