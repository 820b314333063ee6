/**
 * The framing vectors (tests/vectors/framing.json) as bytes, and the ways in which TCP may cut a stream to pieces.
 *
 * @module
 */
import { concat } from "../../lib/base/bytes.ts";
import { framingFrom, MAX_HEADER, type Scanner } from "../../lib/framing/framing.ts";
import data from "../vectors/framing.json" with { type: "json" };

/** Frames and what they hold. */
export interface FramingVector {
  readonly framing: string;
  readonly why: string;
  readonly wire: string;
  readonly payloads: readonly string[];
  readonly limit?: number;
  /** False where the encoder writes the same payloads in another way. */
  readonly canonical?: boolean;
}

/** Frames of which one is a mistake: its error code, and the bytes that are good before it. */
export interface BadFramingVector extends FramingVector {
  readonly code: string;
  readonly valid: number;
}

/** A payload no frame of this framing can carry. */
export interface NotEncodable {
  readonly framing: string;
  readonly why: string;
  readonly reason: string;
  readonly payload?: string;
  /** In place of `payload`: that many zero bytes. */
  readonly length?: number;
}

/** All vectors. */
export const vectors: {
  readonly good: readonly FramingVector[];
  readonly bad: readonly BadFramingVector[];
  readonly cut: readonly FramingVector[];
  readonly notEncodable: readonly NotEncodable[];
  readonly names: { readonly accepted: readonly string[]; readonly refused: readonly string[] };
} = data;

/** One byte a character, as the vectors are written. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The vector's wire bytes, its payloads and its limit. */
export function unpacked(vector: FramingVector): { wire: Uint8Array; payloads: Uint8Array[]; limit: number } {
  return { wire: bytesOf(vector.wire), payloads: vector.payloads.map(bytesOf), limit: vector.limit ?? 1024 };
}

/** A way to cut bytes into reads. */
export interface Chunking {
  readonly how: string;
  readonly chunks: readonly Uint8Array[];
}

/** Whole, byte by byte, and in two at every point. */
export function* chunkings(bytes: Uint8Array): Generator<Chunking> {
  yield { how: "whole", chunks: [bytes] };
  yield { how: "byte by byte", chunks: Array.from(bytes, (byte) => Uint8Array.of(byte)) };
  for (let at = 1; at < bytes.length; at++) {
    yield { how: `cut at ${at}`, chunks: [bytes.subarray(0, at), bytes.subarray(at)] };
  }
}

/** What a scanner made of some reads. */
export interface Scanned {
  readonly payloads: readonly Uint8Array[];
  /** Bytes consumed. */
  readonly valid: number;
  readonly code: string | undefined;
  /** Whether the end of the stream here would be inside a frame. */
  readonly isCut: boolean;
}

/** Feeds reads to a scanner step by step, carrying over what it leaves as a connection does. */
export function decodeAll(framing: string, limit: number, chunks: readonly Uint8Array[]): Scanned {
  const scanner = framingFrom(framing).scanner(limit);
  const payloads: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  const { valid, rest } = walk(scanner, chunks, (bytes, pos) => {
    const next = scanner.step(bytes, pos, bytes.length);
    if (next > pos) parts.push(bytes.slice(scanner.payloadStart, scanner.payloadEnd));
    if (next > pos && scanner.complete) {
      payloads.push(concat(...parts));
      parts = [];
    }
    return next;
  });
  return { payloads, valid, code: scanner.error?.code, isCut: scanner.inFrame || rest > 0 };
}

/** The same through `scan`, which gives no payloads: how many frames, how many good bytes. */
export function scanAll(
  framing: string,
  limit: number,
  chunks: readonly Uint8Array[],
): Omit<Scanned, "payloads"> & { frames: number } {
  const scanner = framingFrom(framing).scanner(limit);
  const { valid, rest } = walk(scanner, chunks, (bytes, pos) => scanner.scan(bytes, pos, bytes.length));
  return { frames: scanner.frames, valid, code: scanner.error?.code, isCut: scanner.inFrame || rest > 0 };
}

function walk(
  scanner: Scanner,
  chunks: readonly Uint8Array[],
  move: (bytes: Uint8Array, pos: number) => number,
): { valid: number; rest: number } {
  let rest = new Uint8Array(0);
  let valid = 0;
  for (const chunk of chunks) {
    const bytes = concat(rest, chunk);
    let pos = 0;
    for (let next = move(bytes, pos); next !== pos; next = move(bytes, pos)) {
      if (next < pos || next > bytes.length) throw new Error(`The scanner went from ${pos} to ${next}`);
      pos = next;
      if (pos === bytes.length) break;
    }
    valid += pos;
    if (scanner.error !== undefined) return { valid, rest: 0 };
    rest = bytes.slice(pos);
    if (rest.length > MAX_HEADER) throw new Error(`The scanner leaves ${rest.length} bytes, ${MAX_HEADER} at most`);
  }
  return { valid, rest: rest.length };
}
