/**
 * `close-after=10KiB`, `close-after=2s`: an early half-close; what would come behind it is dropped.
 *
 * @module
 */
import { type Direction, type Piece, Taker } from "./pieces.ts";
import { untilPoint } from "./until_point.ts";

export async function* closeAfter(pieces: AsyncIterable<Piece>, direction: Direction): AsyncGenerator<Piece> {
  const taker = new Taker(pieces, direction);
  const isOver = yield* untilPoint(taker, { direction, point: ({ closeAfter }) => closeAfter });
  if (!isOver) return;
  direction.strike({ fault: "close", ...isOver });
}
