import { assert, assertEquals } from "@std/assert";
import { isChangeExceeded, parseChangeLimit } from "../../../../lib/commands/bench/change.ts";
import { compareResults } from "../../../../lib/commands/bench/compare.ts";
import { findRate, type Trial } from "../../../../lib/commands/bench/find.ts";
import { pointRecord } from "../../../../lib/commands/bench/json.ts";
import { checkRuns } from "../../../../lib/commands/bench/runs.ts";
import { mannWhitney, spreadOf } from "../../../../lib/commands/bench/statistics.ts";
import { parseThreshold } from "../../../../lib/commands/bench/thresholds.ts";
import { linearAxis, logAxis, roundTicks } from "../../../../lib/commands/bench/ticks.ts";
import { resultWith } from "./results.ts";

function assertNear(actual: number, expected: number, most = 1e-9): void {
  assert(Math.abs(actual - expected) <= most, `${actual} is not ${expected}`);
}

Deno.test("mannWhitney() counts exactly, with ties, and is near to itself where it estimates", () => {
  assertNear(mannWhitney([1, 2, 3, 4], [5, 6, 7, 8]), 2 / 70);
  assertNear(mannWhitney([1, 2, 3], [4, 5, 6]), 0.1);
  assertEquals(mannWhitney([1, 1, 1], [1, 1]), 1);
  // Published example (Mann and Whitney, 1947, table I): n = m = 3, U = 1 has a one-sided p of 0.1.
  assertNear(mannWhitney([1, 2, 4], [3, 5, 6]), 0.2);
  const [a, b] = [10, 13].map((shift) => Array.from({ length: 31 }, (_, at) => (at * 7919) % 31 + shift));
  const [less, more] = [a?.slice(0, 30) ?? [], b?.slice(0, 30) ?? []];
  const [counted, estimated] = [mannWhitney(less, more), mannWhitney(a ?? [], b ?? [])];
  assertNear(counted, estimated, 0.05);
});

Deno.test("spreadOf() tells mean, deviation and the run that is unlike the others", () => {
  const spread = spreadOf([10, 11, 9, 10, 12, 50]);
  assertEquals([spread?.mean, spread?.median, spread?.least, spread?.most, spread?.outliers], [17, 10.5, 9, 50, [6]]);
  assertNear(spread?.stddev ?? 0, 16.199, 0.001);
  assertEquals([spreadOf([]), spreadOf([3])?.stddev, spreadOf([1, 1, 1, 9])?.outliers], [null, null, []]);
});

Deno.test("checkRuns() holds limits against the mean of the runs, and against all their errors", () => {
  const runs = [1, 3].map((value) => ({
    ...resultWith(100),
    thresholds: [{ text: "p99>2ms", figure: "p99", value: value * 1000, fails: value > 2 }, {
      ...{ text: "errors>3", figure: "errors", value: 2, fails: false },
    }],
  }));
  const limits = ["p99>2ms", "errors>3"].flatMap((text) => parseThreshold(text) ?? []);
  assertEquals(checkRuns(limits, runs).map(({ value, fails }) => [value, fails]), [[2000, false], [4, true]]);
});

Deno.test("pointRecord() marks what was interrupted", () => {
  const runs = [resultWith(1), { ...resultWith(2), interrupted: true as const }];
  const record = pointRecord({ runs, thresholds: [] }, "");
  assertEquals([record.interrupted, "runs" in record && record.summary.rate?.mean], [true, 1.5]);
});

Deno.test("compareResults() has nothing to say of what was not measured", () => {
  const empty = { ...resultWith(1), rate_per_s: null };
  const [rate] = compareResults([empty], [resultWith(2)]);
  assertEquals([rate?.a, rate?.ratio, rate?.p_value, rate?.verdict], [null, null, null, "unclear"]);
});

