/**
 * Netstrings (https://cr.yp.to/proto/netstrings.txt): the length in decimal without leading zeros, a colon, the payload,
 * a comma.
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { ProtocolError } from "../base/errors.ts";
import { badHeader, type Framing, notEncodable, Scanner } from "./scanner.ts";

const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const COMMA = 0x2c;

/** See the module. */
export const NETSTRING: Framing = {
  name: "netstring",
  capacity: 999_999_999,
  hasBoundaries: true,
  kind: "digits",
  headerSize: undefined,
  trailerSize: 1,
  encode(payload) {
    if (payload.length > this.capacity) throw notEncodable("too_long", this.name);
    return concat(new TextEncoder().encode(`${payload.length}:`), payload, Uint8Array.of(COMMA));
  },
  scanner: (limit) => new NetstringScanner(limit),
};

const NETSTRING_DIGITS = 9;

class NetstringScanner extends Scanner {
  #owed = 0;

  override step(bytes: Uint8Array, pos: number, end: number): number {
    if (this.error !== undefined) return pos;
    if (!this.inFrame) {
      const colon = this.#header(bytes, pos, end);
      if (colon < 0 || this.error !== undefined) return this.error === undefined ? this.needMore(pos) : pos;
      pos = colon + 1;
    }
    const taken = Math.min(this.#owed, end - pos);
    this.#owed -= taken;
    const payloadEnd = pos + taken;
    if (this.#owed > 0 || payloadEnd === end) {
      this.span(pos, payloadEnd, false);
      return payloadEnd;
    }
    if (bytes[payloadEnd] !== COMMA) {
      this.span(pos, payloadEnd, false);
      const byte = bytes.subarray(payloadEnd, payloadEnd + 1).toHex();
      const text = `Cannot read a netstring: byte 0x${byte} stands where its comma belongs`;
      this.error = new ProtocolError("bad_trailer", text, { details: { byte } });
      return payloadEnd;
    }
    this.span(pos, payloadEnd, true);
    return payloadEnd + 1;
  }

  /** Sets what is owed and returns the colon's position; -1 when more bytes are needed or the header is wrong. */
  #header(bytes: Uint8Array, pos: number, end: number): number {
    let length = 0;
    for (let at = pos; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === COLON && at > pos) {
        if (length > this.limit) return this.tooLarge(length, pos);
        this.#owed = this.frameLength = length;
        return at;
      }
      const leadingZero = at === pos + 1 && bytes[pos] === ZERO;
      if (byte < ZERO || byte > NINE || leadingZero || at - pos === NETSTRING_DIGITS) {
        this.fail(badHeader(bytes.subarray(pos, at + 1)), pos);
        return -1;
      }
      length = length * 10 + byte - ZERO;
    }
    return -1;
  }
}
