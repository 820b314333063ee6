import { assertEquals } from "@std/assert";
import { frames } from "../../../../lib/commands/faults/frames.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { streamed } from "./through.ts";

const u8 = frames({ framing: framingFrom("u8"), maxFrame: 255 });

Deno.test("frames() finds whole frames however they are cut", async () => {
  for (const texts of [["\x01a\x01b\x01c\x01d"], ["\x01", "a\x01b", "\x01c\x01", "d"]]) {
    const { pieces } = await streamed(u8, "drop=1/2", texts);
    assertEquals(pieces.map(({ text }) => text).join(""), "\x01a\x01c");
  }
});

Deno.test("frames() passes pieces as they come where no fault of frames is set", async () => {
  const { pieces } = await streamed(u8, "latency=0", ["\x05he", "llo"]);
  assertEquals(pieces.map(({ text }) => text), ["\x05he", "llo"]);
});

Deno.test("frames() passes an unfinished frame at the end, and what is held back", async () => {
  const { pieces } = await streamed(u8, "reorder=1/1", ["\x01a\x05he"]);
  assertEquals(pieces.map(({ text }) => text).join(""), "\x01a\x05he");
});

Deno.test("frames() ends with a truncated frame", async () => {
  const { pieces } = await streamed(u8, "truncate=1/2", ["\x01a\x05hello\x01c"]);
  const text = pieces.map(({ text }) => text).join("");
  assertEquals(["\x01a\x05hello".startsWith(text), text.length < 8, text.length > 2], [true, true, true]);
});
