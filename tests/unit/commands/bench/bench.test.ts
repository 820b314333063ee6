import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { compareResults, differingSettings, parseResults } from "../../../../lib/commands/bench/compare.ts";
import { Latencies } from "../../../../lib/commands/bench/latencies.ts";
import { Pattern, SPAN } from "../../../../lib/commands/bench/pattern.ts";
import { limitOf } from "../../../../lib/commands/bench/result.ts";
import { Schedule } from "../../../../lib/commands/bench/schedule.ts";
import { SendLog } from "../../../../lib/commands/bench/send_log.ts";
import { fairnessOf, jainIndex, median } from "../../../../lib/commands/bench/statistics.ts";
import { jsonLinesOf } from "../../../../lib/commands/bench/json_lines.ts";
import { checkThreshold, parseThreshold } from "../../../../lib/commands/bench/thresholds.ts";
import { resultWith } from "./results.ts";
import { UsageError } from "../../../../lib/base/errors.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";

Deno.test("Pattern is a stream of frames that any scanner takes, without end", () => {
  for (const [name, size] of [["u32", 64], ["u8", 0], ["netstring", 1000], ["line", 7], ["u32", 100_000]] as const) {
    const framing = framingFrom(name);
    const pattern = new Pattern(framing, size);
    const scanner = framing.scanner(size);
    let offset = pattern.startOf(5);
    for (let sent = 0; sent < 3 * pattern.period; sent += 1000) {
      const span = pattern.span(offset, 1000);
      assertEquals(span.length, 1000);
      // What a scanner leaves is a part of a header: it is handed in again with the next bytes.
      const taken = scanner.scan(span, 0, span.length);
      assertStrictEquals(scanner.error, undefined);
      offset = (offset + taken) % pattern.period;
    }
    assert(scanner.frames > 0 || size > 1000);
  }
});

Deno.test("Pattern frames differ from their neighbours", () => {
  const pattern = new Pattern(framingFrom("u32"), 16);
  const [first, second] = [pattern.span(0, 20), pattern.span(20, 20)];
  assertEquals(pattern.differsAt(first, 0), -1);
  assertEquals(pattern.differsAt(second, 20), -1);
  // The headers are the same: the first payload byte is where they part.
  assert(pattern.differsAt(second, 0) >= 4);
});

Deno.test("Pattern.differsAt() names the first wrong byte", () => {
  const pattern = new Pattern(framingFrom("u32"), 64);
  const bytes = pattern.span(136, 500).slice();
  bytes[77] = 0;
  bytes[300] = 0;
  assertEquals(pattern.differsAt(bytes, 136), 77);
});

Deno.test("Pattern.span() never hands out more than a span", () => {
  const pattern = new Pattern(framingFrom("u32"), 2 * SPAN);
  assertEquals(pattern.span(pattern.period - 1, 10 * SPAN).length, SPAN);
});

Deno.test("Pattern refuses nothing at all, and what the framing cannot carry", () => {
  assertThrows(() => new Pattern(framingFrom("raw"), 0), UsageError);
  assertThrows(() => new Pattern(framingFrom("u8"), 256), UsageError);
});

Deno.test("SendLog gives frames back in order, however they were grouped, and grows", () => {
  const log = new SendLog();
  const expected: number[] = [];
  for (let at = 0; at < 100; at++) {
    log.sent(at % 3 + 1, at, at / 2);
    for (let frame = 0; frame <= at % 3; frame++) expected.push(at);
    // Taking some between keeps the ring turning while it grows.
    if (at % 4 === 0) {
      log.answered(
        1,
        (count, sentAt, dueAt) => assertEquals([count, sentAt, dueAt], [1, expected[0], Number(expected.shift()) / 2]),
      );
    }
  }
  assertEquals(log.outstanding, expected.length);
  const found: number[] = [];
  log.answered(expected.length, (count, sentAt) => found.push(...Array.from({ length: count }, () => sentAt)));
  assertEquals([found, log.outstanding], [expected, 0]);
});

