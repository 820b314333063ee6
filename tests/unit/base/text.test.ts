import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../lib/base/errors.ts";
import { decodeUtf8, displayBytes, escapeJson, escapeText } from "../../../lib/base/text.ts";
import { bytesOf } from "../../support/framing_vectors.ts";

Deno.test("decodeUtf8() keeps every character, a byte order mark and a null included", () => {
  for (const text of ["", "a", "привет", "日本語", "👩‍👩‍👧", "\ufeffmark", "\u0000"]) {
    assertEquals(decodeUtf8(new TextEncoder().encode(text)), text);
  }
});

for (
  const [bytes, offset, why] of [
    ["\u00ff", 0, "a byte no character has"],
    ["ab\u00ffcd", 2, "one among letters"],
    ["\u00d0\u00bf\u00d0", 2, "a character that is cut off"],
    ["\u00f0\u009f\u0091", 0, "an emoji that is cut off"],
    ["ok \u00c0\u00af", 3, "an overlong slash"],
    ["\u00ed\u00a0\u0080", 0, "a surrogate"],
    ["\u00f4\u0090\u0080\u0080", 0, "a code point over U+10FFFF"],
    ["a\u0080", 1, "a continuation byte alone"],
    ["\u00ef\u00bb\u00bfmark\u00fe", 7, "a wrong byte behind a byte order mark"],
    [`${"x".repeat(100_000)}\u00ff`, 100_000, "a wrong byte at the end of a long text"],
  ] as const
) {
  Deno.test(`decodeUtf8() names the offset of ${why}`, () => {
    const error = assertThrows(() => decodeUtf8(bytesOf(bytes)), ProtocolError);
    assertEquals([error.code, error.details], ["invalid_utf8", { offset }]);
  });
}

for (
  const [text, escaped] of [
    ["plain text, привет, 日本語 🙂", "plain text, привет, 日本語 🙂"],
    ["tab\tline\nreturn\r", "tab\\tline\\nreturn\\r"],
    ["\u001b[2J\u0007", "\\x1b[2J\\x07"],
    ["\u009b31m", "\\x9b31m"],
    ["\u007f", "\\x7f"],
    ["a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
    ["a\u200bb\ufeff", "a\\u{200b}b\\u{feff}"],
    ["\u2028\u2029", "\\u{2028}\\u{2029}"],
    ["\u{e0041}", "\\u{e0041}"],
    ["\ud800x", "\\u{d800}x"],
    ["👩‍👧 नहीं‌ठीक", "👩‍👧 नहीं‌ठीक"],
    ["back\\slash", "back\\slash"],
  ] as const
) {
  Deno.test(`escapeText() makes ${escaped} of ${JSON.stringify(text)}`, () => {
    assertEquals(escapeText(text), escaped);
  });
}

Deno.test("escapeJson() leaves values as they were and nothing that a terminal would obey", () => {
  const value = { text: "\u202e\u009b31m\u2028\u{e0041}\u200b\ud800 привет 👩‍👧" };
  const json = escapeJson(JSON.stringify(value));
  assertEquals(JSON.parse(json), value);
  assertEquals(escapeText(json), json);
});

Deno.test("displayBytes() shows text as text and anything else in hexadecimal", () => {
  assertEquals(displayBytes(new TextEncoder().encode("мир\u001b")), "мир\\x1b");
  assertEquals(displayBytes(bytesOf("\u0000\u00ff")), "hex:00ff");
  assertEquals(displayBytes(new Uint8Array(0)), "");
});
