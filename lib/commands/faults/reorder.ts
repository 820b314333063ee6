/**
 * `reorder=2%`: a frame, or a datagram, is overtaken by the one behind it.
 *
 * @module
 */
import type { Direction, Frame, FrameFault } from "./pieces.ts";

export function reorder(direction: Direction): FrameFault {
  const random = direction.random("reorder");
  /** More than one where it was doubled before. */
  let held: Frame[] = [];
  const release = (): Frame[] => {
    const frames = held;
    held = [];
    return frames;
  };
  return {
    pass: (frame) => {
      const [first] = held;
      if (first !== undefined && first.number !== frame.number) {
        direction.strike({ fault: "reorder", frame: first.number, bytes: first.bytes.length });
        return [frame, ...release()];
      }
      if (first === undefined && !random.hits(direction.settings.reorder, frame.number)) return [frame];
      held.push(frame);
      return [];
    },
    get isHolding() {
      return held.length > 0;
    },
    release,
  };
}
