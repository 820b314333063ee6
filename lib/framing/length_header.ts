/**
 * Framings with a header of fixed size that holds the payload's length, in binary or in digits.
 *
 * @module
 */
import { put } from "../base/bytes.ts";
import { badHeader, type Framing, notEncodable, Scanner } from "./scanner.ts";

/** Reads a fixed-length header at `pos`: the payload's length in bytes, or -1 when it is no number. */
type LengthReader = (bytes: Uint8Array, pos: number) => number;
type LengthWriter = (bytes: Uint8Array, length: number, pos: number) => void;

const u8: LengthReader = (b, p) => b[p] ?? 0;
const u16: LengthReader = (b, p) => u8(b, p) * 0x100 + u8(b, p + 1);
const u16le: LengthReader = (b, p) => u8(b, p) + u8(b, p + 1) * 0x100;
const u32: LengthReader = (b, p) => u16(b, p) * 0x10000 + u16(b, p + 2);
/** From 2^53 on inexact, and far over any limit before that. */
const u64: LengthReader = (b, p) => u32(b, p) * 2 ** 32 + u32(b, p + 4);

/** A number of `size` bytes, the most significant first. */
function bigEndian(size: number): LengthWriter {
  return (bytes, length, pos) => {
    for (let at = pos + size - 1; at >= pos; at--) {
      bytes[at] = length % 0x100;
      length = Math.floor(length / 0x100);
    }
  };
}

/** … the least significant first. */
function littleEndian(size: number): LengthWriter {
  return (bytes, length, pos) => {
    for (let at = pos; at < pos + size; at++) {
      bytes[at] = length % 0x100;
      length = Math.floor(length / 0x100);
    }
  };
}

/** The length counts the header itself, as in PostgreSQL's messages and in RFC 1006: less than the header is no length. */
function inclusive(size: number, read: LengthReader): Framing {
  const write = bigEndian(size);
  return lengthHeader(`u${size * 8}incl`, {
    ...{ size, capacity: 0x100 ** size - 1 - size },
    read: (bytes, pos) => read(bytes, pos) - size,
    write: (bytes, length, pos) => write(bytes, length + size, pos),
  });
}

/** The binary headers by name. */
export const BINARY: Readonly<Record<string, Framing>> = {
  u8: lengthHeader("u8", { size: 1, read: u8 }),
  u16: lengthHeader("u16", { size: 2, read: u16 }),
  u16le: lengthHeader("u16le", { size: 2, read: u16le, write: littleEndian(2) }),
  u32: lengthHeader("u32", { size: 4, read: u32 }),
  u32le: lengthHeader("u32le", {
    size: 4,
    read: (bytes, pos) => u16le(bytes, pos) + u16le(bytes, pos + 2) * 0x10000,
    write: littleEndian(4),
  }),
  u64: lengthHeader("u64", { size: 8, read: u64 }),
  u16incl: inclusive(2, u16),
  u32incl: inclusive(4, u32),
};

/** Widest textual header. From 2^53 on a length is inexact, and far over any limit before that. */
export const MAX_TEXT_WIDTH = 64;

const SPACE = 0x20;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;

/** Decimal or hexadecimal digits: written zero-padded, read with spaces and `+` as padding on either side. */
export function textHeader(radix: 10 | 16, width: number, name: string): Framing {
  return lengthHeader(name, {
    ...{ kind: "digits", size: width, capacity: Math.min(radix ** width - 1, Number.MAX_SAFE_INTEGER) },
    read: (bytes, pos) => readDigits(bytes, pos, pos + width, radix),
    write: (bytes, length, pos) =>
      new TextEncoder().encodeInto(length.toString(radix).padStart(width, "0"), bytes.subarray(pos, pos + width)),
  });
}

function readDigits(bytes: Uint8Array, pos: number, end: number, radix: 10 | 16): number {
  const isPadding = (byte: number | undefined): boolean => byte === SPACE || byte === PLUS;
  while (pos < end && isPadding(bytes[pos])) pos++;
  while (pos < end && isPadding(bytes[end - 1])) end--;
  if (pos === end) return -1;
  let length = 0;
  for (; pos < end; pos++) {
    const digit = digitOf(u8(bytes, pos), radix);
    if (digit < 0) return -1;
    length = length * radix + digit;
  }
  return length;
}

function digitOf(byte: number, radix: 10 | 16): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  const letter = byte | 0x20;
  return radix === 16 && letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

/** A header of fixed size that holds the payload's length. */
function lengthHeader(
  name: string,
  {
    size,
    read,
    write = bigEndian(size),
    capacity = Math.min(0x100 ** size - 1, Number.MAX_SAFE_INTEGER),
    kind = "binary",
  }: {
    readonly size: number;
    readonly read: LengthReader;
    readonly write?: LengthWriter;
    /** Most that the header can announce, in bytes. */
    readonly capacity?: number;
    readonly kind?: "binary" | "digits";
  },
): Framing {
  const encodeAll = (payloads: readonly Uint8Array[]): Uint8Array => {
    let length = 0;
    for (const payload of payloads) {
      if (payload.length > capacity) throw notEncodable("too_long", name);
      length += size + payload.length;
    }
    const frames = new Uint8Array(length);
    let at = 0;
    for (const payload of payloads) {
      write(frames, payload.length, at);
      at = put(frames, payload, at + size);
    }
    return frames;
  };
  return {
    name,
    capacity,
    kind,
    headerSize: size,
    trailerSize: 0,
    hasBoundaries: true,
    encode: (payload) => encodeAll([payload]),
    encodeAll,
    scanner: (limit) => new LengthScanner(limit, size, read),
  };
}

class LengthScanner extends Scanner {
  readonly #headerSize: number;
  readonly #readLength: LengthReader;
  #owed = 0;

  constructor(limit: number, headerSize: number, readLength: LengthReader) {
    super(limit);
    this.#headerSize = headerSize;
    this.#readLength = readLength;
  }

  override scan(bytes: Uint8Array, pos: number, end: number): number {
    return super.scan(bytes, this.inFrame ? pos : this.#lastWhole(bytes, pos, end), end);
  }

  override step(bytes: Uint8Array, pos: number, end: number): number {
    if (this.error !== undefined) return pos;
    if (!this.inFrame) {
      if (end - pos < this.#headerSize) return this.needMore(pos);
      const length = this.#readLength(bytes, pos);
      if (length < 0) return this.fail(badHeader(bytes.subarray(pos, pos + this.#headerSize)), pos);
      if (length > this.limit) return this.tooLarge(length, pos);
      this.#owed = this.frameLength = length;
      pos += this.#headerSize;
    }
    const taken = Math.min(this.#owed, end - pos);
    this.#owed -= taken;
    this.span(pos, pos + taken, this.#owed === 0);
    return pos + taken;
  }

  /** Passes over whole frames, which need no state, up to the last one: of 256 frames of 64 B each takes 6 ns instead of 14.5. */
  #lastWhole(bytes: Uint8Array, pos: number, end: number): number {
    const size = this.#headerSize;
    const read = this.#readLength;
    const limit = this.error === undefined ? this.limit : -1;
    let frames = 0;
    let last = pos;
    for (let next = pos; end - next >= size; frames++) {
      const length = read(bytes, next);
      if (length < 0 || length > limit || length > end - next - size) break;
      last = next;
      next += size + length;
    }
    if (frames > 1) this.frames += frames - 1;
    return last;
  }
}
