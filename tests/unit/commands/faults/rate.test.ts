import { assert } from "@std/assert";
import { rate } from "../../../../lib/commands/faults/rate.ts";
import { directionOf, streamed } from "./through.ts";

Deno.test("rate lets bytes pass no faster, and no slower", async () => {
  const began = performance.now();
  const { pieces, strikes } = await streamed(rate, "rate=100KiB/s", ["x".repeat(10 * 1024), "y".repeat(20 * 1024)]);
  const seconds = (performance.now() - began) / 1000;
  assert(pieces.reduce((sum, { text }) => sum + text.length, 0) === 30 * 1024, "all of them came");
  assert(seconds > 0.285 && seconds < 2, `${seconds} s`);
  assert(strikes.length === 2 && strikes[0]?.fault === "rate", "each read is told of");
  const half = pieces.filter(({ ms }) => ms < 150).reduce((sum, { text }) => sum + text.length, 0);
  assert(half < 17 * 1024, `evenly: ${half} in the first half`);
});

Deno.test("rate catches up with what a pause of its own process cost", async () => {
  const { direction } = directionOf("rate=40KiB/s");
  let isWanted = Promise.withResolvers<void>();
  isWanted.resolve();
  // The next part comes when the one before has arrived, as from somebody who waits for answers.
  async function* answered(): AsyncGenerator<{ bytes: Uint8Array; at: number }> {
    for (let part = 0; part < 40; part++) {
      await isWanted.promise;
      isWanted = Promise.withResolvers();
      yield { bytes: new Uint8Array(1024), at: performance.now() };
    }
  }
  const began = performance.now();
  const pause = setTimeout(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  }, 200);
  let passed = 0;
  for await (const { bytes } of rate(answered(), direction)) {
    passed += bytes.length;
    if (passed % 1024 === 0) isWanted.resolve();
  }
  clearTimeout(pause);
  const seconds = (performance.now() - began) / 1000;
  assert(seconds > 0.9 && seconds < 1.7, `${seconds} s, and not a second more`);
});
