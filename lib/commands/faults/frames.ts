/**
 * The faults that strike whole frames: a stream is cut into them, each passes through all faults, and goes on.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { guessFraming } from "../../net/sniff.ts";
import { drop } from "./drop.ts";
import { duplicate } from "./duplicate.ts";
import { flip } from "./flip.ts";
import { FrameCutter } from "./frame_cutter.ts";
import { length } from "./length.ts";
import {
  type Direction,
  type Frame,
  type FrameFault,
  type FrameFaultOf,
  type Piece,
  type StreamFault,
  Taker,
} from "./pieces.ts";
import { reorder } from "./reorder.ts";
import { type FaultSettings, FRAME_FAULTS } from "./settings.ts";
import { truncate } from "./truncate.ts";

/** In the order in which a frame passes them. */
const FAULTS: readonly FrameFaultOf[] = [drop, duplicate, flip, length, truncate, reorder];

/** A frame is held back so long at most, in ms, where none comes that could overtake it. */
const LONGEST_HELD = 1000;

/** How to find frames. */
export interface FramesOptions {
  /** `undefined`: to be found out from the first bytes. */
  readonly framing: Framing | undefined;
  /** Largest payload taken for one, in bytes. */
  readonly maxFrame: number;
}

/** All faults of frames, one behind the other. */
export class FrameFaults {
  readonly #faults: readonly FrameFault[];

  constructor(direction: Direction, framing: Framing | undefined) {
    this.#faults = FAULTS.map((fault) => fault(direction, framing));
  }

  /** What becomes of a frame. */
  pass(frame: Frame): readonly Frame[] {
    return this.#faults.reduce<readonly Frame[]>((frames, fault) => frames.flatMap((one) => fault.pass(one)), [frame]);
  }

  /** Whether something is held back. */
  get isHolding(): boolean {
    return this.#faults.some(({ isHolding }) => isHolding === true);
  }

  /** What is held back. */
  release(): readonly Frame[] {
    return this.#faults.flatMap((fault) => fault.release?.() ?? []);
  }
}

/** Whether a fault of frames is set. */
function strikesFrames(settings: FaultSettings): boolean {
  return FRAME_FAULTS.some((name) => settings[name] !== undefined);
}

/** The faults of frames as a fault of the stream. Bytes pass as they come until there is one. */
export function frames({ framing: given, maxFrame }: FramesOptions): StreamFault {
  return async function* (pieces, direction): AsyncGenerator<Piece> {
    const taker = new Taker(pieces, direction);
    let found: { readonly cutter: FrameCutter; readonly faults: FrameFaults } | undefined;
    let isOpen = false;
    let releaseAt: number | undefined;
    for (;;) {
      const piece = await taker.take(releaseAt);
      const at = piece?.at ?? performance.now();
      if (piece && found === undefined) {
        const framing = given ?? guessFraming(piece.bytes, { maxFrame, isLast: true }) ?? framingFrom("raw");
        found = { cutter: new FrameCutter(framing, maxFrame), faults: new FrameFaults(direction, framing) };
      }
      let out: readonly Frame[] = [];
      if (piece && found !== undefined) {
        const whole = found.cutter.cut(piece.bytes);
        // A frame whose beginning has passed already passes to its end.
        if (!strikesFrames(direction.settings) || isOpen) {
          yield piece;
          isOpen = !found.cutter.isBetween;
          continue;
        }
        out = whole.flatMap((frame) => found?.faults.pass(frame) ?? []);
      } else if (piece === null || (releaseAt !== undefined && performance.now() >= releaseAt - 1)) {
        out = found?.faults.release() ?? [];
      } else continue;
      const last = out.findIndex(({ isLast }) => isLast === true);
      const rest = piece === null && last < 0 && !isOpen && found !== undefined ? [found.cutter.rest] : [];
      const bytes = concat(...(last < 0 ? out : out.slice(0, last + 1)).map(({ bytes }) => bytes), ...rest);
      if (bytes.length > 0) yield { bytes, at };
      if (last >= 0 || piece === null) return;
      releaseAt = found?.faults.isHolding ? performance.now() + LONGEST_HELD : undefined;
    }
  };
}
