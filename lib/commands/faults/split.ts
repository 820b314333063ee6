/**
 * `split=3B`: what came together leaves in pieces of so many bytes, each in a write of its own, `gap` apart.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import type { Direction, Piece } from "./pieces.ts";

/** Between two pieces, in ms, where nothing else is said: without it, a receiver may well take several at once. */
const GAP = 5;

export async function* split(pieces: AsyncIterable<Piece>, direction: Direction): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    const { split, gap = GAP } = direction.settings;
    if (split === undefined || piece.bytes.length <= split) {
      yield piece;
      continue;
    }
    direction.strike({ fault: "split", bytes: split, pieces: Math.ceil(piece.bytes.length / split) });
    // Timers are late, and would be so again at each piece.
    let due = performance.now();
    for (let from = 0; from < piece.bytes.length; from += split, due += gap) {
      if (from > 0 && gap > 0) await delay(Math.max(0, due - performance.now()));
      yield { bytes: piece.bytes.subarray(from, from + split), at: performance.now() };
    }
  }
}
