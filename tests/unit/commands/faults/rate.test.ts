import { assert } from "@std/assert";
import { rate } from "../../../../lib/commands/faults/rate.ts";
import { streamed } from "./through.ts";

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
