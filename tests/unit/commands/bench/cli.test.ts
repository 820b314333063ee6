import { assert, assertEquals, assertThrows } from "@std/assert";
import { drawBars } from "../../../../lib/commands/bench/bars.ts";
import { figuresIn, roundText } from "../../../../lib/cli/format.ts";
import { BENCH_OPTIONS } from "../../../../lib/commands/bench/options.ts";
import { UsageError } from "../../../../lib/base/errors.ts";
import { parseCommandLine } from "../../../../lib/cli/options.ts";

const [en, ru] = [figuresIn("en"), figuresIn("ru")];

Deno.test("Figures.time() shows three digits, and never 1000 of a unit", () => {
  const texts = [0, 0.5, 9.996, 999.4, 999.6, 1234.5, 999_600, 60_000_000].map((us) => en.time(us));
  assertEquals(texts, ["0.00 µs", "0.50 µs", "10.00 µs", "999 µs", "1.00 ms", "1.23 ms", "1.00 s", "60.0 s"]);
});

Deno.test("Figures name their units in their language, and what was not measured", () => {
  assertEquals([0, 999, 1000, 12_345_678].map((count) => en.count(count)), ["0", "999", "1 000", "12 345 678"]);
  assertEquals([0.5, 18.72, 1234.5].map((rate) => en.rate(rate)), ["0.50", "18.7", "1 235"]);
  assertEquals([64, 1024, 1536, 2 ** 30].map((size) => en.bytes(size)), ["64 B", "1 KiB", "1.50 KiB", "1 GiB"]);
  assertEquals([0, 0.0001, 0.034, 0.5, 0.999].map((share) => en.percent(share)), [
    "0 %",
    "<0.1 %",
    "3.4 %",
    "50 %",
    "100 %",
  ]);
  assertEquals([ru.time(1234.5), ru.bytes(1536), ru.percent(0.0001), ru.rate(18.72)], [
    "1,23 мс",
    "1,50 КиБ",
    "<0,1 %",
    "18,7",
  ]);
  assertEquals([en.duration(10_000), en.duration(90_000), ru.duration(500), en.duration(0)], [
    "10 s",
    "90 s",
    "500 мс",
    "0 ms",
  ]);
  assertEquals([en.time(null), en.rate(null), en.bytes(null), en.percent(null)], ["–", "–", "–", "–"]);
});

Deno.test("roundText() takes away the zeros of a round number, and no others", () => {
  const texts = ["5.00 ms", "2,50 с", "100 µs", "10.0 ms", "0.75", "1 000", "20.05 s"].map(roundText);
  assertEquals(texts, ["5 ms", "2,5 с", "100 µs", "10 ms", "0.75", "1 000", "20.05 s"]);
});

Deno.test("drawBars() lets nothing that is there vanish", () => {
  const lines = drawBars(
    [{ from: 1, to: 2, count: 100_000 }, { from: 2, to: 4, count: 1 }, {
      from: 4,
      to: 8,
      count: 0,
    }],
    10,
    en,
  );
  assert(lines[0]?.includes("██████████"));
  assert(lines[1]?.includes("▏"));
  assert(!/[█▏]/.test(lines[2] ?? ""));
});

Deno.test("bench takes its options in units", () => {
  const parse = (...args: string[]): { rate: unknown; size: number; duration: number } =>
    parseCommandLine(args, BENCH_OPTIONS, { environment: () => undefined }).values;
  assertEquals(["5000", "20k", "1.5M", "2k/s"].map((rate) => parse("--rate", rate).rate), [
    5000,
    20_000,
    1_500_000,
    2000,
  ]);
  assertEquals([parse("-s", "1KiB").size, parse("-d", "2min").duration], [1024, 120_000]);
  assertEquals(parse("--rate", "100..1k").rate, { from: 100, to: 1000 });
  for (const bad of ["0", "-1", "x", "5ms", "1e9", "1..", "..5", "1..2..3", "1..0"]) {
    assertThrows(() => parse("--rate", bad), Error);
  }
});

Deno.test("bench refuses a sweep, a goal, a payload or an interval that is none", () => {
  const parse = (...args: string[]): unknown => parseCommandLine(args, BENCH_OPTIONS, { environment: () => undefined });
  for (
    const [name, value] of [
      ["--sweep", "duration=1s,2s"],
      ["--sweep", "connections=1,x"],
      ["--sweep", "connections"],
      ["--find", "p99>5ms"],
      ["--find", "rate<5k"],
      ["--payload", "noise"],
      ["--payload", "@"],
      ["--interval", "1ms"],
    ] as const
  ) {
    assertThrows(() => parse(name, value), UsageError);
  }
  const { values } = parseCommandLine(["--sweep", "size=64B,1KiB"], BENCH_OPTIONS, { environment: () => undefined });
  assertEquals(values.sweep, { name: "size", points: [{ text: "64B", value: 64 }, { text: "1KiB", value: 1024 }] });
});
