/**
 * `flip=0.1%`: one bit of a frame's payload, or of a datagram, is the other one.
 *
 * @module
 */
import type { Direction, FrameFault } from "./pieces.ts";

export function flip(direction: Direction): FrameFault {
  const random = direction.random("flip");
  return {
    pass: (frame) => {
      const payload = frame.bytes.length - frame.header - frame.trailer;
      if (payload === 0 || !random.hits(direction.settings.flip, frame.number)) return [frame];
      const byte = frame.header + random.below(payload);
      const bit = random.below(8);
      const bytes = frame.bytes.slice();
      bytes[byte] = (bytes[byte] ?? 0) ^ 1 << bit;
      direction.strike({ fault: "flip", frame: frame.number, byte, bit });
      return [{ ...frame, bytes }];
    },
  };
}
