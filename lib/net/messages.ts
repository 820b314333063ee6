/**
 * Whole messages out of what was read.
 *
 * @module
 */
import type { Scanner } from "../framing/framing.ts";
import { Collected, type ReadBuffer } from "./buffers.ts";

/** Takes the messages of one direction out of its buffer. */
export class Messages {
  readonly #scanner: Scanner;
  readonly #in: ReadBuffer;
  /** What has come of a message that is not whole yet. */
  #collected: Collected | undefined;

  constructor(scanner: Scanner, buffer: ReadBuffer) {
    this.#scanner = scanner;
    this.#in = buffer;
  }

  /**
   * The payload of the next message that is there as a whole.
   *
   * @throws {ProtocolError} when what comes next is no frame.
   */
  next(): Uint8Array | undefined {
    const [scanner, from] = [this.#scanner, this.#in];
    for (;;) {
      const next = scanner.step(from.bytes, from.start, from.end);
      const progress = next > from.start;
      from.start = next;
      const span = from.bytes.subarray(scanner.payloadStart, scanner.payloadEnd);
      if (scanner.complete && progress) {
        const payload = this.#collected?.with(span) ?? span.slice();
        this.#collected = undefined;
        if (from.start === from.end) from.rest();
        return payload;
      }
      if (scanner.error !== undefined) throw scanner.error;
      if (!progress) return undefined;
      (this.#collected ??= new Collected()).add(span);
    }
  }

  /**
   * The payloads of all that are there, parts of one copy of what was read: to be used soon, as one keeps all. What is
   * wrong behind good messages is told when it is its turn.
   */
  all(): Uint8Array[] {
    const payloads: Uint8Array[] = [];
    const [scanner, from] = [this.#scanner, this.#in];
    const first = this.next();
    if (first === undefined) return payloads;
    payloads.push(first);
    if (from.start === from.end || scanner.error !== undefined) return payloads;
    const bytes = from.bytes.slice(from.start, from.end);
    let at = 0;
    for (;;) {
      const next = scanner.step(bytes, at, bytes.length);
      if (next === at) break;
      at = next;
      const span = bytes.subarray(scanner.payloadStart, scanner.payloadEnd);
      if (!scanner.complete) (this.#collected ??= new Collected()).add(span);
      else {
        payloads.push(this.#collected?.with(span) ?? span);
        this.#collected = undefined;
      }
    }
    from.start += at;
    if (from.start === from.end) from.rest();
    return payloads;
  }
}
