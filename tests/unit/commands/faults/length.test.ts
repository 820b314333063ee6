import { assertEquals, assertNotEquals } from "@std/assert";
import { length } from "../../../../lib/commands/faults/length.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { framed } from "./through.ts";

Deno.test("length announces what is not there", () => {
  for (const name of ["u8", "dec:4", "netstring"]) {
    const { bytes: [frame = ""], strikes } = framed(length, "length", {
      payloads: ["hello"],
      framing: framingFrom(name),
    });
    assertEquals(frame.includes("hello"), true, name);
    assertNotEquals(strikes[0]?.bytes, 5);
  }
});

Deno.test("length leaves a delimiter out", () => {
  const { bytes } = framed(length, "length=1/2", { payloads: ["one", "two", "three"], framing: framingFrom("line") });
  assertEquals(bytes.join(""), "one\ntwothree\n");
});
