/**
 * Bytes of the wire: as a finding shows them, and as frames.
 *
 * @module
 */
import { hexText } from "../../base/bytes.ts";
import type { Framing } from "../../framing/framing.ts";
import { escapeText } from "../../base/text.ts";

/** Bytes shown of a message; more are counted only. */
const SHOWN = 24;

/** Text as bytes. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Text of bytes that may be anything. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Words of a program, which may be of Windows' encoding for Russian. */
export function wordsOf(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (!text.includes("\ufffd")) return text;
  const other = new TextDecoder("windows-1251").decode(bytes);
  return /[а-яё]{3}/i.test(other) && !/[^\p{Script=Cyrillic}\x20-\x7e\s«»—–…№]/u.test(other) ? other : text;
}

/**
 * Bytes for people: as text and in hexadecimal, shortened.
 *
 * @example
 * ```ts
 * import { shown } from "./bytes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shown(Uint8Array.of(0, 0, 0, 2, 104, 105)), '"\\x00\\x00\\x00\\x02hi" (00 00 00 02 68 69)');
 * ```
 */
export function shown(bytes: Uint8Array): string {
  const some = bytes.subarray(0, SHOWN);
  const more = bytes.length > SHOWN ? "…" : "";
  // A character that the cut goes through is not shown.
  const text = new TextDecoder().decode(some, { stream: more !== "" });
  const hex = hexText(some);
  const size = more === "" ? "" : ` ${bytes.length} B`;
  return `"${escapeText(text)}${more}" (${hex}${more && " …"}${size && `,${size}`})`;
}

/** Length of the header of this frame, in bytes; 0 where there is none. */
export function headerLength(framing: Framing): number {
  return framing.headerSize ?? framing.encode(Uint8Array.of(120)).length - 1 - framing.trailerSize;
}
