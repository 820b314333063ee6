/**
 * `coalesce=20ms`: what comes within a time leaves together, in one write.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { type Direction, type Piece, Taker } from "./pieces.ts";

/** What leaves together at most, in bytes. */
const MOST = 64 * 1024;

export async function* coalesce(pieces: AsyncIterable<Piece>, direction: Direction): AsyncGenerator<Piece> {
  const taker = new Taker(pieces, direction);
  let held: Piece[] = [];
  for (;;) {
    const time = direction.settings.coalesce;
    const until = held[0] === undefined ? undefined : held[0].at + (time ?? 0);
    const piece = await taker.take(until);
    if (piece) held.push(piece);
    const size = held.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const isDue = until !== undefined && performance.now() >= until;
    if (piece === null || time === undefined || isDue || size >= MOST) {
      if (held.length > 1) direction.strike({ fault: "coalesce", pieces: held.length, bytes: size });
      if (held.length > 0) yield { bytes: concat(...held.map(({ bytes }) => bytes)), at: performance.now() };
      held = [];
    }
    if (piece === null) return;
  }
}
