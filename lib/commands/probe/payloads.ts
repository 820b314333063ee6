/**
 * Payloads that a probe sends: made so that a middlebox which changes one kind of byte does not change the header, too.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import type { Framing } from "../../framing/framing.ts";

/** Kinds of bytes that middleboxes treat each in their own way. */
export const KINDS = ["digits", "letters", "controls", "high"] as const;

export type Kind = (typeof KINDS)[number];

/** The first and the last byte of each. */
const RANGES: Readonly<Record<Kind, readonly [first: number, last: number]>> = {
  digits: [0x20, 0x40],
  letters: [0x41, 0x7f],
  controls: [0x00, 0x1f],
  high: [0x80, 0xff],
};

/** Bytes of a payload: the length in a binary header is then a digit, which nobody changes. */
const SIZE = 48;

/** Frames with every byte of a kind that the framing can carry. */
export function framesOf(kind: Kind, framing: Framing): Uint8Array {
  const [first, last] = RANGES[kind];
  const bytes = Array.from({ length: last - first + 1 }, (_, at) => first + at).filter((byte) =>
    carries(framing, [byte])
  );
  if (bytes.length === 0) return new Uint8Array(0);
  const frames = Array.from(
    { length: Math.ceil(bytes.length / SIZE) },
    (_, frame) => Uint8Array.from({ length: SIZE }, (_, at) => bytes[(frame * SIZE + at) % bytes.length] ?? 0),
  );
  // A text file's line end, which stands nowhere in ascending order.
  if (kind === "controls" && carries(framing, [13, 10])) frames[0]?.set([13, 10], SIZE - 2);
  return concat(...frames.map((payload) => framing.encode(payload)));
}

function carries(framing: Framing, bytes: readonly number[]): boolean {
  try {
    framing.encode(Uint8Array.from(bytes));
    return true;
  } catch {
    return false;
  }
}

export function digits(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => 0x30 + at % 10);
}

/** The largest size up to this whose bytes, as a binary length, are neither letters nor have the eighth bit. */
export function harmlessSize(size: number): number {
  return size & 0x3f3f3f3f;
}
