import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../../lib/base/errors.ts";
import { parseFault } from "../../../../lib/commands/faults/settings.ts";

Deno.test("parseFault() takes the words of the documentation", () => {
  const cases: Readonly<Record<string, unknown>> = {
    "latency=100ms±20ms,distribution=normal": { latency: 100, jitter: 20, distribution: "normal" },
    "rate=200KiB/s": { rate: 204_800 },
    "rate=1MB/s": { rate: 1_000_000 },
    "rate=1.5kB/s": { rate: 1500 },
    "rate=8Mbps": { rate: 1_000_000 },
    "rate=8mbit/s": { rate: 1_000_000 },
    "rate=2000B": { rate: 2000 },
    "split=3B,gap=0": { split: 3, gap: 0 },
    "coalesce=20ms": { coalesce: 20 },
    "stall=2s": { stall: 2000 },
    "stall-after=10KiB": { stallAfter: 10_240 },
    "close-after=1KiB": { closeAfter: { bytes: 1024 } },
    "close-after=5s": { closeAfter: { ms: 5000 } },
    "reset-after=64K": { resetAfter: { bytes: 65_536 } },
    "truncate=1%,length=1%,flip=0.1%": {
      truncate: { chance: 0.01 },
      length: { chance: 0.01 },
      flip: { chance: 0.001 },
    },
    "drop=1/20,duplicate,reorder=.5": { drop: { every: 20 }, duplicate: { chance: 1 }, reorder: { chance: 0.5 } },
    "refuse=10%": { refuse: { chance: 0.1 } },
    "accept-delay=1s": { acceptDelay: 1000 },
  };
  for (const [text, settings] of Object.entries(cases)) assertEquals(parseFault(text).settings, settings, text);
});

Deno.test("parseFault() takes what people guess", () => {
  const cases: Readonly<Record<string, unknown>> = {
    "latency=100ms,jitter=20ms": { latency: 100, jitter: 20 },
    "delay=5ms+-1ms": { latency: 5, jitter: 1 },
    "bandwidth=8Mbit": { rate: 1_000_000 },
    "bandwidth=1M": { rate: 1_048_576 },
    "reset,after=64K": { resetAfter: { bytes: 65_536 } },
    "reset=2s": { resetAfter: { ms: 2000 } },
    "close,after=1K": { closeAfter: { bytes: 1024 } },
    "stall,after=1K,for=2s": { stallAfter: 1024, stall: 2000 },
    "loss=5%": { drop: { chance: 0.05 } },
    "latency:1ms": { latency: 1 },
  };
  for (const [text, settings] of Object.entries(cases)) assertEquals(parseFault(text).settings, settings, text);
});

Deno.test("parseFault() knows ways, shares and seeds", () => {
  const { ways, share, seed } = parseFault("both:reset-after=1K,share=1/3,seed=42");
  assertEquals([ways, share, seed], [["up", "down"], { every: 3 }, 42]);
  assertEquals(parseFault("stall").ways, ["down"]);
});

Deno.test("parseFault() refuses what it does not know, and says what is near", () => {
  for (const text of ["", "up:", "latncy=1ms", "latency=fast", "drop=200%", "rate=0B/s", "seed=1", "split=0B"]) {
    assertThrows(() => parseFault(text), UsageError, undefined, text);
  }
  const reasons = ["latncy=1ms", "bogus=1", "share=5%", "drop=200%"].map((text) => {
    const { reason, hint } = assertThrows(() => parseFault(text), UsageError).details;
    return [reason, String(hint).replace(/, jitter.*/, " …")];
  });
  assertEquals(reasons, [["fault_nearest", "latency"], ["fault_unknown", "latency …"], ["fault_none", "latency …"], [
    "fault",
    "drop=5%, drop=1/20",
  ]]);
});
