import { assertEquals } from "@std/assert";
import { duplicate } from "../../../../lib/commands/faults/duplicate.ts";
import { framed } from "./through.ts";

Deno.test("duplicate sends a frame twice", () => {
  const { bytes, strikes } = framed(duplicate, "duplicate=1/2", { payloads: ["a", "b", "c"] });
  assertEquals(bytes, ["\x01a", "\x01b", "\x01b", "\x01c"]);
  assertEquals(strikes.map(({ fault, frame }) => [fault, frame]), [["duplicate", 2]]);
});
