/**
 * `length=1%`: a frame's header announces another length than its payload has; a delimiter is left out.
 *
 * @module
 */
import type { Framing } from "../../framing/framing.ts";
import { concat } from "../../base/bytes.ts";
import type { Direction, FrameFault } from "./pieces.ts";

/** A wrong length is longer by up to so many bytes, or shorter. */
const OFF = 16;

export function length(direction: Direction, framing: Framing | undefined): FrameFault {
  const random = direction.random("length");
  return {
    pass: (frame) => {
      if (framing === undefined || !framing.hasBoundaries) return [frame];
      if (!random.hits(direction.settings.length, frame.number)) return [frame];
      const body = frame.bytes.subarray(frame.header);
      const right = body.length - frame.trailer;
      const by = 1 + random.below(OFF);
      const isLonger = random.next() < 0.5;
      const wrong = isLonger || right < by ? right + by : right - by;
      const header = headerFor(wrong, framing);
      const bytes = header === undefined
        ? frame.bytes.slice(0, frame.bytes.length - frame.trailer)
        : concat(header, body);
      direction.strike({ fault: "length", frame: frame.number, bytes: wrong });
      return [{ ...frame, bytes, header: header?.length ?? frame.header, trailer: header ? frame.trailer : 0 }];
    },
  };
}

/** The header of a payload of that length; nothing where there is none. */
function headerFor(length: number, framing: Framing): Uint8Array | undefined {
  if (framing.kind === "delimiter") return undefined;
  const payload = new Uint8Array(Math.min(length, framing.capacity));
  const frame = framing.encode(payload);
  return frame.subarray(0, frame.length - payload.length - framing.trailerSize);
}
