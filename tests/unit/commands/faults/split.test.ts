import { assert, assertEquals } from "@std/assert";
import { split } from "../../../../lib/commands/faults/split.ts";
import { streamed } from "./through.ts";

Deno.test("split cuts what came together into pieces, a moment apart", async () => {
  const { pieces, strikes } = await streamed(split, "split=3B,gap=5ms", ["hello, world", "ok"]);
  assertEquals(pieces.map(({ text }) => text), ["hel", "lo,", " wo", "rld", "ok"]);
  assert((pieces[3]?.ms ?? 0) >= 14, "5 ms apart");
  assertEquals(strikes.map(({ fault, pieces, bytes }) => [fault, pieces, bytes]), [["split", 4, 3]]);
});
