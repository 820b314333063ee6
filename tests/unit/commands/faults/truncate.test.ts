import { assertEquals } from "@std/assert";
import { truncate } from "../../../../lib/commands/faults/truncate.ts";
import { framed } from "./through.ts";

Deno.test("truncate cuts a frame off and ends the direction", () => {
  const { bytes: [frame = ""], isLast, strikes } = framed(truncate, "truncate", { payloads: ["hello"] });
  assertEquals([isLast, frame.length < 6, "\x05hello".startsWith(frame)], [true, true, true]);
  assertEquals(strikes.map(({ fault, bytes }) => [fault, bytes]), [["truncate", frame.length]]);
});
