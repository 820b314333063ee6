/**
 * Bytes: put together, and in hexadecimal.
 *
 * @module
 */

/** Bytes one behind the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
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
