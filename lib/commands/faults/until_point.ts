/**
 * What ends a direction at a point: both a half-close and a reset.
 *
 * @module
 */
import type { Direction, Piece, Taker } from "./pieces.ts";
import type { FaultSettings, Point } from "./settings.ts";

/** Where the point is looked up: it may change. */
interface UntilOptions {
  readonly direction: Direction;
  readonly point: (settings: FaultSettings) => Point | undefined;
}

/** Passes on what comes before the point. Returns where it was reached, or nothing where the pieces ended before. */
export async function* untilPoint(
  taker: Taker,
  { direction, point }: UntilOptions,
): AsyncGenerator<Piece, { readonly bytes: number; readonly ms: number } | undefined> {
  let passed = 0;
  const reached = (): { bytes: number; ms: number } => ({
    bytes: passed,
    ms: Math.round(performance.now() - direction.began),
  });
  for (;;) {
    const end = point(direction.settings);
    const until = end !== undefined && "ms" in end ? direction.began + end.ms : undefined;
    const most = end !== undefined && "bytes" in end ? end.bytes : Infinity;
    if (passed >= most) return reached();
    const piece = await taker.take(until);
    if (piece === null) return undefined;
    if (piece === undefined) {
      if (until !== undefined && performance.now() >= until - 1 && point(direction.settings) === end) return reached();
      continue;
    }
    const bytes = piece.bytes.subarray(0, Math.max(0, most - passed));
    passed += bytes.length;
    if (bytes.length > 0) yield { ...piece, bytes };
  }
}
