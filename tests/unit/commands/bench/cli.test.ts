import { assert, assertEquals, assertThrows } from "@std/assert";
import { drawBars } from "../../../../lib/commands/bench/bars.ts";
import { bytesText, countText, percentText, rateText, timeText } from "../../../../lib/cli/format.ts";
import { BENCH_OPTIONS } from "../../../../lib/commands/bench/options.ts";
import { parseCommandLine } from "../../../../lib/cli/options.ts";

Deno.test("timeText() shows three digits, and never 1000 of a unit", () => {
  const texts = [0, 0.5, 9.996, 999.4, 999.6, 1234.5, 999_600, 60_000_000].map(timeText);
  assertEquals(texts, ["0.00 µs", "0.50 µs", "10.00 µs", "999 µs", "1.00 ms", "1.23 ms", "1.00 s", "60.0 s"]);
});

Deno.test("countText(), rateText(), bytesText() and percentText() name their units", () => {
  assertEquals([0, 999, 1000, 12_345_678].map(countText), ["0", "999", "1 000", "12 345 678"]);
  assertEquals([0.5, 18.72, 1234.5].map(rateText), ["0.50/s", "18.7/s", "1 235/s"]);
  assertEquals([64, 1024, 1536, 2 ** 30].map(bytesText), ["64 B", "1 KiB", "1.50 KiB", "1 GiB"]);
  assertEquals([0, 0.0001, 0.034, 0.5, 0.999].map(percentText), ["0 %", "<0.1 %", "3.4 %", "50 %", "100 %"]);
});

Deno.test("drawBars() lets nothing that is there vanish", () => {
  const lines = drawBars([{ from: 1, to: 2, count: 100_000 }, { from: 2, to: 4, count: 1 }, {
    from: 4,
    to: 8,
    count: 0,
  }], 10);
  assert(lines[0]?.includes("██████████"));
  assert(lines[1]?.includes("▏"));
  assert(!/[█▏]/.test(lines[2] ?? ""));
});

Deno.test("bench takes its options in units", () => {
  const parse = (...args: string[]): { rate: number | undefined; size: number; duration: number } =>
    parseCommandLine(args, BENCH_OPTIONS, { environment: () => undefined }).values;
  assertEquals(["5000", "20k", "1.5M", "2k/s"].map((rate) => parse("--rate", rate).rate), [
    5000,
    20_000,
    1_500_000,
    2000,
  ]);
  assertEquals([parse("-s", "1KiB").size, parse("-d", "2min").duration], [1024, 120_000]);
  for (const bad of ["0", "-1", "x", "5ms", "1e9"]) assertThrows(() => parse("--rate", bad), Error);
});