Deno.test("Schedule counts what is due on a ramp, up and down, after a warm-up", () => {
  for (const [rate, end] of [[100, 900], [900, 100], [500, 500]] as const) {
    const schedule = new Schedule({ start: 500, rate, ramp: { from: 1500, until: 3500, rate: end } });
    assertEquals(schedule.before(1500), rate);
    assertEquals(schedule.before(3500), rate + rate + end);
    for (let frame = 0; frame < rate + rate + end; frame += 7) {
      const at = schedule.at(frame);
      assertEquals([schedule.before(at), schedule.dueBy(at)], [frame, frame + 1]);
    }
  }
});

Deno.test("Schedule counts what is due without drifting", () => {
  const schedule = new Schedule({ start: 0.1, rate: 3000 });
  for (const frame of [0, 1, 2, 2_999, 1_000_000]) {
    assertEquals(schedule.dueBy(schedule.at(frame)), frame + 1);
  }
});

Deno.test("median() takes the middle", () => {
  assertEquals([median([]), median([3]), median([1, 9]), median([5, 1, 100])], [0, 3, 5, 5]);
});

Deno.test("fairnessOf() names the slowest connection", () => {
  assertEquals(fairnessOf([10, 10, 4]).slowest, { connection: 3, frames: 4, share: 0.5 });
  assertEquals([jainIndex([0, 0]), fairnessOf([0, 0]).slowest], [null, null]);
});

Deno.test("Latencies keep three digits, and nothing exceeds the longest", () => {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 1000; ms++) latencies.record(ms / 1000);
  const { count, min, p50, p99, max } = latencies.summary();
  assertEquals([count, min, max], [1000, 1, 1000]);
  const [half, most] = [p50 ?? 0, p99 ?? 0];
  assert(Math.abs(half - 500) <= 1 && Math.abs(most - 990) <= 1 && most <= (max ?? 0));
  assertEquals(new Latencies().summary().p99, null);
  // What a bucket stands for is not what one latency was: no mean is outside of what was measured.
  for (const ms of [69.375999, 0.0207, 3]) {
    const one = new Latencies();
    one.record(ms);
    const { min: least, mean, p50: middle, max: longest } = one.summary();
    assertEquals([mean, middle, longest], [least, least, least], String(ms));
  }
});

Deno.test("Latencies.bars() count every value once, from the least to the longest", () => {
  const latencies = new Latencies();
  for (let value = 1; value <= 5000; value++) latencies.record(value / 100);
  latencies.record(9000);
  const bars = latencies.bars(10);
  assertEquals(bars.reduce((sum, bar) => sum + bar.count, 0), 5001);
  assertEquals(bars[0]?.from, 10);
  assert((bars.at(-1)?.to ?? 0) >= 8_990_000);
  assertEquals(bars.every((bar, at) => at === 0 || bar.from === bars[at - 1]?.to), true);
});

Deno.test("Latencies.bars() of one value are one bar", () => {
  const latencies = new Latencies();
  latencies.record(1, 7);
  assertEquals(latencies.bars(10).map(({ count }) => count), [7]);
});

for (
  const [text, bound] of [
    ["p99>5ms", 5000],
    ["P99.9 > 1.5s", 1_500_000],
    ["p42>7ms", 7000],
    ["p99.99>1ms", 1000],
    ["max<200us", 200],
    ["mean>7µs", 7],
    ["errors>0", 0],
    ["rate<1.5M", 1_500_000],
  ] as const
) {
  Deno.test(`parseThreshold() takes ${text}`, () => assertEquals(parseThreshold(text)?.bound, bound));
}

for (
  const text of [
    "",
    "p99",
    "p99>5",
    "p101>5ms",
    "p99.12345>5ms",
    "errors>1ms",
    "rate<5s",
    "p99=5ms",
    ">5ms",
    "constructor>1ms",
  ]
) {
  Deno.test(`parseThreshold() refuses "${text}"`, () => assertEquals(parseThreshold(text), undefined));
}

Deno.test("checkThreshold() holds a bound against its figure", () => {
  const latency = new Latencies();
  latency.record(3);
  const numbers = { errors: 2, rate: 100, sent: 200, lost: 5, jitter: 1500, reordered: null };
  const figures = { latencies: latency, numbers };
  const fails = (text: string): boolean | undefined => {
    const threshold = parseThreshold(text);
    return threshold && checkThreshold(threshold, figures).fails;
  };
  assertEquals(["p99>2ms", "p99>4ms", "p99<4ms", "errors>1", "errors>2", "rate<1k", "rate>1k"].map(fails), [
    ...[true, false, true, true, false, true, false],
  ]);
  const ofDatagrams = ["lost>4", "lost>5", "lost>2%", "lost<2.5%", "jitter>1ms", "jitter>2ms", "reordered>0"];
  assertEquals(ofDatagrams.map(fails), [true, false, true, false, true, false, true]);
  for (const text of ["errors>1%", "p99>1%", "jitter>5", "rate>1%"]) assertEquals(parseThreshold(text), undefined);
});

