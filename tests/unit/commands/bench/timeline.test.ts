import { assertEquals } from "@std/assert";
import { Latencies } from "../../../../lib/commands/bench/latencies.ts";
import { type Sample, tickOf, Timeline } from "../../../../lib/commands/bench/timeline.ts";

const { signal } = new AbortController();

Deno.test("tickOf() divides an interval into equal ticks of 200 ms at most", () => {
  assertEquals([200, 1000, 300, 10].map(tickOf), [200, 200, 150, 10]);
});

Deno.test("Timeline makes rows of ticks, each with the latencies of its own", () => {
  const rows: Sample[] = [];
  const timeline = new Timeline({ interval: 400, duration: 1000 }, { signal, onRow: (row) => rows.push(row) });
  for (const at of [-200, 0, 200, 401, 600, 805, 1001]) {
    const part = new Latencies();
    if (at > 0) part.record(at / 100);
    timeline.add({ at, duration: 200, count: 10, errors: at === 600 ? 1 : 0 }, part);
  }
  assertEquals(rows.map(({ at, count, errors }) => [at, count, errors]), [[0, 20, 0], [401, 20, 0], [805, 20, 1]]);
  assertEquals(rows.map(({ p50 }) => p50 === null ? null : Math.round(p50 / 10) * 10), [null, 2000, 6000]);
  assertEquals(rows.map(({ rate }) => rate), [50, 50, 50]);
  // Half of a row is told, less is not.
  assertEquals(timeline.end().map(({ at }) => at), [0, 401, 805, 1001]);
});

Deno.test("Timeline leaves out what is too short to tell anything", () => {
  const timeline = new Timeline({ interval: 200, duration: 1000 }, { signal });
  timeline.add({ at: 200, duration: 200, count: 5, errors: 0 }, new Latencies());
  timeline.add({ at: 220, duration: 20, count: 1, errors: 0 }, new Latencies());
  assertEquals(timeline.end().length, 1);
});

Deno.test("Timeline tells no latency of a row that is warm-up for the most part, and one row of all behind the end", () => {
  const timeline = new Timeline({ interval: 200, duration: 400 }, { signal });
  const part = new Latencies();
  part.record(5);
  for (
    const [at, duration] of [[-200, 200], [40, 240], [201, 161], [403, 202], [600, 197], [800, 200], [
      990,
      190,
    ]] as const
  ) {
    timeline.add({ at, duration, count: 1, errors: 0 }, part);
  }
  const rows = timeline.end();
  assertEquals(rows.map(({ at }) => at), [-200, 40, 201, 403, 990]);
  assertEquals(rows.map(({ p99 }) => p99 === null), [true, true, false, false, false]);
  assertEquals(rows.at(-1)?.count, 3);
});
