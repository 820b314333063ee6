import { assertEquals } from "@std/assert";
import { closeAfter } from "../../../../lib/commands/faults/close_after.ts";
import { streamed } from "./through.ts";

Deno.test("close-after ends a direction after its bytes", async () => {
  const { pieces, strikes, error } = await streamed(closeAfter, "close-after=7B", ["hello", "world"]);
  assertEquals([pieces.map(({ text }) => text), error], [["hello", "wo"], undefined]);
  assertEquals(strikes.map(({ fault, bytes }) => [fault, bytes]), [["close", 7]]);
});

Deno.test("close-after says nothing where the end comes before", async () => {
  const { strikes } = await streamed(closeAfter, "close-after=1h", ["hello"]);
  assertEquals(strikes, []);
});
