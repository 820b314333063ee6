/**
 * `truncate=1%`: a frame is cut off, and the direction ends with it; a datagram is only shorter.
 *
 * @module
 */
import type { Framing } from "../../framing/framing.ts";
import type { Direction, FrameFault } from "./pieces.ts";

export function truncate(direction: Direction, framing: Framing | undefined): FrameFault {
  const random = direction.random("truncate");
  return {
    pass: (frame) => {
      if (frame.bytes.length < 2 || !random.hits(direction.settings.truncate, frame.number)) return [frame];
      const left = 1 + random.below(frame.bytes.length - 1);
      direction.strike({ fault: "truncate", frame: frame.number, bytes: left });
      return [{ ...frame, bytes: frame.bytes.slice(0, left), ...framing === undefined ? {} : { isLast: true } }];
    },
  };
}
