/**
 * What a server says before anything was sent.
 *
 * @module
 */
import { firstFrame } from "../../framing/first_frame.ts";
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { candidateFramings } from "../../net/sniff.ts";
import { textOf, wordsOf } from "./bytes.ts";
import type { ServerUnderTest } from "./server_under_test.ts";

/** All that it says, of several frames one line each. */
export function greetingText({ framing, greeting }: Pick<ServerUnderTest, "framing" | "greeting">): string {
  const payloads = framing?.hasBoundaries ? framesOf(framing, greeting) : undefined;
  if (payloads !== undefined) return payloads.map(wordsOf).join("\n");
  const first = framing === undefined ? undefined : firstFrame(framing, greeting);
  return wordsOf(first?.type === "frame" ? first.payload : greeting);
}

/** The framing of a greeting that is whole frames of it: one, or several where their headers cannot be letters. */
export function framingOfGreeting(greeting: Uint8Array): Framing {
  const candidates = candidateFramings(greeting).filter(({ name }) => !isWord(greeting, name));
  const countIn = (framing: Framing): number => framesOf(framing, greeting)?.length ?? 0;
  const found = candidates.find((framing) => countIn(framing) === 1) ??
    candidates.find((framing) => !/^(?:u8|varint|hex:)/.test(framing.name) && countIn(framing) > 1);
  if (found !== undefined) return found;
  // Our own dialogue ends a reply so in "raw" as well, which then is no different.
  return framingFrom(/^\d{3} [^]*\n$/.test(textOf(greeting)) ? "line" : "raw");
}

/** The payloads of whole frames, none of them empty; `undefined` where the bytes are something else. */
function framesOf(framing: Framing, bytes: Uint8Array): Uint8Array[] | undefined {
  const payloads: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const frame = firstFrame(framing, bytes.subarray(at));
    if (frame.type !== "frame" || frame.payload.length === 0) return undefined;
    payloads.push(frame.payload);
    at += frame.used;
  }
  return payloads;
}

/** Whether what would be the header is the beginning of a word: "Enter your name" is no frame of fourteen bytes. */
function isWord(greeting: Uint8Array, name: string): boolean {
  if (name !== "u8" && !name.startsWith("hex:")) return false;
  const text = textOf(greeting);
  if (text.includes("\ufffd")) return false;
  return name === "u8" ? /^\p{L}/u.test(text) : !/^\s*0|\d/.test(text.slice(0, Number(name.slice(4))));
}
