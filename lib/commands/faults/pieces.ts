/**
 * Bytes on their way through faults: what each fault takes and gives.
 *
 * @module
 */
import type { Framing } from "../../framing/framing.ts";
import type { FaultSettings, Way } from "./settings.ts";
import type { Random } from "./random.ts";

/** Bytes that left together. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** When they came, as `performance.now()` has it. */
  readonly at: number;
}

/** The names of what can strike. */
export type FaultName =
  | "latency"
  | "rate"
  | "split"
  | "coalesce"
  | "stall"
  | "close"
  | "reset"
  | "truncate"
  | "length"
  | "flip"
  | "drop"
  | "duplicate"
  | "reorder"
  | "refuse"
  | "accept-delay";

/** A fault strikes now; what it does, in numbers. */
export interface Strike {
  readonly fault: FaultName;
  /** The frame's number in its direction, from 1. */
  readonly frame?: number;
  readonly ms?: number;
  readonly bytes?: number;
  readonly pieces?: number;
  /** Offset of a byte in its frame, and of a bit in that byte, 0 the lowest. */
  readonly byte?: number;
  readonly bit?: number;
}

/** One direction of one connection, as the faults in it see it. */
export interface Direction {
  readonly way: Way;
  /** What is set now: it may be another thing at the next look. */
  readonly settings: FaultSettings;
  /** Calls, when it is, until what it gives back is called. */
  readonly onChange: (call: () => void) => () => void;
  /** When the connection came, as `performance.now()` has it. */
  readonly began: number;
  /** The connection is to end: nothing that would take for ever is waited for any more. */
  readonly closing: AbortSignal;
  /** Chance of a fault's own. */
  readonly random: (fault: FaultName) => Random;
  readonly strike: (strike: Strike) => void;
}

/** A frame, or a datagram. */
export interface Frame {
  /** In its direction, from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** Bytes before the payload, and behind it. */
  readonly header: number;
  readonly trailer: number;
  /** Whether the direction ends with it. */
  readonly isLast?: boolean;
}

export interface FrameFault {
  /** What becomes of one. */
  pass(frame: Frame): readonly Frame[];
  /** Whether one is held back. */
  readonly isHolding?: boolean;
  /** Gives that one up. */
  release?(): readonly Frame[];
}

/** Makes a {@linkcode FrameFault} for a direction; `framing` is nothing for datagrams. */
export type FrameFaultOf = (direction: Direction, framing: Framing | undefined) => FrameFault;

/** A fault of a stream. Its end is the end of the direction (FIN); {@linkcode ResetStrike} resets the connection. */
export type StreamFault = (pieces: AsyncIterable<Piece>, direction: Direction) => AsyncIterable<Piece>;

/** The connection is to be reset. */
export class ResetStrike extends Error {
  override readonly name = "ResetStrike";
}

/** Takes from pieces, but does not wait for ever: until a time, a change of the settings, or `closing`. */
export class Taker {
  readonly #pieces: AsyncIterator<Piece>;
  readonly #direction: Direction;
  #next: Promise<IteratorResult<Piece>> | undefined;

  constructor(pieces: AsyncIterable<Piece>, direction: Direction) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#direction = direction;
  }

  /** The next piece, `null` at the end, `undefined` where `until` (as `performance.now()` has it) or a change came first. */
  async take(until?: number): Promise<Piece | null | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Piece> | undefined>();
    const next = this.#next ??= this.#pieces.next();
    next.then(resolve, reject);
    const off = this.#direction.onChange(() => resolve(undefined));
    const timer = until === undefined
      ? undefined
      : setTimeout(() => resolve(undefined), Math.max(0, until - performance.now()));
    try {
      const result = await promise;
      if (result === undefined) return undefined;
      this.#next = undefined;
      return result.done === true ? null : result.value;
    } finally {
      off();
      clearTimeout(timer);
    }
  }
}

/** Pieces between somebody who gives them and somebody who takes them. */
export class PieceQueue implements AsyncIterable<Piece> {
  readonly #most: number;
  #pieces: Piece[] = [];
  #size = 0;
  #isDiscarding = false;
  #end: { readonly error?: unknown } | undefined;
  #moved = Promise.withResolvers<void>();

  /** @param most Bytes that may wait. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Adds a piece; resolves once there is room for another one. */
  async push(piece: Piece): Promise<void> {
    if (this.#isDiscarding) return;
    this.#pieces.push(piece);
    this.#size += piece.bytes.length;
    this.#move();
    while (this.#size > this.#most && this.#end === undefined) await this.#moved.promise;
  }

  /** Nothing more comes, or an error does. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#move();
  }

  /** What waits, and what still comes, is lost; whoever waits for room goes on. */
  discard(): void {
    this.end();
    this.#pieces = [];
    this.#size = 0;
    this.#isDiscarding = true;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Piece> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#size -= piece.bytes.length;
        this.#move();
        yield piece;
      } else if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return;
      } else await this.#moved.promise;
    }
  }

  #move(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}

/** Takes ahead, so that whoever waits with one piece does not hold up those behind it. */
export function ahead(pieces: AsyncIterable<Piece>, most: number): PieceQueue {
  const queue = new PieceQueue(most);
  void (async (): Promise<void> => {
    try {
      for await (const piece of pieces) await queue.push(piece);
      queue.end();
    } catch (error) {
      queue.end(error);
    }
  })();
  return queue;
}
