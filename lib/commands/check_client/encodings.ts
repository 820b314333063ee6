/**
 * Texts of clients, which may be in another encoding than UTF-8.
 *
 * @module
 */

/** What is tried where bytes do not hold in UTF-8 what was typed. */
const OTHERS = ["windows-1251", "koi8-r", "ibm866", "utf-16le", "utf-16be"] as const;

/** Bytes that are looked at in other encodings at most: a client may send without end. */
const MOST = 1024;

/** A text and what it was written in. */
export interface Encoded {
  readonly text: string;
  readonly encoding: "utf-8" | typeof OTHERS[number];
}

/**
 * The bytes as text: in the encoding in which they hold what was typed, where that is known; else in UTF-8.
 *
 * @example
 * ```ts
 * import { textIn } from "./encodings.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0xec, 0xe8, 0xf0);
 * assertEquals(textIn(bytes, "мир"), { text: "мир", encoding: "windows-1251" });
 * assertEquals(textIn(new TextEncoder().encode("мир"), "мир").encoding, "utf-8");
 * ```
 */
export function textIn(bytes: Uint8Array, typed?: string): Encoded {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const isLong = typed !== undefined && bytes.length > MOST + 2 * typed.length;
  if (typed === undefined || typed === "" || isLong || text.includes(typed)) return { text, encoding: "utf-8" };
  const found = OTHERS.map((encoding) => ({ encoding, text: new TextDecoder(encoding).decode(bytes) }))
    .find((other) => other.text.includes(typed));
  return found ?? { text, encoding: "utf-8" };
}