Deno.test("isChangeExceeded() holds a change against its limit, and fails what is unknown", () => {
  const [more, less] = ["p99>+10%", "rate<-5%"].map((text) => parseChangeLimit(text));
  assert(more !== undefined && less !== undefined);
  assertEquals([1.2, 1.05, 0.5, null].map((ratio) => isChangeExceeded(more, ratio)), [true, false, false, true]);
  assertEquals([0.9, 0.97, 1.5].map((ratio) => isChangeExceeded(less, ratio)), [true, false, false]);
  assertEquals(["p98>+1%", "errors>1%", "p99>5ms", "p99+10%"].map(parseChangeLimit), Array(4).fill(undefined));
});

/** A server that echoes `capacity` a second and no more; every `noise`-th trial fails for another reason. */
function serverOf(capacity: number, noise = 0): { measure: (rate: number) => Promise<Trial>; trials: () => number } {
  let trials = 0;
  return {
    trials: () => trials,
    measure: (rate) => {
      trials++;
      const held = rate <= capacity && (noise === 0 || trials % noise !== 0);
      return Promise.resolve({
        rate_per_s: rate,
        value_us: held ? 1000 : 9000,
        echoed_per_s: Math.min(rate, capacity),
        held,
        overloaded: rate > capacity,
        disturbed: false,
      });
    },
  };
}

for (
  const [capacity, begin] of [[3000, 2700], [3000, 30_000], [3000, 100], [57, 1000], [1_000_000, 900_000]] as const
) {
  Deno.test(`findRate() lands within 2 % of ${capacity} from ${begin}, in few trials, noise or not`, async () => {
    for (const noise of [0, 5]) {
      const server = serverOf(capacity, noise);
      const { held, failed } = await findRate({ measure: server.measure, begin, signal: new AbortController().signal });
      assert(held !== null && held <= capacity && held > capacity / 1.03, `${held}`);
      assert(failed === null || failed > held);
      assert(server.trials() <= 26, `${server.trials()} trials`);
    }
  });
}

Deno.test("findRate() goes by two trials alike where the machine disturbs them, or pauses look like overload", async () => {
  let trials = 0;
  const measure = (rate: number): Promise<Trial> => {
    // Every third trial looks overloaded, and none keeps the limit: the machine is busy.
    const overloaded = rate > 3000 || trials++ % 3 === 0;
    const trial = { rate_per_s: rate, value_us: 9000, echoed_per_s: Math.min(rate, 3000), held: false };
    return Promise.resolve({ ...trial, overloaded, disturbed: !overloaded });
  };
  const { held } = await findRate({ measure, begin: 2700, signal: new AbortController().signal });
  assert(held !== null && held <= 3000 && held > 3000 / 1.03, `${held}`);
});

Deno.test("findRate() finds nothing where no rate holds, and stops when told to", async () => {
  const signal = new AbortController().signal;
  assertEquals((await findRate({ measure: serverOf(0).measure, begin: 1000, signal })).held, null);
  const { trials } = await findRate({ measure: serverOf(1).measure, begin: 1000, signal: AbortSignal.abort() });
  assertEquals(trials, []);
  const slow = async (rate: number): Promise<Trial> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return await serverOf(900).measure(rate);
  };
  const late = await findRate({ measure: slow, begin: 800, until: performance.now() + 10, signal });
  assertEquals([late.held, late.failed, late.trials.length], [800, null, 2]);
});

Deno.test("axes have round marks, and all values are on them", () => {
  assertEquals(linearAxis(0.33).ticks, [0, 0.1, 0.2, 0.3, 0.4]);
  assertEquals([linearAxis(100).place(50), linearAxis(0).ticks.length > 1], [0.5, true]);
  const { place, ticks } = logAxis([27, 640_000]);
  assertEquals([ticks[0], ticks.at(-1)], [10, 1_000_000]);
  assert([27, 640_000].every((value) => place(value) >= 0 && place(value) <= 1));
  assertEquals(logAxis([5, 5]).ticks.length >= 2, true);
  assertEquals(roundTicks(0, 3000), [0, 1000, 2000, 3000]);
});
