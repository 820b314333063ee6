/**
 * How messages are told apart in TCP's stream of bytes: one object per framing, each with an encoder and an incremental
 * scanner. Nothing here reads, waits or allocates by what a peer announces; bytes go in, positions come out.
 *
 * The default, `u32`, is the framing of RFC 4571 and many others with a wider length: an unsigned big-endian count of
 * payload octets, then the payload. `docs/protocol.md` describes all of them.
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import { CRLF, delimited, delimiterFrom } from "./delimiter.ts";
import { BINARY, MAX_TEXT_WIDTH, textHeader } from "./length_header.ts";
import { NETSTRING } from "./netstring.ts";
import type { Framing } from "./scanner.ts";
import { LINE, RAW } from "./unframed.ts";
import { VARINT } from "./varint.ts";

export { type Framing, MAX_HEADER, Scanner, truncated } from "./scanner.ts";

/** The frames of `payloads`, one behind the other; throws what {@linkcode Framing.encode} does. */
export function encodeAll(framing: Framing, payloads: readonly Uint8Array[]): Uint8Array {
  return framing.encodeAll?.(payloads) ?? concat(...payloads.map((payload) => framing.encode(payload)));
}

/** Spellings `--framing` takes, for help and messages. */
export const FRAMING_NAMES: readonly string[] = [
  "u32",
  "u8",
  "u16",
  "u16le",
  "u32le",
  "u64",
  "u16incl",
  "u32incl",
  "varint",
  "dec:W",
  "hex:W",
  "netstring",
  "line",
  "crlf",
  "until:BYTES",
  "raw",
];

/**
 * The framing of that name.
 *
 * @throws {UsageError} `bad_framing`
 *
 * @example
 * ```ts
 * import { framingFrom } from "./framing.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
 * const hello = new TextEncoder().encode("привет");
 * assertEquals(text(framingFrom("dec:8").encode(hello)), "00000012привет");
 * assertEquals(text(framingFrom("netstring").encode(hello)), "12:привет,");
 * ```
 */
export function framingFrom(name: string): Framing {
  const fixed = Object.hasOwn(BINARY, name) ? BINARY[name] : undefined;
  if (fixed !== undefined) return fixed;
  if (name === "netstring") return NETSTRING;
  if (name === "line") return LINE;
  if (name === "raw") return RAW;
  if (name === "varint") return VARINT;
  if (name === "crlf") return CRLF;
  const delimiter = name.startsWith("until:") ? delimiterFrom(name.slice("until:".length)) : undefined;
  if (delimiter !== undefined) return delimited(delimiter, name);
  const [, base, width] = /^(dec|hex):([1-9][0-9]?)$/.exec(name) ?? [];
  if (base !== undefined && Number(width) <= MAX_TEXT_WIDTH) {
    return textHeader(base === "dec" ? 10 : 16, Number(width), name);
  }
  throw new UsageError(
    "bad_framing",
    `Cannot use the framing "${name}": choose one of ${FRAMING_NAMES.join(", ")}, with W from 1 to ${MAX_TEXT_WIDTH}`,
    { details: { value: name, choices: FRAMING_NAMES.join(", "), max: MAX_TEXT_WIDTH } },
  );
}
