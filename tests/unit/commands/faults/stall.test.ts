import { assert, assertEquals } from "@std/assert";
import { stall } from "../../../../lib/commands/faults/stall.ts";
import { streamed } from "./through.ts";

Deno.test("stall lets nothing pass for its time, once, behind its place", async () => {
  const { pieces, strikes } = await streamed(stall, "stall=50ms,stall-after=3B", ["abcde", "f"]);
  assertEquals(pieces.map(({ text }) => text), ["abc", "de", "f"]);
  assert((pieces[0]?.ms ?? 99) < 40 && (pieces[1]?.ms ?? 0) >= 49, "after three bytes");
  assertEquals(strikes.map(({ fault, ms }) => [fault, ms]), [["stall", 50]]);
});
