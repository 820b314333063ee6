/**
 * `rate=200KiB/s`: bytes pass no faster than that, evenly.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { ahead, type Direction, type Piece } from "./pieces.ts";

/** What leaves at once lasts so long at the rate, in ms, or is one byte. */
const SLICE = 10;

/** A process that was so late is caught up with, in ms; what is later was silence. */
const LATE = 20;

/** Bytes that may wait. */
const MOST_WAITING = 256 * 1024;

export async function* rate(pieces: AsyncIterable<Piece>, direction: Direction): AsyncGenerator<Piece> {
  /** When all that has passed would have left a wire of that rate. */
  let free = -Infinity;
  /** How much later than it wanted this process woke, in ms: no silence of anybody else's. */
  let late = 0;
  for await (const piece of ahead(pieces, MOST_WAITING)) {
    const { rate: first } = direction.settings;
    if (first === undefined) {
      yield piece;
      continue;
    }
    if (piece.at - free > LATE + late) free = piece.at;
    const ms = Math.round(free + piece.bytes.length / first * 1000 - performance.now());
    if (ms >= 1) direction.strike({ fault: "rate", ms, bytes: piece.bytes.length });
    for (let from = 0; from < piece.bytes.length;) {
      const perSecond = direction.settings.rate ?? Infinity;
      const to = Math.min(piece.bytes.length, from + Math.max(1, Math.floor(perSecond * SLICE / 1000)));
      free += (to - from) / perSecond * 1000;
      const wait = free - performance.now();
      if (wait > 0) {
        await delay(wait);
        late = Math.max(0, performance.now() - free);
      }
      yield { bytes: piece.bytes.subarray(from, to), at: performance.now() };
      from = to;
    }
  }
}
