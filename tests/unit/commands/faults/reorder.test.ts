import { assertEquals } from "@std/assert";
import { reorder } from "../../../../lib/commands/faults/reorder.ts";
import { framed } from "./through.ts";

Deno.test("reorder lets a frame be overtaken by the next", () => {
  const { bytes, strikes } = framed(reorder, "reorder=1/2", { payloads: ["a", "b", "c", "d"] });
  assertEquals(bytes, ["\x01a", "\x01c", "\x01b", "\x01d"]);
  assertEquals(strikes.map(({ fault, frame }) => [fault, frame]), [["reorder", 2]]);
});
