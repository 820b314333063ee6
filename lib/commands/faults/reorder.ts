/**
 * `reorder=2%`: a frame, or a datagram, is overtaken by the one behind it.
 *
 * @module
 */
import type { Direction, Frame, FrameFault } from "./pieces.ts";

/** See the module. */
export function reorder(direction: Direction): FrameFault {
  const random = direction.random("reorder");
  let held: Frame | undefined;
  const release = (): Frame[] => {
    const frames = held === undefined ? [] : [held];
    held = undefined;
    return frames;
  };
  return {
    pass: (frame) => {
      if (held !== undefined) {
        direction.strike({ fault: "reorder", frame: held.number, bytes: held.bytes.length });
        return [frame, ...release()];
      }
      if (!random.hits(direction.settings.reorder, frame.number)) return [frame];
      held = frame;
      return [];
    },
    get isHolding() {
      return held !== undefined;
    },
    release,
  };
}
