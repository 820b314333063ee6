/**
 * Framings without a header: `line`, which forgives a missing CR, and `raw`, which has no messages at all.
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { type Framing, notEncodable, Scanner } from "./scanner.ts";

const LF = 0x0a;
const CR = 0x0d;

/** A message ends with LF; a CR right before it belongs to the line end, not to the message. */
export const LINE: Framing = {
  name: "line",
  capacity: Infinity,
  hasBoundaries: true,
  kind: "delimiter",
  headerSize: 0,
  trailerSize: 1,
  encode(payload) {
    if (payload.includes(LF)) throw notEncodable("line_feed", this.name);
    if (payload.at(-1) === CR) throw notEncodable("carriage_return", this.name);
    return concat(payload, Uint8Array.of(LF));
  },
  scanner: (limit) => new LineScanner(limit),
};

class LineScanner extends Scanner {
  override step(bytes: Uint8Array, pos: number, end: number): number {
    if (this.error !== undefined) return pos;
    const found = bytes.subarray(pos, end).indexOf(LF);
    const lineEnd = found < 0 ? end : pos + found;
    // A CR that is the last byte so far is left unconsumed until it shows whether an LF follows.
    const payloadEnd = lineEnd > pos && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    return this.upTo(payloadEnd, pos, found < 0 ? undefined : lineEnd + 1);
  }
}

/** RFC 862: no framing at all, every byte is returned as it comes. A message is what one read returned. */
export const RAW: Framing = {
  name: "raw",
  capacity: Infinity,
  hasBoundaries: false,
  kind: "none",
  headerSize: 0,
  trailerSize: 0,
  encode: (payload) => payload,
  scanner: (limit) => new RawScanner(limit),
};

class RawScanner extends Scanner {
  override step(_bytes: Uint8Array, pos: number, end: number): number {
    if (pos === end) return this.needMore(pos);
    this.span(pos, end, true);
    return end;
  }
}
