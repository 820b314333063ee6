/**
 * Bytes: put together, from text and base64, and in hexadecimal.
 *
 * @module
 */

/** Bytes with a buffer of their own, as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes one behind the other. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) at = put(bytes, part, at);
  return bytes;
}

/** Copies `part` into `bytes` at `at`; returns where it ends. A loop is faster for a few bytes. */
export function put(bytes: Uint8Array, part: Uint8Array, at: number): number {
  const { length } = part;
  if (length > 32) bytes.set(part, at);
  else for (let index = 0; index < length; index++) bytes[at + index] = part[index] ?? 0;
  return at + length;
}

/**
 * Bytes in hexadecimal, with spaces between them.
 *
 * @example
 * ```ts
 * import { concat, hexText } from "./bytes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hexText(concat(Uint8Array.of(0, 10), Uint8Array.of(255))), "00 0a ff");
 * ```
 */
export function hexText(bytes: Uint8Array): string {
  return bytes.toHex().replace(/..(?=.)/g, "$& ");
}

/** The UTF-8 of `text`; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/**
 * Decodes base64 (RFC 4648, section 4), padding and zero pad bits required: one value has one spelling. `undefined` when
 * `text` is anything else.
 *
 * @example
 * ```ts
 * import { parseBase64 } from "./bytes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseBase64("biws"), new TextEncoder().encode("n,,"));
 * assertEquals(parseBase64("bh=="), undefined); // "bg==" with a pad bit set
 * ```
 */
export function parseBase64(text: string): Bytes | undefined {
  // The platform would skip spaces, and what it throws costs a hundred times as much as this.
  if (text.length % 4 !== 0 || !/^[A-Za-z\d+/]*={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}
