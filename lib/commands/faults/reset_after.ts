/**
 * `reset-after=64KiB`, `reset-after=2s`: the connection is reset (RST).
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { type Direction, type Piece, ResetStrike, Taker } from "./pieces.ts";
import { untilPoint } from "./until_point.ts";

/** A receiver may take, before the reset, what came before it, in ms. */
const GRACE = 10;

export async function* resetAfter(pieces: AsyncIterable<Piece>, direction: Direction): AsyncGenerator<Piece> {
  const taker = new Taker(pieces, direction);
  const isOver = yield* untilPoint(taker, { direction, point: ({ resetAfter }) => resetAfter });
  if (!isOver) return;
  if (isOver.bytes > 0) await delay(GRACE);
  direction.strike({ fault: "reset", ...isOver });
  throw new ResetStrike("the connection is reset on purpose");
}
