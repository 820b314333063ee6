/**
 * `duplicate=1%`: frames, or datagrams, come twice.
 *
 * @module
 */
import type { Direction, FrameFault } from "./pieces.ts";

export function duplicate(direction: Direction): FrameFault {
  const random = direction.random("duplicate");
  return {
    pass: (frame) => {
      if (!random.hits(direction.settings.duplicate, frame.number)) return [frame];
      direction.strike({ fault: "duplicate", frame: frame.number, bytes: frame.bytes.length });
      return [frame, frame];
    },
  };
}
