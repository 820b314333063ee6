/**
 * What a benchmark sends: frames of one size that repeat after a while, so that any span of the stream can be cut out of
 * one array to be sent, and compared whole with what came back. Frames differ from their neighbours, so one that is lost,
 * swapped or sent twice shows at once; connections begin at different frames, so one that gets another's echo does, too.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { UsageError } from "../../base/errors.ts";
import type { Framing } from "../../framing/framing.ts";

/** Longest span, in bytes: what one write is handed, and what one read may bring. */
export const SPAN = 1024 * 1024;

/** Bytes that are compared one by one: a call, and an array for it, take longer. */
const SHORT = 256;

/** The stream repeats after about so many bytes, though not before the second frame. */
const PERIOD = 64 * 1024;

/**
 * What frames carry: printable noise, which every framing can; any bytes; zeros, which compress; or these bytes, over and
 * over, cut into frames.
 */
export type Payload = "text" | "random" | "zeros" | Uint8Array;

/** First and last printable ASCII character but the space: payloads that every framing can carry. */
const [FIRST, LAST] = [0x21, 0x7e];

/** The stream of all connections of one benchmark; offsets are bytes modulo {@linkcode Pattern.period}. */
export class Pattern {
  /** Bytes of one frame, header included. */
  readonly frameLength: number;
  /** Bytes after which the stream repeats. */
  readonly period: number;
  /** Frames after which the stream repeats. */
  readonly frames: number;
  readonly #bytes: Uint8Array;

  /**
   * @param size Payload of each frame, in bytes.
   * @throws {UsageError} `payload_not_encodable`, when the framing cannot carry it; `bad_value` for no bytes at all.
   */
  constructor(framing: Framing, size: number, payload: Payload = "text") {
    this.frameLength = framing.encode(payloadOf(payload, 0, size)).length;
    if (this.frameLength === 0) {
      throw new UsageError("bad_value", "Cannot measure empty messages without a framing: nothing would be sent", {
        details: { option: "--size", value: "0B", reason: "size_raw" },
      });
    }
    this.frames = Math.max(2, Math.ceil(PERIOD / this.frameLength));
    this.period = this.frames * this.frameLength;
    this.#bytes = new Uint8Array(this.period + SPAN);
    for (let frame = 0; frame < this.frames; frame++) {
      this.#bytes.set(framing.encode(payloadOf(payload, frame, size)), frame * this.frameLength);
    }
    for (let at = this.period; at < this.#bytes.length; at += this.period) {
      this.#bytes.set(this.#bytes.subarray(0, Math.min(this.period, this.#bytes.length - at)), at);
    }
  }

  /** Where the connection of that number begins. */
  startOf(connection: number): number {
    // A prime far from a power of two spreads the connections over the stream.
    return (connection * 7919) % this.frames * this.frameLength;
  }

  /** The stream from `offset`: `length` bytes, or {@linkcode SPAN} if that is less. */
  span(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + Math.min(length, SPAN));
  }

  /**
   * Where the first `length` bytes of `received`, at most {@linkcode SPAN}, differ from the stream at `offset`; -1 where they
   * do not.
   */
  differsAt(received: Uint8Array, offset: number, length: number = received.length): number {
    if (length <= SHORT) {
      for (let at = 0; at < length; at++) if (received[at] !== this.#bytes[offset + at]) return at;
      return -1;
    }
    const expected = this.#bytes.subarray(offset, offset + length);
    if (Buffer.compare(received.subarray(0, length), expected) === 0) return -1;
    return expected.findIndex((byte, at) => byte !== received[at]);
  }
}

/** The same in every run. */
function payloadOf(kind: Payload, frame: number, size: number): Uint8Array {
  const payload = new Uint8Array(size);
  if (kind === "zeros") return payload;
  if (typeof kind !== "string") return payload.map((_, at) => kind[(frame * size + at) % kind.length] ?? 0);
  // xorshift32 (Marsaglia, 2003); its state must not be 0.
  let state = (frame + 1) * 0x9e3779b1 | 0 || 1;
  for (let at = 0; at < size; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    payload[at] = kind === "random" ? state >>> 8 : FIRST + (state >>> 8) % (LAST - FIRST + 1);
  }
  return payload;
}
