/**
 * A length of variable size, as Protocol Buffers write it between messages of a stream: seven bits a byte, the lowest
 * first, and the highest bit set in every byte but the last (https://protobuf.dev/programming-guides/encoding/#varints).
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { badHeader, type Framing, Scanner } from "./scanner.ts";

/** Longest header: a number of 64 bits. */
const MAX_SIZE = 10;

/** See the module. */
export const VARINT: Framing = {
  name: "varint",
  capacity: Number.MAX_SAFE_INTEGER,
  hasBoundaries: true,
  kind: "binary",
  headerSize: undefined,
  trailerSize: 0,
  encode(payload) {
    const header: number[] = [];
    let rest = payload.length;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) header.push(rest % 0x80 | 0x80);
    header.push(rest);
    return concat(Uint8Array.from(header), payload);
  },
  scanner: (limit) => new VarintScanner(limit),
};

class VarintScanner extends Scanner {
  #owed = 0;

  override step(bytes: Uint8Array, pos: number, end: number): number {
    if (this.error !== undefined) return pos;
    if (!this.inFrame) {
      let [length, at] = [0, pos];
      for (let byte = 0x80; byte >= 0x80; at++) {
        if (at - pos === MAX_SIZE) return this.fail(badHeader(bytes.subarray(pos, at)), pos);
        if (at === end) return this.needMore(pos);
        byte = bytes[at] ?? 0;
        length += (byte & 0x7f) * 2 ** (7 * (at - pos));
      }
      if (length > this.limit) return this.tooLarge(length, pos);
      this.#owed = this.frameLength = length;
      pos = at;
    }
    const taken = Math.min(this.#owed, end - pos);
    this.#owed -= taken;
    this.span(pos, pos + taken, this.#owed === 0);
    return pos + taken;
  }
}
