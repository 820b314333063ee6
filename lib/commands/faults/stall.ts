/**
 * `stall=2s`, `stall-after=10KiB`: nothing passes for a while, once; without a time, nothing more at all.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import type { Direction, Piece } from "./pieces.ts";

export async function* stall(pieces: AsyncIterable<Piece>, direction: Direction): AsyncGenerator<Piece> {
  let passed = 0;
  let done: number | undefined;
  for await (const piece of pieces) {
    const { stall, stallAfter = stall === undefined ? undefined : 0 } = direction.settings;
    let rest = piece;
    if (stallAfter === undefined) done = undefined;
    else if (done !== stallAfter && passed + piece.bytes.length > stallAfter) {
      const before = Math.max(0, stallAfter - passed);
      if (before > 0) yield { ...piece, bytes: piece.bytes.subarray(0, before) };
      done = stallAfter;
      await standStill(direction);
      if (direction.closing.aborted) return;
      rest = { bytes: piece.bytes.subarray(before), at: performance.now() };
    }
    passed += piece.bytes.length;
    yield rest;
  }
}

/** Until the time is over, or somebody sets another one. */
async function standStill({ settings, strike, onChange, closing }: Direction): Promise<void> {
  const { stall: ms = Infinity } = settings;
  strike({ fault: "stall", ...ms === Infinity ? {} : { ms } });
  const changed = new AbortController();
  const off = onChange(() => changed.abort());
  // A timer waits 24.8 days at most.
  await delay(Math.min(ms, 2 ** 31 - 1), AbortSignal.any([closing, changed.signal]));
  off();
}
