// What a hostile program sends or prints is looked at in time that grows with its length, and no faster.
import { assertLess } from "@std/assert";
import { detectFraming, explainLength } from "../../../../lib/commands/check_client/detect.ts";
import { crashIn } from "../../../../lib/commands/grading/crash.ts";
import { escapeText } from "../../../../lib/base/text.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { parseReply } from "../../../../lib/protocol/replies.ts";

/** Characters that are looked at. */
const SIZE = 256 * 1024;

/** Longest time for that, in ms: measured 1 to 200; a search that begins anew at each character takes half a minute. */
const MOST_TIME = 10_000;

const LOOKED_AT_BY: Readonly<Record<string, (text: string) => unknown>> = {
  "parseReply()": parseReply,
  "crashIn()": crashIn,
  "escapeText()": escapeText,
  "detectFraming()": (text) => detectFraming(new TextEncoder().encode(text), "hello"),
  "explainLength()": (text) => explainLength(framingFrom("u32"), new TextEncoder().encode(text)),
};

const ENDLESS: Readonly<Record<string, (size: number) => string>> = {
  letters: (size) => "x".repeat(size),
  blanks: (size) => " ".repeat(size),
  "line ends": (size) => "\r\n".repeat(size / 2),
  brackets: (size) => `331 ${"[".repeat(size)}`,
  tags: (size) => `331 ${Array.from({ length: size / 8 }, (_, at) => `[A${at}] `).join("")}What?`,
  "a tag": (size) => `331 [AUTH${" A".repeat(size / 2)}] What?`,
  "half tags": (size) => `331 ${"[A b ".repeat(size / 5)}`,
  questions: (size) => "?: ".repeat(size / 3),
  digits: (size) => "1".repeat(size),
  escapes: (size) => "\u001b".repeat(size),
  "a trace without an end": (size) => `Traceback (most recent call last):\n${" x\n".repeat(size / 3)}`,
  "half a panic": (size) => `thread '${"' (1) ".repeat(size / 6)}`,
  "half an exception": (size) => `Exception in thread "${'" '.repeat(size / 2)}`,
};

for (const [name, look] of Object.entries(LOOKED_AT_BY)) {
  Deno.test(`${name} takes time in proportion to what it is given`, () => {
    for (const [what, make] of Object.entries(ENDLESS)) {
      const text = make(SIZE);
      const began = performance.now();
      try {
        look(text);
      } catch {
        // Refused: in time, too.
      }
      assertLess(performance.now() - began, MOST_TIME, `${what}, in ms`);
    }
  });
}
