/**
 * What a server says before anything was sent.
 *
 * @module
 */
import { firstFrame } from "../../framing/first_frame.ts";
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { candidateFramings } from "../../net/sniff.ts";
import { textOf } from "./bytes.ts";
import type { ServerUnderTest } from "./server_under_test.ts";

export function greetingText({ framing, greeting }: Pick<ServerUnderTest, "framing" | "greeting">): string {
  const first = framing === undefined ? undefined : firstFrame(framing, greeting);
  return textOf(first?.type === "frame" ? first.payload : greeting);
}

export function framingOfGreeting(greeting: Uint8Array): Framing {
  const found = candidateFramings(greeting).find((framing) => {
    const first = firstFrame(framing, greeting);
    const isWhole = first.type === "frame" && first.used === greeting.length && first.payload.length > 0;
    return isWhole && !isWord(greeting, framing.name);
  });
  if (found !== undefined) return found;
  // Our own dialogue ends a reply so in "raw" as well, which then is no different.
  return framingFrom(/^\d{3} [^]*\n$/.test(textOf(greeting)) ? "line" : "raw");
}

/** Whether what would be the header is the beginning of a word: "Enter your name" is no frame of fourteen bytes. */
function isWord(greeting: Uint8Array, name: string): boolean {
  if (name !== "u8" && !name.startsWith("hex:")) return false;
  const text = textOf(greeting);
  if (text.includes("\ufffd")) return false;
  return name === "u8" ? /^\p{L}/u.test(text) : !/^\s*0|\d/.test(text.slice(0, Number(name.slice(4))));
}
