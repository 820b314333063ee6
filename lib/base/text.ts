/**
 * Text from strangers: decoded with a clear error, and escaped before it reaches a terminal or a log line.
 *
 * @module
 */
import { ProtocolError } from "./errors.ts";
import { lazyPattern } from "./pattern.ts";

/**
 * Decodes UTF-8 (RFC 3629), a byte order mark included.
 *
 * @throws {ProtocolError} `invalid_utf8`, naming the offset of the first byte that is no part of a character.
 *
 * @example
 * ```ts
 * import { decodeUtf8 } from "./text.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(decodeUtf8(new TextEncoder().encode("мир")), "мир");
 * assertThrows(() => decodeUtf8(Uint8Array.of(0x68, 0x69, 0xff)), Error, "offset 2");
 * ```
 */
export function decodeUtf8(bytes: Uint8Array): string {
  const text = tryDecodeUtf8(bytes);
  if (text !== undefined) return text;
  const offset = validUtf8Prefix(bytes);
  throw new ProtocolError("invalid_utf8", `Cannot read the message as UTF-8: wrong byte at offset ${offset}`, {
    details: { offset },
  });
}

/** As {@linkcode decodeUtf8}; `undefined` when it is no UTF-8. Where it `isCut`, an unfinished last character is left out. */
export function tryDecodeUtf8(
  bytes: Uint8Array,
  { isCut = false }: { readonly isCut?: boolean } = {},
): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}

/** Length in bytes of the whole characters before the first wrong byte. */
function validUtf8Prefix(bytes: Uint8Array): number {
  // A prefix that decodes as a stream stays good when shortened, so the longest one can be searched by halves.
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (tryDecodeUtf8(bytes.subarray(0, middle), { isCut: true }) === undefined) high = middle - 1;
    else low = middle;
  }
  return new TextEncoder().encode(tryDecodeUtf8(bytes.subarray(0, low), { isCut: true })).length;
}

/** Nothing but printable ASCII: most text is, and to make {@linkcode UNSAFE} takes a millisecond. */
const PLAIN = /^[\x20-\x7e]*$/;

const UNSAFE = lazyPattern(
  String.raw`[\u0000-\u001f\u007f-\u009f\u2028\u2029]|(?![\u200c\u200d])\p{Cf}|\p{Cs}`,
  "gu",
);

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * `text` with everything that a terminal or a log reader could take for more than text made visible. A backslash stays
 * as it is: the result is for reading, not for decoding.
 *
 * @example
 * ```ts
 * import { escapeText } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapeText("ok\u001b[31m red\r\nnext"), "ok\\x1b[31m red\\r\\nnext");
 * ```
 */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return replaceUnsafe(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (SHORT[char] !== undefined) return SHORT[char];
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/** Finished JSON with the same characters written as `\\u` escapes: still the same values, and safe to look at. */
export function escapeJson(json: string): string {
  if (PLAIN.test(json)) return json;
  const unit = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;
  return replaceUnsafe(
    json,
    (char) => Array.from({ length: char.length }, (_, at) => unit(char.charCodeAt(at))).join(""),
  );
}

/**
 * Replaces characters that would move the cursor, change colours, reorder or hide text: C0 and C1 controls, the format
 * characters (bidirectional marks, invisible ones, tags), line and paragraph separators, and lone surrogates. The two
 * joiners that emoji and some scripts are written with pass.
 */
function replaceUnsafe(text: string, by: (char: string) => string): string {
  return text.replace(UNSAFE(), by);
}

/** Bytes for display: text where they are UTF-8, hexadecimal otherwise; escaped either way. */
export function displayBytes(bytes: Uint8Array): string {
  const text = tryDecodeUtf8(bytes);
  return text === undefined ? `hex:${bytes.toHex()}` : escapeText(text);
}
