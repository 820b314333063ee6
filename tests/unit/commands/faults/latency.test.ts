import { assert, assertEquals } from "@std/assert";
import { latency } from "../../../../lib/commands/faults/latency.ts";
import { streamed } from "./through.ts";

Deno.test("latency holds every piece for its time, and none for those before it", async () => {
  const texts = Array.from({ length: 40 }, (_, at) => `${at} `);
  const { pieces, strikes } = await streamed(latency, "latency=60ms", texts);
  assertEquals(pieces.map(({ text }) => text), texts);
  assertEquals(new Set(strikes.map(({ fault, ms }) => `${fault} ${ms}`)), new Set(["latency 60"]));
  // One after the other, the last would take 2.4 s.
  for (const { ms } of pieces) assert(ms >= 59 && ms < 2000, `${ms} ms`);
});

Deno.test("jitter spreads the latency, and keeps the order", async () => {
  const texts = Array.from({ length: 40 }, (_, at) => `${at} `);
  for (const distribution of ["uniform", "normal", "pareto"]) {
    const { pieces, strikes } = await streamed(latency, `latency=20ms,jitter=10ms,distribution=${distribution}`, texts);
    assertEquals(pieces.map(({ text }) => text), texts);
    const times = strikes.map(({ ms = 0 }) => ms);
    assert(new Set(times).size > 20, "they differ");
    const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    const expected = distribution === "pareto" ? 30 : 20;
    assert(Math.abs(mean - expected) < 8, `${distribution}: ${mean} ms`);
    if (distribution === "uniform") assert(times.every((ms) => ms >= 10 && ms <= 30), String(times));
  }
});
