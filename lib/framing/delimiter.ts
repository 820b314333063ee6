/**
 * Framings that end a message with bytes of the user's choice: `until:0x00`, `until:\r\n.\r\n`, and `crlf`.
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { type Framing, notEncodable, Scanner } from "./scanner.ts";

/** Longest delimiter, in bytes. */
const MAX_DELIMITER = 16;

/** A message ends with CR LF, as in SMTP and HTTP; a CR or an LF alone belongs to the message. */
export const CRLF: Framing = delimited(Uint8Array.of(0x0d, 0x0a), "crlf");

/**
 * The bytes that a user names a delimiter by: hexadecimal behind `0x`, else text in which `\n`, `\r`, `\t`, `\0`, `\\` and
 * `\xHH` stand for bytes; `undefined` where that is none, or too long.
 *
 * @example
 * ```ts
 * import { delimiterFrom } from "./delimiter.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(delimiterFrom("0x0d0a"), Uint8Array.of(13, 10));
 * assertEquals(delimiterFrom("END\\n"), new TextEncoder().encode("END\n"));
 * assertEquals(delimiterFrom("\\q"), undefined);
 * ```
 */
export function delimiterFrom(text: string): Uint8Array | undefined {
  const isHex = /^0x/i.test(text);
  if (isHex && !/^0x(?:[0-9a-f]{2})+$/i.test(text)) return undefined;
  const bytes = isHex ? Uint8Array.fromHex(text.slice(2)) : unescaped(text);
  return bytes !== undefined && bytes.length > 0 && bytes.length <= MAX_DELIMITER ? bytes : undefined;
}

const ESCAPES: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, 0: 0x00, "\\": 0x5c };

function unescaped(text: string): Uint8Array | undefined {
  if (/\\(?![nrt0\\]|x[0-9a-f]{2})/i.test(text.replaceAll("\\\\", ""))) return undefined;
  const parts = text.match(/\\x[0-9a-f]{2}|\\.|[^\\]+/gi) ?? [];
  return Uint8Array.from(parts.flatMap((part) => {
    if (!part.startsWith("\\")) return Array.from(new TextEncoder().encode(part));
    return [part.length === 4 ? parseInt(part.slice(2), 16) : ESCAPES[part.slice(1)] ?? 0];
  }));
}

/** The framing that ends each message with `delimiter`. */
export function delimited(delimiter: Uint8Array, name: string): Framing {
  return {
    name,
    capacity: Infinity,
    hasBoundaries: true,
    kind: "delimiter",
    headerSize: 0,
    trailerSize: delimiter.length,
    encode(payload) {
      const frame = concat(payload, delimiter);
      // The payload's end and the delimiter's beginning can be one, too.
      if (indexOf(frame, delimiter, 0) < payload.length) throw notEncodable("delimiter", name);
      return frame;
    },
    scanner: (limit) => new DelimiterScanner(limit, delimiter),
  };
}

class DelimiterScanner extends Scanner {
  readonly #delimiter: Uint8Array;

  constructor(limit: number, delimiter: Uint8Array) {
    super(limit);
    this.#delimiter = delimiter;
  }

  override step(bytes: Uint8Array, pos: number, end: number): number {
    if (this.error !== undefined) return pos;
    const seen = bytes.subarray(0, end);
    const found = indexOf(seen, this.#delimiter, pos);
    // What may be the delimiter's beginning is left unconsumed until it shows.
    const payloadEnd = found < 0 ? end - beginningAtEnd(seen, this.#delimiter, pos) : found;
    return this.upTo(payloadEnd, pos, found < 0 ? undefined : found + this.#delimiter.length);
  }
}

/** Where `part` first stands in `bytes` from `from` on; -1 where it does not. */
function indexOf(bytes: Uint8Array, part: Uint8Array, from: number): number {
  const first = part[0] ?? 0;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + part.length > bytes.length) return -1;
    if (part.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}

/** How many bytes at the end of `bytes`, from `from` on, are the longest beginning of `part`. */
function beginningAtEnd(bytes: Uint8Array, part: Uint8Array, from: number): number {
  for (let length = Math.min(part.length - 1, bytes.length - from); length > 0; length--) {
    const start = bytes.length - length;
    if (part.subarray(0, length).every((byte, offset) => bytes[start + offset] === byte)) return length;
  }
  return 0;
}
