/**
 * Cuts a stream into whole frames.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import type { Framing, Scanner } from "../../framing/framing.ts";
import type { Frame } from "./pieces.ts";

const NOTHING = new Uint8Array(0);

/** See the module. After a mistake in the stream the rest of it is one frame after the other, as it comes. */
export class FrameCutter {
  readonly #framing: Framing;
  readonly #scanner: Scanner;
  /** Of the frame that has begun. */
  #parts: Uint8Array[] = [];
  #header = 0;
  #payloadEnd = 0;
  /** What the scanner has left. */
  #carried = NOTHING;
  #number = 0;

  constructor(framing: Framing, maxFrame: number) {
    this.#framing = framing;
    this.#scanner = framing.scanner(maxFrame);
  }

  /** Whether the bytes so far end with a frame. */
  get isBetween(): boolean {
    return this.rest.length === 0 && !this.#scanner.inFrame;
  }

  /** What has come of a frame that is not whole. */
  get rest(): Uint8Array {
    return concat(...this.#parts, this.#carried);
  }

  /** The frames that are whole with these bytes. */
  cut(chunk: Uint8Array): Frame[] {
    const bytes = concat(this.#carried, chunk);
    const found: Frame[] = [];
    let pos = 0;
    while (pos < bytes.length && this.#framing.hasBoundaries && this.#scanner.error === undefined) {
      const next = this.#scanner.step(bytes, pos, bytes.length);
      if (next === pos) break;
      const before = this.#parts.reduce((sum, part) => sum + part.length, 0);
      if (before === 0) this.#header = this.#scanner.payloadStart - pos;
      this.#payloadEnd = before + this.#scanner.payloadEnd - pos;
      this.#parts.push(bytes.slice(pos, next));
      if (this.#scanner.complete) found.push(this.#frame());
      pos = next;
    }
    this.#carried = bytes.slice(pos);
    const isPlain = !this.#framing.hasBoundaries || this.#scanner.error !== undefined;
    if (isPlain && this.#carried.length > 0) found.push(this.#plain());
    return found;
  }

  #frame(): Frame {
    const bytes = concat(...this.#parts);
    this.#parts = [];
    return { number: ++this.#number, bytes, header: this.#header, trailer: bytes.length - this.#payloadEnd };
  }

  #plain(): Frame {
    const bytes = this.rest;
    this.#parts = [];
    this.#carried = NOTHING;
    return { number: ++this.#number, bytes, header: 0, trailer: 0 };
  }
}
