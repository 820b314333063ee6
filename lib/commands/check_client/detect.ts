/**
 * Which framing a client uses, told from what it sent first; and what is wrong with a length that does not fit.
 *
 * @module
 */
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { textIn } from "./encodings.ts";
import { MAX_TEXT_WIDTH } from "../../framing/length_header.ts";

/** What a length counts instead of the payload's bytes: its characters, or the header as well; or all but a line end behind it. */
type Miscount = "characters" | "header" | "no_line_end";

/** A length that does not fit, in the header of the first message. */
export interface LengthMistake {
  readonly counts: Miscount;
  /** What the header says. */
  readonly announced: number;
  /** What it should say. */
  readonly bytes: number;
  /** The payload, as text. */
  readonly text: string;
}

/** A framing that fits, and what the client does wrong with it. */
interface Detected {
  readonly framing: Framing;
  readonly mistake?: LengthMistake;
}

/**
 * The framing of `bytes`, which are everything a client sent so far; `raw` where they are text without anything around
 * it, `undefined` where something else stands around it.
 *
 * A framing fits when its frames end where the bytes do. `typed` is what the message has to contain, where that is known.
 *
 * @example
 * ```ts
 * import { detectFraming } from "./detect.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const name = (text: string): string | undefined => detectFraming(new TextEncoder().encode(text))?.framing.name;
 * assertEquals(name("0000000012привет"), "dec:10");
 * assertEquals(name("12:привет,"), "netstring");
 * assertEquals(name("привет\n"), "line");
 * assertEquals(name("привет"), "raw");
 * assertEquals(name("12 привет"), "raw");
 * assertEquals(detectFraming(new TextEncoder().encode("6привет"))?.mistake?.counts, "characters");
 * ```
 */
export function detectFraming(bytes: Uint8Array, typed?: string): Detected | undefined {
  // Digits and one blank are no three characters of a header: the next length may have another number of digits.
  const isSpaced = /^\d+ [^ ]/.test(new TextDecoder().decode(bytes.subarray(0, MAX_TEXT_WIDTH)));
  const exact = HEADERED.find((framing) =>
    !(isSpaced && framing.name.startsWith("dec:")) && frames(framing, bytes, typed)
  );
  if (exact !== undefined) return { framing: exact };
  for (const framing of HEADERED) {
    const mistake = explainLength(framing, bytes, typed);
    if (mistake !== undefined) return { framing, mistake };
  }
  const uncounted = withoutLineEnd(bytes, typed);
  if (uncounted !== undefined) return uncounted;
  if (isPickle(bytes)) return { framing: framingFrom("raw") };
  const text = textOf(bytes);
  if (text === undefined || !(typed === undefined ? isPrintable(text) : text.includes(typed) && isPrintable(text))) {
    return undefined;
  }
  return { framing: framingFrom(text.endsWith("\n") ? "line" : "raw") };
}

/** What the length of the first message in `bytes` counts, where it does not count the payload's bytes. */
export function explainLength(framing: Framing, bytes: Uint8Array, typed?: string): LengthMistake | undefined {
  if (!Number.isFinite(framing.capacity)) return undefined;
  const scanner = framing.scanner(Number.MAX_SAFE_INTEGER);
  const next = scanner.step(bytes, 0, bytes.length);
  if (next === 0 && scanner.payloadStart === 0) return undefined;
  const [start, announced] = [scanner.payloadStart, scanner.frameLength];
  const hasComma = framing.name === "netstring" && bytes.at(-1) === COMMA;
  const payload = bytes.subarray(start, hasComma ? -1 : undefined);
  const text = textOf(payload);
  if (text === undefined || text === "" || payload.length === announced) return undefined;
  if (typed === undefined ? !isPrintable(text) : !text.includes(typed)) return undefined;
  const mistake = (counts: Miscount): LengthMistake => ({ counts, announced, bytes: payload.length, text });
  // Code points, as Python counts, or UTF-16 units, as Java and JavaScript do.
  if (announced === Array.from(text).length || announced === text.length) return mistake("characters");
  return announced === bytes.length ? mistake("header") : undefined;
}

/** A frame of what was typed, with a line end behind it that its header does not count. */
function withoutLineEnd(bytes: Uint8Array, typed: string | undefined): Detected | undefined {
  const bytesAtMost = typed === undefined ? 0 : MAX_TEXT_WIDTH + 4 * typed.length;
  if (typed === undefined || bytes.length > bytesAtMost || bytes.at(-1) !== LINE_FEED) return undefined;
  const end = bytes.at(-2) === CARRIAGE_RETURN ? "\r\n" : "\n";
  const frame = bytes.subarray(0, -end.length);
  const framing = HEADERED.find((one) => frames(one, frame, typed));
  if (framing === undefined) return undefined;
  const announced = new TextEncoder().encode(typed).length;
  return { framing, mistake: { counts: "no_line_end", announced, bytes: announced + end.length, text: typed } };
}

const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Framings with a length, the longer headers before those that could be their parts. Without those whose length counts
 * the header: where nobody asked for one, it is the mistake that {@linkcode explainLength} names.
 */
const HEADERED: readonly Framing[] = [
  "netstring",
  ...["u64", "u32", "u32le", "u16", "u16le", "u8"],
  ...widths().map((width) => `dec:${width}`),
  // One hexadecimal digit is the first letter of many a word.
  ...widths().filter((width) => width > 1).map((width) => `hex:${width}`),
  "varint",
].map(framingFrom);

function widths(): number[] {
  return Array.from({ length: MAX_TEXT_WIDTH }, (_, at) => MAX_TEXT_WIDTH - at);
}

/** Whether the bytes are whole frames, of text, the first of them not empty. */
function frames(framing: Framing, bytes: Uint8Array, typed: string | undefined): boolean {
  const scanner = framing.scanner(bytes.length);
  let first: Uint8Array | undefined;
  for (let pos = 0; pos < bytes.length;) {
    const next = scanner.step(bytes, pos, bytes.length);
    if (next === pos || !scanner.complete) return false;
    const payload = bytes.subarray(scanner.payloadStart, scanner.payloadEnd);
    first ??= payload;
    const isText = textOf(payload) !== undefined || textIn(payload, typed).encoding !== "utf-8";
    if (!isText || first.length === 0) return false;
    pos = next;
  }
  if (first === undefined) return false;
  return typed === undefined ? isPrintable(textOf(first) ?? "") : textIn(first, typed).text.includes(typed);
}

/** The bytes as text; of a pickle, whose strings are UTF-8 among other bytes, what there is of it. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: !isPickle(bytes), ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether that is an object of Python, as pickle writes it since protocol 2: 0x80, the protocol, …, a full stop. */
function isPickle(bytes: Uint8Array): boolean {
  const [first, protocol = 0] = bytes;
  return first === 0x80 && protocol >= 2 && protocol <= 5 && bytes.at(-1) === FULL_STOP;
}

const FULL_STOP = 0x2e;

/** Whether there is no control character but line ends and tabs: the bytes of a binary header are such. */
function isPrintable(text: string): boolean {
  return !/(?![\n\r\t])\p{Cc}/u.test(text);
}
