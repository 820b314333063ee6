import { assertEquals } from "@std/assert";
import { flip } from "../../../../lib/commands/faults/flip.ts";
import { framed } from "./through.ts";

Deno.test("flip changes one bit of the payload, the same one with the same seed", () => {
  const { bytes: [first = ""], strikes } = framed(flip, "flip", { payloads: ["hello"], seed: 5 });
  const again = framed(flip, "flip", { payloads: ["hello"], seed: 5 });
  assertEquals([first, strikes.map(({ byte, bit }) => [byte, bit])], [
    again.bytes[0],
    again.strikes.map(({ byte, bit }) => [byte, bit]),
  ]);
  const [{ byte = 0, bit = 0 } = {}] = strikes;
  const expected = "\x05hello".split("");
  expected[byte] = String.fromCharCode("\x05hello".charCodeAt(byte) ^ 1 << bit);
  assertEquals([first.startsWith("\x05"), byte > 0], [true, true]);
  if (bit < 7) assertEquals(first, expected.join(""));
});
