/**
 * Where in a stream each frame stands, as the stream goes by.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { type Framing, framingFrom, type Scanner } from "../../framing/framing.ts";
import { guessFraming } from "../../net/sniff.ts";

/** Largest payload that is believed, in bytes. */
const MAX_FRAME = 16 * 1024 * 1024;

/** Frames whose places are remembered; those before them are not asked for any more. */
const REMEMBERED = 65_536;

/** A place in a frame. */
export interface Place {
  /** From 1. */
  readonly frame: number;
  readonly part: "header" | "payload";
  /** Bytes before it in that part. */
  readonly at: number;
}

interface Span {
  readonly frame: number;
  readonly start: number;
  readonly payload: number;
}

export class FrameFinder {
  #framing: Framing | undefined;
  #scanner: Scanner | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;
  #spans: Span[] = [];
  #frames = 0;
  #isInside = false;

  /** @param framing `undefined`: to be found out from the first bytes. */
  constructor(framing: Framing | undefined) {
    this.#framing = framing;
  }

  /** Whether what has gone by ends with a frame; without frames it always does. */
  get isWhole(): boolean {
    return this.#scanner === undefined || (!this.#isInside && this.#rest.length === 0);
  }

  /** The stream goes on with these bytes. */
  add(chunk: Uint8Array): void {
    this.#framing ??= guessFraming(chunk, { maxFrame: MAX_FRAME, isLast: true }) ?? framingFrom("raw");
    if (!this.#framing.hasBoundaries) return;
    const scanner = this.#scanner ??= this.#framing.scanner(MAX_FRAME);
    const bytes = this.#rest.length === 0 ? chunk : concat(this.#rest, chunk);
    let pos = 0;
    while (pos < bytes.length) {
      const begins = !this.#isInside;
      const next = scanner.step(bytes, pos, bytes.length);
      if (begins && next > pos) {
        this.#spans.push({
          frame: ++this.#frames,
          start: this.#position + pos,
          payload: this.#position + scanner.payloadStart,
        });
        this.#isInside = true;
      }
      if (scanner.complete) this.#isInside = false;
      if (scanner.error !== undefined) {
        // No frames: there are no places in them.
        this.#framing = framingFrom("raw");
        this.#scanner = undefined;
        this.#spans = [];
        return;
      }
      if (next === pos) break;
      pos = next;
    }
    this.#position += pos;
    this.#rest = bytes.slice(pos);
    if (this.#spans.length > REMEMBERED) this.#spans.splice(0, this.#spans.length - REMEMBERED / 2);
  }

  /** The frame that a byte is part of; nothing where there are no frames. */
  place(offset: number): Place | undefined {
    // The beginning of a header that goes on in the next bytes.
    const isBegun = this.#scanner !== undefined && !this.#isInside && offset >= this.#position;
    if (isBegun) return { frame: this.#frames + 1, part: "header", at: offset - this.#position };
    const span = this.#spans.findLast(({ start }) => start <= offset);
    if (span === undefined) return undefined;
    const { frame, start, payload } = span;
    return offset < payload
      ? { frame, part: "header", at: offset - start }
      : { frame, part: "payload", at: offset - payload };
  }
}