Deno.test("checkThreshold() fails what was not measured", () => {
  const threshold = parseThreshold("p99>5ms");
  const checked = threshold && checkThreshold(threshold, { latencies: new Latencies() });
  assertEquals([checked?.value, checked?.fails], [null, true]);
});

Deno.test("limitOf() tells who was the limit", () => {
  const floor = { rate: 1000 };
  const closed = { rate: undefined, threads: 1 };
  const open = { rate: 1000, threads: 1 };
  const clues = { cpu: 0.3, errors: 0, lost: 0, late: 0, floor, settings: closed };
  assertEquals(limitOf({ ...clues, rate: 500 }), "server");
  assertEquals(limitOf({ ...clues, rate: 950 }), "floor");
  assertEquals(limitOf({ ...clues, rate: 500, cpu: 0.98 }), "client");
  assertEquals(limitOf({ ...clues, rate: 500, cpu: 0.98, settings: { ...closed, threads: 2 } }), "server");
  assertEquals(limitOf({ ...clues, rate: 500, cpu: 1.9, settings: { ...closed, threads: 2 } }), "client");
  assertEquals(limitOf({ ...clues, rate: 995, settings: open }), "rate");
  assertEquals(limitOf({ ...clues, rate: 500, settings: open }), "server");
  assertEquals(limitOf({ ...clues, rate: 500, settings: open, late: 20_000 }), "client");
});

Deno.test("compareResults() calls a difference one only where the runs do not overlap", () => {
  const verdict = (a: number[], b: number[]): string | undefined =>
    compareResults(a.map((rate) => resultWith(rate)), b.map((rate) => resultWith(rate)))[0]?.verdict;
  assertEquals(verdict([100, 110, 105], [200, 190, 210]), "better");
  assertEquals(verdict([100, 110, 105], [50, 60, 55]), "worse");
  assertEquals(verdict([100, 200, 150], [190, 290, 240]), "unclear");
  assertEquals(verdict([100], [103]), "unclear");
  // Of four runs a side the least probable order has a p of 0.029, of three one of 0.1.
  assertEquals(verdict([100, 101, 102, 103], [110, 111, 112, 113]), "better");
  assertEquals(verdict([100, 101, 102, 130], [110, 111, 112, 113]), "unclear");
});

Deno.test("compareResults() knows that less latency is better", () => {
  const figures = compareResults([resultWith(100, 1)], [resultWith(100, 2)]);
  assertEquals(figures.find(({ figure }) => figure === "p99")?.verdict, "worse");
});

Deno.test("parseResults() reads one result a line and refuses everything else", () => {
  const line = JSON.stringify(resultWith(100));
  assertEquals(parseResults(`${line}\n${line}\n`).length, 2);
  assertEquals(parseResults(JSON.stringify(resultWith(100), null, 2)).length, 1);
  const lines = jsonLinesOf([{ runs: [resultWith(1), resultWith(2)], thresholds: [] }]);
  assertEquals(parseResults(`{"type":"sample","run":1}\n${lines}`).length, 2);
  const sweep = jsonLinesOf([{ label: "1", runs: [resultWith(1)], thresholds: [] }]);
  assertThrows(() => parseResults(sweep), SyntaxError);
  assertEquals(parseResults(JSON.stringify({ runs: [resultWith(1), resultWith(2)] })).length, 2);
  for (const text of ["", "{}", "[]", "null", "1", '{"settings":{},"rate_per_s":1,"latency_us":{"p50":1}}']) {
    assertThrows(() => parseResults(text), SyntaxError);
  }
});

Deno.test("differingSettings() leaves out where the server was", () => {
  const [a, b] = [resultWith(1), resultWith(1)];
  const other = { ...b, settings: { ...b.settings, target: "b:2", window: 5, rate_per_s: 7 } };
  assertEquals(differingSettings(a, other), ["window", "rate_per_s"]);
});
