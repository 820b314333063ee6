import { assert, assertEquals } from "@std/assert";
import { Latencies } from "../../../../lib/commands/bench/latencies.ts";
import type { PackedRun } from "../../../../lib/commands/bench/thread.ts";
import { mergeRuns } from "../../../../lib/commands/bench/threads.ts";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import { packError } from "../../../../lib/base/error_transfer.ts";

/** A run of a thread whose frames took these times, in ms, each on a connection of its own. */
function runOf(times: readonly number[]): PackedRun {
  const latencies = new Latencies();
  for (const ms of times) latencies.record(ms);
  return {
    ...{ elapsed: 1000 - times.length, frames: times.map((_, number) => number), latencies: latencies.pack() },
    ...{
      fromSent: undefined,
      lateness: undefined,
      due: 3,
      answered: 2,
      lost: 0,
      pending: 0,
      unsent: 1,
      failures: [],
      cpuShare: times.length / 10,
    },
  };
}

Deno.test("Latencies of several threads are those of one, to the least and the longest", () => {
  const times = Array.from({ length: 1000 }, (_, number) => 0.05 + (number * 7919 % 1000) ** 2 / 997);
  const one = new Latencies();
  for (const ms of times) one.record(ms);
  const merged = Latencies.merged([times.slice(0, 300), times.slice(300), []].map((part) => runOf(part).latencies));
  const { mean, ...summary } = merged.summary();
  const { mean: meanOfOne, ...summaryOfOne } = one.summary();
  assertEquals(summary, summaryOfOne);
  // The least latency is kept as it is, where one thread's histogram takes the middle of its bucket.
  assert(Math.abs((mean ?? 0) / (meanOfOne ?? 1) - 1) < 0.001, `${mean} ${meanOfOne}`);
  assertEquals(Latencies.merged([]).count, 0);
});

Deno.test("mergeRuns() adds up what threads found, over the longest time", () => {
  const error = new ProtocolError("bad_reply", "Cannot match 4 bytes", { details: { bytes: 4 } });
  const second = { ...runOf([3, 4, 5]), failures: [{ connection: 5, error: packError(error) }] };
  const merged = mergeRuns([runOf([1, 2]), second].map((run) => structuredClone(run)));
  assertEquals([merged.frames, merged.elapsed, merged.unsent, merged.cpuShare], [[0, 1, 0, 1, 2], 998, 2, 0.3]);
  assertEquals([merged.due, merged.answered], [6, 4]);
  assertEquals([merged.latencies.count, merged.fromSent], [5, undefined]);
  const [failure] = merged.failures;
  assert(failure?.error instanceof ProtocolError);
  assertEquals([failure.connection, failure.error.message, failure.error.details], [5, error.message, error.details]);
});
