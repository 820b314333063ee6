/**
 * The replies of a server beside those that were recorded, byte by byte, however either comes in pieces.
 *
 * @module
 */
import type { Range } from "../capture/trace.ts";
import { FrameFinder, type Place } from "./frame_finder.ts";
import type { Framing } from "../../framing/framing.ts";

/** Differences that are told one by one, and bytes of each that are shown. */
const TOLD = 10;
const SHOWN = 16;

/** Bytes in a row that are not as recorded. */
export interface Difference {
  /** Of the first, from 0. */
  readonly offset: number;
  readonly length: number;
  /** The first of them. */
  readonly expected: readonly number[];
  readonly received: readonly number[];
  readonly place: Place | undefined;
}

/** A piece of one of the streams that waits for the other. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly masked: readonly Range[];
}

export class Comparison {
  readonly #frames: FrameFinder;
  readonly #told: {
    offset: number;
    length: number;
    expected: number[];
    received: number[];
    place: Place | undefined;
  }[] = [];
  #expected: Piece[] = [];
  #received: Piece[] = [];
  #compared = 0;
  #missing = 0;
  #extra = 0;
  #differences = 0;
  /** The offset behind the last byte that differed. */
  #behind = 0;

  constructor(framing: Framing | undefined) {
    this.#frames = new FrameFinder(framing);
  }

  /** The first differences. */
  get told(): readonly Difference[] {
    return this.#told;
  }

  get differences(): number {
    return this.#differences;
  }

  /** Bytes of both streams that were compared. */
  get compared(): number {
    return this.#compared;
  }

  /** Recorded bytes that have not come. */
  get missing(): number {
    return this.#missing;
  }

  /** Bytes that have come and are not recorded so far. */
  get extra(): number {
    return this.#extra;
  }

  /** Recorded; what is masked may be anything. */
  expect(bytes: Uint8Array, masked: readonly Range[]): void {
    this.#frames.add(bytes);
    this.#expected.push({ bytes, masked });
    this.#missing += bytes.length;
    this.#compare();
  }

  /** Received; the bytes are kept. */
  receive(bytes: Uint8Array): void {
    this.#received.push({ bytes, masked: [] });
    this.#extra += bytes.length;
    this.#compare();
  }

  #compare(): void {
    for (;;) {
      const [expected] = this.#expected;
      const [received] = this.#received;
      if (expected === undefined || received === undefined) return;
      const size = Math.min(expected.bytes.length, received.bytes.length);
      for (let at = 0; at < size; at++) {
        const [wanted = 0, got = 0] = [expected.bytes[at], received.bytes[at]];
        if (wanted !== got && !expected.masked.some(([from, to]) => at >= from && at < to)) {
          this.#note(this.#compared + at, wanted, got);
        }
      }
      this.#compared += size;
      this.#missing -= size;
      this.#extra -= size;
      take(this.#expected, size);
      take(this.#received, size);
    }
  }

  #note(offset: number, wanted: number, got: number): void {
    const goesOn = this.#differences > 0 && offset === this.#behind;
    this.#behind = offset + 1;
    if (goesOn) {
      const last = this.#differences > this.#told.length ? undefined : this.#told.at(-1);
      if (last === undefined || ++last.length > SHOWN) return;
      last.expected.push(wanted);
      last.received.push(got);
      return;
    }
    this.#differences++;
    if (this.#told.length >= TOLD) return;
    this.#told.push({ offset, length: 1, expected: [wanted], received: [got], place: this.#frames.place(offset) });
  }
}

/** Takes bytes off the first piece. */
function take(pieces: Piece[], size: number): void {
  const [first] = pieces;
  if (first === undefined) return;
  if (first.bytes.length === size) pieces.shift();
  else {
    pieces[0] = {
      bytes: first.bytes.subarray(size),
      masked: first.masked.map(([from, to]): Range => [from - size, to - size]),
    };
  }
}
