/**
 * What all framings share: the interface, the base of their scanners, and the errors they raise.
 *
 * @module
 */
import { hexText } from "../base/bytes.ts";
import { ProtocolError, UsageError } from "../base/errors.ts";

/** One way to put messages into a byte stream. */
export interface Framing {
  /** As `--framing` takes it: `u32`, `dec:8`, `line` … */
  readonly name: string;
  /** Largest payload a header can announce, in bytes; `Infinity` where there is no header. */
  readonly capacity: number;
  /** False for `raw`, where a message is whatever one read returned. */
  readonly hasBoundaries: boolean;
  /** What tells where a message ends: a header that is a number or digits, a delimiter, or nothing. */
  readonly kind: "binary" | "digits" | "delimiter" | "none";
  /** Bytes of the header; `undefined` where that depends on the message. */
  readonly headerSize: number | undefined;
  /** Bytes behind the payload. */
  readonly trailerSize: number;
  /**
   * Header and payload as one array, to leave in one write.
   *
   * @throws {UsageError} `payload_not_encodable`, when the framing cannot carry this payload.
   */
  encode(payload: Uint8Array): Uint8Array;
  /** Frames one behind the other, where that takes less than each by itself; throws what {@linkcode Framing.encode} does. */
  readonly encodeAll?: (payloads: readonly Uint8Array[]) => Uint8Array;
  /** A scanner for one direction of one connection that refuses payloads over `limit` bytes. */
  scanner(limit: number): Scanner;
}

/**
 * Walks through bytes as they arrive. Each {@linkcode Scanner.step} consumes one span: a header, what is there of its
 * payload, a delimiter. What it leaves unconsumed at the end (an incomplete header, {@linkcode MAX_HEADER} bytes at most)
 * is to be handed in again with more bytes behind it.
 *
 * @example Two frames, the second one incomplete
 * ```ts
 * import { framingFrom } from "./framing.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const scanner = framingFrom("u8").scanner(255);
 * const bytes = Uint8Array.of(2, 104, 105, 3, 33);
 * assertEquals(scanner.step(bytes, 0, bytes.length), 3);
 * assertEquals(bytes.subarray(scanner.payloadStart, scanner.payloadEnd), Uint8Array.of(104, 105));
 * assertEquals(scanner.complete, true);
 * assertEquals(scanner.scan(bytes, 3, bytes.length), 5);
 * assertEquals([scanner.frames, scanner.inFrame], [1, true]);
 * ```
 */
export abstract class Scanner {
  /** Start of the payload bytes the last step consumed. */
  payloadStart = 0;
  /** End of the payload bytes the last step consumed. */
  payloadEnd = 0;
  /** Whether the last step ended a frame. */
  complete = false;
  /** Whether what was consumed so far ends inside a frame. */
  inFrame = false;
  /** Payload bytes of the frame that has begun: as announced, or, without a header, as they have come. */
  frameLength = 0;
  /** Complete frames so far. */
  frames = 0;
  /** The peer's mistake, after which nothing more is consumed. */
  error: ProtocolError | undefined;
  /** Largest payload accepted, in bytes. A frame that has begun keeps the bound it began under. */
  limit: number;

  /** A scanner at the beginning of a stream; `limit` is the largest payload, in bytes. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Consumes one span of `bytes` from `pos` up to `end`; returns where it ends, or `pos` when it needs more bytes. */
  abstract step(bytes: Uint8Array, pos: number, end: number): number;

  /** Steps as far as possible; returns where the validated bytes end. */
  scan(bytes: Uint8Array, pos: number, end: number): number {
    while (pos < end) {
      const next = this.step(bytes, pos, end);
      if (next === pos) break;
      pos = next;
    }
    return pos;
  }

  /** Steps to the end of the frame that has begun, or as far as possible; returns where that is. */
  endFrame(bytes: Uint8Array, pos: number, end: number): number {
    while (this.inFrame && pos < end && this.error === undefined) pos = this.step(bytes, pos, end);
    return pos;
  }

  /** Ends with the peer's mistake at `pos`. */
  protected fail(error: ProtocolError, pos: number): number {
    this.error = error;
    this.complete = false;
    this.payloadStart = this.payloadEnd = pos;
    return pos;
  }

  /** Nothing of what is at `pos` can be consumed yet. */
  protected needMore(pos: number): number {
    this.complete = false;
    this.payloadStart = this.payloadEnd = pos;
    return pos;
  }

  /** Payload bytes were consumed, the last ones of their frame where it is `complete`. */
  protected span(start: number, end: number, complete: boolean): void {
    this.payloadStart = start;
    this.payloadEnd = end;
    this.complete = complete;
    this.inFrame = !complete;
    if (complete) this.frames++;
  }

  /** Payload bytes up to `payloadEnd`; their frame ends where `next`, the end of its delimiter, has been found. */
  protected upTo(payloadEnd: number, pos: number, next: number | undefined): number {
    if (this.frameLength + payloadEnd - pos > this.limit) return this.tooLarge(`more than ${this.limit}`, pos);
    if (next === undefined && payloadEnd === pos) return this.needMore(pos);
    this.frameLength = next === undefined ? this.frameLength + payloadEnd - pos : 0;
    this.span(pos, payloadEnd, next !== undefined);
    return next ?? payloadEnd;
  }

  /** Ends with a frame over the limit. */
  protected tooLarge(length: number | string, pos: number): number {
    return this.fail(
      new ProtocolError(
        "frame_too_large",
        `Cannot accept a frame: its length is ${length} bytes, the limit is ${this.limit} bytes`,
        { details: { length, limit: this.limit } },
      ),
      pos,
    );
  }
}

/** Longest header of any framing, in bytes: what may have to be carried over between two reads. */
export const MAX_HEADER = 64;

/** The peer's header is no length. */
export function badHeader(header: Uint8Array): ProtocolError {
  return new ProtocolError(
    "bad_header",
    `Cannot read a frame: its header is not a length (bytes ${hexText(header)})`,
    { details: { header: hexText(header) } },
  );
}

/** The peer has ended inside a frame. */
export function truncated(frames: number): ProtocolError {
  const text = `Connection ended inside a frame: ${frames} complete frames before it`;
  return new ProtocolError("truncated_frame", text, { details: { frames } });
}

/** Why a payload cannot be sent, by the name of its explanation. */
const NOT_ENCODABLE = {
  too_long: "it is longer than the header can announce",
  line_feed: "it contains a line feed, which would end it early",
  carriage_return: "a carriage return at its end would be dropped",
  delimiter: "it contains the delimiter, which would end it early",
} as const;

/** Our caller wants to send what this framing cannot carry. */
export function notEncodable(reason: keyof typeof NOT_ENCODABLE, framing: string): UsageError {
  const text = `Cannot send the message with the framing "${framing}": ${NOT_ENCODABLE[reason]}`;
  return new UsageError("payload_not_encodable", text, { details: { framing, reason } });
}
