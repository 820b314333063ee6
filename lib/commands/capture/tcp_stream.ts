/**
 * One direction of a TCP connection from its captured segments: the bytes in order, once each, and what was not as it
 * should be: segments that came again, overlapped, came early, or are missing.
 *
 * @module
 */
import type { TraceNotice } from "./trace.ts";

/** Bytes and segments that may wait for what is before them; with more, that is taken for lost. */
const MAX_EARLY = 1024 * 1024;
const MAX_EARLY_SEGMENTS = 1024;

/** What a segment brought. */
export type StreamPart =
  | { readonly part: "bytes"; readonly bytes: Uint8Array }
  | { readonly part: "notice"; readonly what: TraceNotice["what"]; readonly bytes: number }
  | { readonly part: "end" };

/** A segment that stands somewhere in the stream. */
interface Placed {
  readonly start: number;
  /** Payload bytes on the wire, of which the capture may have fewer. */
  readonly length: number;
  readonly payload: Uint8Array;
}

/** See the module. Positions count on where sequence numbers begin anew. */
export class TcpStream {
  /** The position of the next byte; `undefined` before the first segment. */
  #next: number | undefined;
  /** The sequence number that belongs to it. */
  #seq = 0;
  #early: Placed[] = [];
  #earlyBytes = 0;
  readonly #budget: { bytes: number };
  #fin: number | undefined;
  #hasEnded = false;

  /** @param budget Bytes that may wait, of all streams together. */
  constructor(budget: { bytes: number }) {
    this.#budget = budget;
  }

  /** Whether it has begun. */
  get isOpen(): boolean {
    return this.#next !== undefined;
  }

  /** Whether its FIN has come, with all before it. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Begins at a sequence number. */
  begin(seq: number): void {
    this.#next = 0;
    this.#seq = seq >>> 0;
  }

  /** Takes a segment's payload, of which the capture has `payload`. */
  *take(
    seq: number,
    { length, payload, isFin }: { readonly length: number; readonly payload: Uint8Array; readonly isFin: boolean },
  ): Generator<StreamPart> {
    if (this.#next === undefined) this.begin(seq);
    const start = this.#placeOf(seq);
    const next = this.#next ?? 0;
    if (isFin) this.#fin = start + length;
    if (length > 0) {
      // One byte that was acknowledged already asks whether the peer is there: keep-alive, RFC 9293, section 3.8.4.
      if (start + length <= next) {
        if (length > 1 || start !== next - 1) yield { part: "notice", what: "retransmission", bytes: length };
      } else if (start > next) {
        yield { part: "notice", what: "reordered", bytes: length };
        this.#keep({ start, length, payload: payload.slice() });
        const isTooMuch = this.#earlyBytes > MAX_EARLY || this.#early.length > MAX_EARLY_SEGMENTS;
        if (isTooMuch || this.#budget.bytes < 0) yield* this.#leap();
      } else {
        yield* this.#deliver({ start, length, payload });
        yield* this.#catchUp();
      }
    }
    yield* this.#finish();
  }

  /** The peer says that it has everything before `ack`: what of it is not here was never captured. */
  *acknowledged(ack: number): Generator<StreamPart> {
    const place = this.#placeOf(ack);
    for (let [first] = this.#early; first !== undefined && first.start <= place; [first] = this.#early) {
      yield* this.#leap();
    }
    yield* this.#finish();
  }

  /** Nothing more comes. */
  *close(): Generator<StreamPart> {
    while (this.#early.length > 0) yield* this.#leap();
    yield* this.#finish();
  }

  #placeOf(seq: number): number {
    return (this.#next ?? 0) + ((seq - this.#seq) | 0);
  }

  #advance(bytes: number): void {
    this.#next = (this.#next ?? 0) + bytes;
    this.#seq = (this.#seq + bytes) >>> 0;
  }

  *#deliver({ start, length, payload }: Placed): Generator<StreamPart> {
    const known = (this.#next ?? 0) - start;
    if (known > 0) yield { part: "notice", what: "overlap", bytes: Math.min(known, length) };
    if (known >= length) return;
    const bytes = payload.subarray(known);
    if (bytes.length > 0) yield { part: "bytes", bytes };
    this.#advance(bytes.length);
    // The capture cut the packet off.
    const missing = length - Math.max(payload.length, known);
    if (missing > 0) yield* this.#gap(missing);
  }

  *#catchUp(): Generator<StreamPart> {
    for (let [first] = this.#early; first !== undefined && first.start <= (this.#next ?? 0); [first] = this.#early) {
      this.#early.shift();
      this.#count(-first.payload.length);
      yield* this.#deliver(first);
    }
  }

  /** Goes on behind what is missing. */
  *#leap(): Generator<StreamPart> {
    const [first] = this.#early;
    if (first === undefined) return;
    yield* this.#gap(first.start - (this.#next ?? 0));
    yield* this.#catchUp();
  }

  *#gap(bytes: number): Generator<StreamPart> {
    if (bytes <= 0) return;
    yield { part: "notice", what: "gap", bytes };
    this.#advance(bytes);
  }

  *#finish(): Generator<StreamPart> {
    if (this.#hasEnded || this.#fin === undefined || (this.#next ?? 0) < this.#fin) return;
    this.#hasEnded = true;
    yield { part: "end" };
  }

  #keep(segment: Placed): void {
    const at = this.#early.findIndex(({ start }) => start > segment.start);
    this.#early.splice(at < 0 ? this.#early.length : at, 0, segment);
    this.#count(segment.payload.length);
  }

  #count(bytes: number): void {
    this.#earlyBytes += bytes;
    this.#budget.bytes -= bytes;
  }
}
