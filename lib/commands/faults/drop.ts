/**
 * `drop=5%`: whole frames, or datagrams, are lost.
 *
 * @module
 */
import type { Direction, FrameFault } from "./pieces.ts";

export function drop(direction: Direction): FrameFault {
  const random = direction.random("drop");
  return {
    pass: (frame) => {
      if (!random.hits(direction.settings.drop, frame.number)) return [frame];
      direction.strike({ fault: "drop", frame: frame.number, bytes: frame.bytes.length });
      return [];
    },
  };
}
