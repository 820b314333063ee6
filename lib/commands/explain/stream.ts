/**
 * One direction of a connection, read by read: which bytes are headers, which frames a read held, which reads a frame
 * took. It never fails: bytes that are no frames are shown as they come.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import type { ErrorCode } from "../../base/errors.ts";
import { type Framing, framingFrom, MAX_HEADER, type Scanner } from "../../framing/framing.ts";
import { MAX_DIALOGUE_FRAME } from "../../base/limits.ts";
import { type Part, PARTS_SHOWN } from "./events.ts";

const NOTHING = new Uint8Array(0);

/** What stands for bytes that are missing. */
const FILLER = new Uint8Array(64 * 1024);

export interface FoundFrame {
  readonly kind: "frame";
  readonly frame: number;
  readonly framing: Framing;
  readonly header: Uint8Array;
  /** Announced payload bytes; without a header those that came. */
  readonly length: number;
  /** Payload bytes that came. */
  readonly received: number;
  /** The first of them. */
  readonly payload: Uint8Array;
  readonly trailer: Uint8Array;
  readonly reads: readonly [number, number];
  readonly complete: boolean;
}

/** What no frame can begin with. */
export interface FoundProblem {
  readonly kind: "problem";
  readonly code: ErrorCode;
  readonly framing: Framing;
  /** What the scanner said it is about: a length, for one that is too large. */
  readonly length: number | null;
  /** The bytes from there on, as far as they have come. */
  readonly bytes: Uint8Array;
}

/** What one read brought. */
export interface ReadResult {
  readonly read: number;
  readonly framing: Framing;
  readonly parts: readonly Part[];
  readonly moreFrames: number;
  /** Made one by one, when asked for; good until the bytes of the read change. */
  readonly found: Iterable<FoundFrame | FoundProblem>;
}

/**
 * Frames that came whole with one read, one behind the other. A read may hold 64 Ki of them, so each is scanned again
 * when it is asked for: objects that wait outlive the young generation, and 18 such reads took 100 MiB of the old one.
 */
interface Run {
  readonly kind: "run";
  readonly framing: Framing;
  /** The number of the first of them, and the read that brought its first byte. */
  readonly frame: number;
  readonly firstRead: number;
  readonly start: number;
  end: number;
}

/** How to read a direction. */
interface StreamOptions {
  readonly framing: Framing;
  /** Largest payload taken for one, in bytes. */
  readonly maxFrame: number;
  /** Payload bytes of each frame that are kept to be shown. */
  readonly kept: number;
}

interface OpenFrame {
  readonly frame: number;
  readonly header: Uint8Array;
  readonly firstRead: number;
  length: number;
  received: number;
  kept: Uint8Array[];
  keptBytes: number;
}

export class StreamReader {
  readonly #maxFrame: number;
  readonly #kept: number;
  #framing: Framing;
  #scanner: Scanner;
  #open: OpenFrame | undefined;
  /** What the scanner left: the beginning of a header, or a CR. */
  #carried: Uint8Array = NOTHING;
  /** The number of the read that brought each carried byte. */
  #carriedReads: number[] = [];
  #reads = 0;
  #frames = 0;
  #bytes = 0;

  constructor({ framing, maxFrame, kept }: StreamOptions) {
    this.#framing = framing;
    this.#maxFrame = maxFrame;
    // A dialogue's message has to be seen whole to be understood, and a longer one known for no such message.
    this.#kept = Math.max(kept, MAX_DIALOGUE_FRAME + 1);
    this.#scanner = framing.scanner(maxFrame);
  }

