import { assertEquals } from "@std/assert";
import { drop } from "../../../../lib/commands/faults/drop.ts";
import { framed } from "./through.ts";

Deno.test("drop loses exactly every third frame", () => {
  const { bytes, strikes } = framed(drop, "drop=1/3", { payloads: ["a", "b", "c", "d", "e", "f"] });
  assertEquals(bytes, ["\x01a", "\x01b", "\x01d", "\x01e"]);
  assertEquals(strikes.map(({ fault, frame }) => [fault, frame]), [["drop", 3], ["drop", 6]]);
});

Deno.test("drop by chance is the same again with the same seed, and another with another", () => {
  const payloads = Array.from({ length: 400 }, (_, at) => String(at));
  const lost = (seed: number): unknown[] =>
    framed(drop, "drop=10%", { payloads, seed }).strikes.map(({ frame }) => frame);
  assertEquals(lost(7), lost(7));
  assertEquals(lost(7).length === lost(8).length && String(lost(7)) === String(lost(8)), false);
  assertEquals(Math.abs(lost(7).length - 40) < 20, true);
});
