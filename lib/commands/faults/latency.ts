/**
 * `latency=100ms`, `latency=100ms±20ms`, `distribution=normal`: bytes arrive later, in their order, and as many of them.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { ahead, type Direction, type Piece } from "./pieces.ts";
import type { Random } from "./random.ts";
import type { FaultSettings } from "./settings.ts";

/** Bytes that may be on their way at once: those of 100 Mbit/s in 300 ms. */
const MOST_ON_THE_WAY = 4 * 1024 * 1024;

export async function* latency(pieces: AsyncIterable<Piece>, direction: Direction): AsyncGenerator<Piece> {
  const random = direction.random("latency");
  let last = -Infinity;
  for await (const piece of ahead(pieces, MOST_ON_THE_WAY)) {
    const time = latencyOf(direction.settings, random);
    if (time === undefined) {
      yield piece;
      continue;
    }
    // TCP delivers in order: none overtakes the one before it.
    last = Math.max(last, piece.at + time);
    tell(direction, time);
    const wait = last - performance.now();
    if (wait > 0) await delay(wait);
    yield { ...piece, at: Math.max(last, performance.now()) };
  }
}

/**
 * How long the next one takes, in ms: evenly from latency − jitter to latency + jitter; normally, with jitter as the standard
 * deviation; or as Lomax's distribution has it, from latency on, with jitter as the mean above it.
 */
export function latencyOf({ latency: given, jitter, distribution }: FaultSettings, random: Random): number | undefined {
  const latency = given ?? (jitter === undefined ? undefined : 0);
  if (latency === undefined || jitter === undefined) return latency;
  const one = random.next();
  switch (distribution) {
    case "normal":
      // Box and Muller, 1958.
      return Math.max(
        0,
        latency + jitter * Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * random.next()),
      );
    case "pareto":
      return latency + jitter * ((1 - one) ** -0.5 - 1);
    default:
      return Math.max(0, latency + jitter * (2 * one - 1));
  }
}

function tell({ strike }: Direction, ms: number): void {
  strike({ fault: "latency", ms: Math.round(ms * 10) / 10 });
}