  /** Bytes, reads and whole frames so far. */
  get totals(): { readonly bytes: number; readonly reads: number; readonly frames: number } {
    return { bytes: this.#bytes, reads: this.#reads, frames: this.#frames };
  }

  /** Reads with another framing; for the very beginning only. */
  set framing(framing: Framing) {
    this.#framing = framing;
    this.#scanner = framing.scanner(this.#maxFrame);
  }

  /** Takes the bytes of one read. They may be changed afterwards: what is kept is a copy. */
  read(chunk: Uint8Array): ReadResult {
    const read = ++this.#reads;
    this.#bytes += chunk.length;
    const old = this.#carried.length;
    const oldReads = this.#carriedReads;
    const bytes = old === 0 ? chunk : concat(this.#carried, chunk);
    const framing = this.#framing;
    const parts: Part[] = [];
    const found: (FoundFrame | FoundProblem | Run)[] = [];
    let moreFrames = 0;
    const note = (part: Part): void => {
      // What is raw has no frames to be told of.
      if (!this.#framing.hasBoundaries) return;
      if (parts.length < PARTS_SHOWN) parts.push(part);
      else moreFrames++;
    };
    const readOf = (pos: number): number => oldReads[pos] ?? read;
    /** How many of the bytes in a span are of this read. */
    const fresh = (from: number, to: number): number => Math.max(0, to - Math.max(from, old));

    let pos = 0;
    while (pos < bytes.length) {
      const begins = this.#open === undefined;
      const next = this.#scanner.step(bytes, pos, bytes.length);
      const { payloadStart, payloadEnd, complete, error } = this.#scanner;
      const isMoving = next > pos;
      if (isMoving) {
        const frame = this.#open?.frame ?? this.#frames + 1;
        note({
          frame,
          header: begins ? fresh(pos, payloadStart) : 0,
          payload: fresh(payloadStart, payloadEnd),
          trailer: complete ? fresh(payloadEnd, next) : 0,
          begins: begins && pos >= old,
          ends: complete,
        });
        if (begins && complete) {
          this.#frames++;
          const before = found.at(-1);
          const firstRead = readOf(pos);
          if (before?.kind === "run") before.end = next;
          else found.push({ kind: "run", frame, framing: this.#framing, firstRead, start: pos, end: next });
        } else {
          const open = this.#open ??= {
            ...{ frame, header: bytes.slice(pos, payloadStart), firstRead: readOf(pos) },
            ...{ length: 0, received: 0, kept: [], keptBytes: 0 },
          };
          this.#keep(open, bytes.subarray(payloadStart, payloadEnd));
          open.length = Math.max(this.#scanner.frameLength, open.received);
          if (complete) {
            this.#frames++;
            this.#open = undefined;
            found.push(
              foundFrame(open, { framing: this.#framing, trailer: bytes.slice(payloadEnd, next), last: read }),
            );
          }
        }
        pos = next;
      }
      if (error !== undefined) {
        this.#giveUp(found, { bytes: bytes.subarray(pos), code: error.code, length: error.details["length"], read });
      } else if (!isMoving) {
        break;
      }
    }
    // What is left is the beginning of a header, a CR, or nothing.
    const rest = bytes.length - pos;
    if (rest > 0 && fresh(pos, bytes.length) > 0) {
      const frame = this.#open?.frame ?? this.#frames + 1;
      const isHeader = this.#open === undefined && this.#framing.name !== "line";
      note({
        frame,
        header: isHeader ? fresh(pos, bytes.length) : 0,
        payload: 0,
        trailer: isHeader ? 0 : fresh(pos, bytes.length),
        begins: this.#open === undefined && pos >= old,
        ends: false,
      });
    }
    this.#carriedReads = Array.from({ length: rest }, (_, at) => readOf(pos + at));
    this.#carried = rest === 0 ? NOTHING : bytes.slice(pos);
    const each = (it: FoundFrame | FoundProblem | Run): Iterable<FoundFrame | FoundProblem> =>
      it.kind === "run" ? framesOf(it, { bytes, last: read, kept: this.#kept, maxFrame: this.#maxFrame }) : [it];
    return { read, framing, parts, moreFrames, found: { [Symbol.iterator]: () => found.values().flatMap(each) } };
  }

  /**
   * Bytes are missing here. Inside a payload zeros take their place, and what follows is still read; anywhere else
   * nothing tells where the next frame begins, unless a delimiter does.
   *
   * @returns The frame that ends with them, and how many bytes of frames took their place.
   */
  gap(size: number): { readonly frame: FoundFrame | undefined; readonly filled: number } {
    if (/^(?:raw|line|crlf|until:)/.test(this.#framing.name)) return { frame: undefined, filled: 0 };
    const open = this.#open;
    if (open === undefined || open.length - open.received < size) {
      const frame = this.end();
      this.framing = framingFrom("raw");
      return { frame, filled: 0 };
    }
    const { bytes, reads } = this.totals;
    let found: FoundFrame | undefined;
    for (let left = size; left > 0; left -= FILLER.length) {
      const [last] = this.read(FILLER.subarray(0, left)).found;
      if (last?.kind === "frame") found = last;
    }
    this.#bytes = bytes;
    this.#reads = reads;
    return { frame: found, filled: size };
  }

  /** The frame that has begun and will not end, where there is one. */
  end(): FoundFrame | undefined {
    const open = this.#open;
    const first = this.#carriedReads[0];
    const carried = this.#carried;
    this.#open = undefined;
    this.#carried = NOTHING;
    this.#carriedReads = [];
    const framing = this.#framing;
    if (open !== undefined) {
      return { ...foundFrame(open, { framing, trailer: carried, last: this.#reads }), complete: false };
    }
    if (first === undefined) return undefined;
    return {
      ...{ kind: "frame", frame: this.#frames + 1, framing, header: carried, length: 0, received: 0 },
      ...{ payload: NOTHING, trailer: NOTHING, reads: [first, this.#reads], complete: false },
    };
  }

  #keep(open: OpenFrame, payload: Uint8Array): void {
    open.received += payload.length;
    const wanted = Math.min(payload.length, this.#kept - open.keptBytes);
    if (wanted <= 0) return;
    open.kept.push(payload.slice(0, wanted));
    open.keptBytes += wanted;
  }

  /** From here on this direction is raw. */
  #giveUp(
    found: (FoundFrame | FoundProblem | Run)[],
    { bytes, code, length, read }: {
      readonly bytes: Uint8Array;
      readonly code: ErrorCode;
      readonly length: string | number | undefined;
      readonly read: number;
    },
  ): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) {
      this.#frames++;
      found.push({ ...foundFrame(open, { framing: this.#framing, trailer: NOTHING, last: read }), complete: false });
    }
    const about = bytes.slice(0, MAX_HEADER);
    const framing = this.#framing;
    found.push({ kind: "problem", code, framing, length: typeof length === "number" ? length : null, bytes: about });
    this.framing = framingFrom("raw");
  }
}

function* framesOf(
  { frame: first, framing, firstRead, start, end }: Run,
  { bytes, last, kept, maxFrame }: {
    readonly bytes: Uint8Array;
    readonly last: number;
    readonly kept: number;
    readonly maxFrame: number;
  },
): Generator<FoundFrame> {
  const scanner = framing.scanner(maxFrame);
  for (let frame = first, pos = start; pos < end; frame++) {
    const next = scanner.step(bytes, pos, end);
    const { payloadStart, payloadEnd } = scanner;
    const received = payloadEnd - payloadStart;
    yield {
      ...{ kind: "frame", frame, framing, header: bytes.subarray(pos, payloadStart), length: received, received },
      payload: bytes.subarray(payloadStart, payloadStart + Math.min(received, kept)),
      ...{ trailer: bytes.subarray(payloadEnd, next), reads: [pos === start ? firstRead : last, last], complete: true },
    };
    pos = next;
  }
}

function foundFrame(
  open: OpenFrame,
  { framing, trailer, last }: { readonly framing: Framing; readonly trailer: Uint8Array; readonly last: number },
): FoundFrame {
  const [only = NOTHING] = open.kept;
  return {
    ...{ kind: "frame", frame: open.frame, framing, header: open.header, length: open.length },
    received: open.received,
    payload: open.kept.length < 2 ? only : concat(...open.kept),
    ...{ trailer, reads: [open.firstRead, last], complete: true },
  };
}
