/**
 * Where bytes are kept while they are on their way.
 *
 * @module
 */
import { MAX_HEADER } from "../framing/framing.ts";
import { BUSY_BUFFER, IDLE_BUFFER } from "../base/limits.ts";
import type { LargeBuffers } from "./echo_sink.ts";

/** Busy buffers a pool keeps for the next burst; more are left to the garbage collector. 64 are 16 MiB. */
const POOLED_BUFFERS = 64;

/**
 * Busy buffers in use at once, 32 MiB: a connection beyond them makes do with its idle buffer. Without a bound, 10,000
 * peers that begin a frame and fall silent would hold 2.5 GiB.
 */
export const LENT_BUFFERS = 128;

/** How long a large buffer stays with nobody, or with somebody who is silent, in ms. */
const TIDYING = 800;

/**
 * Large read buffers, lent to connections while they are busy: so many at once that a flood cannot take all memory. What
 * is read and not yet written waits in them, so they bound what waits for a slow reader. A flood of 64 KiB frames takes a
 * third less processor time with 1 MiB than with 256 KiB.
 *
 * @example Four threads lend a fourth each
 * ```ts
 * import { BufferPool, LENT_BUFFERS } from "./buffers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = new BufferPool(1024, { sharers: 4 });
 * const taken = Array.from({ length: LENT_BUFFERS }, () => pool.take()).filter((buffer) => buffer !== undefined);
 * assertEquals(taken.length, LENT_BUFFERS / 4);
 * ```
 */
export class BufferPool {
  /** Who holds a buffer, and their reads when {@linkcode BufferPool.tidy} was last called. */
  readonly #holders = new Map<BufferHolder, number>();
  /** Of each buffer that is kept. */
  readonly #size: number;
  readonly #largest: number;
  /** Bytes that may be in use at once, and up to which a connection may keep or enlarge its buffer. */
  readonly #budget: number;
  readonly #resting: number;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  /** The fewest that were free since the last {@linkcode BufferPool.tidy}. */
  #spare = 0;
  #tidiedAt = 0;
  /** Bytes in use. */
  #lent = 0;

  /**
   * A pool without buffers: they are made when they are wanted.
   *
   * @param largest Bytes that one connection may borrow, 0 for any number. Up to {@linkcode BUSY_BUFFER} at first, at least
   *   twice {@linkcode IDLE_BUFFER}; more where its peer fills that, and few buffers are in use.
   * @param options `sharers`: pools among which {@linkcode LENT_BUFFERS} are divided, as the bound is the process's.
   *   `resting`: while no more than these are in use, a connection may keep its buffer over a pause; default: none.
   *   `isFixed`: no buffer is larger than at first. Where a read costs little of its own (io_uring), frames of 1 MiB take a
   *   fifth less processor time through buffers that stay in the processor's cache.
   */
  constructor(
    largest: number = BUSY_BUFFER,
    { sharers = 1, resting = 0, isFixed = false }: {
      readonly sharers?: number;
      readonly resting?: number;
      readonly isFixed?: boolean;
    } = {},
  ) {
    this.#size = Math.max(Math.min(largest || BUSY_BUFFER, BUSY_BUFFER), 2 * IDLE_BUFFER);
    const budget = Math.max(1, Math.floor(LENT_BUFFERS / sharers)) * this.#size;
    this.#largest = isFixed ? this.#size : Math.max(largest || budget / 4, this.#size);
    this.#budget = Math.max(budget, this.#largest);
    this.#resting = Math.floor(resting / sharers) * this.#size;
  }

  /** Whether a connection may keep its buffer from one burst to the next. */
  get isRoomy(): boolean {
    return this.#lent <= this.#resting;
  }

  /** A buffer with arbitrary content; none when as much is in use as this pool may lend. */
  take(holder?: BufferHolder): Uint8Array<ArrayBuffer> | undefined {
    if (this.#lent + this.#size > this.#budget) return undefined;
    this.#lent += this.#size;
    if (holder !== undefined) this.#holders.set(holder, holder.reads);
    const buffer = this.#free.pop() ?? new Uint8Array(this.#size);
    this.#spare = Math.min(this.#spare, this.#free.length);
    return buffer;
  }

  /**
   * To be called once in a while; {@linkcode TIDYING} ms after the last time, has those give their buffers back that have
   * been silent since then, where they can, and frees what nobody wanted. At once: the garbage collector does not run in a
   * server that is idle.
   *
   * @param now In ms.
   */
  tidy(now: number): void {
    if (now - this.#tidiedAt < TIDYING) return;
    this.#tidiedAt = now;
    for (const buffer of this.#free.splice(0, this.#spare)) buffer.buffer.transfer(0);
    this.#spare = this.#free.length;
    for (const [holder, reads] of this.#holders) {
      if (holder.reads === reads) holder.callOff();
      this.#holders.set(holder, holder.reads);
    }
  }

  /**
   * A buffer twice as large as one that is in use, for a peer that fills it. All in use together are no larger than one may
   * be then: beside four floods, larger buffers would double the time that a quiet client waits.
   */
  enlarge({ length }: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const larger = Math.min(2 * length, this.#largest);
    if (larger <= length || this.#lent - length + larger > this.#largest) return undefined;
    this.#lent += larger;
    return new Uint8Array(larger);
  }

  /** Gives a buffer back, once nothing reads into it or writes from it any more. */
  give(buffer: Uint8Array<ArrayBuffer>, holder?: BufferHolder): void {
    this.#lent -= buffer.length;
    if (holder !== undefined) this.#holders.delete(holder);
    if (buffer.length === this.#size && this.#free.length < POOLED_BUFFERS) this.#free.push(buffer);
  }

  /** A buffer will not come back: something may still read into it or write from it. */
  writeOff(buffer: Uint8Array, holder?: BufferHolder): void {
    this.#lent -= buffer.length;
    if (holder !== undefined) this.#holders.delete(holder);
  }
}

/** Who holds a large buffer. */
export interface BufferHolder {
  /** While it does not change, the peer is silent. */
  readonly reads: number;
  /** To give the buffer back, if that is possible without a loss. */
  callOff(): void;
}

/** Where nothing has been read yet. */
const NONE: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** What one connection reads into: a small buffer while it is idle, a large one of the pool while it is busy. */
export class ReadBuffer implements BufferHolder, LargeBuffers {
  #small: Uint8Array<ArrayBuffer> = NONE;
  readonly #pool: BufferPool;
  /** Unread bytes are `bytes[start, end)`. */
  bytes: Uint8Array<ArrayBuffer> = NONE;
  start = 0;
  end = 0;
  /** Reads that have brought bytes. */
  reads = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /**
   * Where the next read goes. Moves the unread bytes, a part of a header at most, to the front, and picks the buffer: the large
   * one when the last read filled the small one, one twice as large when it filled that, the small one when the last read
   * fits into it. A large one that the last
   * read did not fill may have to wait long for the next one: it stays only where the pool has room for such, so that the
   * next burst takes one read and one write (1 connection × 256 × 64 B: 0.85 of a C server's rate instead of 0.63). What
   * a header announces is no reason for a large one.
   */
  room(inFrame: boolean): Uint8Array {
    if (this.#small === NONE) this.bytes = this.#small = new Uint8Array(IDLE_BUFFER);
    const carried = this.end - this.start;
    const size = this.end;
    const small = this.#small.length;
    if (this.bytes !== this.#small) {
      const isPause = size < this.bytes.length && !inFrame;
      if (size <= small || (isPause && !this.#pool.isRoomy)) this.rest();
      else if (size === this.bytes.length) this.#enlarge();
    } else if (size === small) {
      const large = this.#pool.take(this);
      if (large !== undefined) this.#moveTo(large);
    }
    if (this.start > 0 && carried > 0) this.bytes.copyWithin(0, this.start, this.end);
    this.start = 0;
    this.end = carried;
    return carried === 0 ? this.bytes : this.bytes.subarray(carried);
  }

  /**
   * Holds no buffer any more, where nothing is in it and the last read did not fill it; a large one that may be kept over
   * a pause stays. False when there is a buffer.
   */
  letGo(): boolean {
    const size = this.end;
    if (this.start < size || (size > 0 && size === this.bytes.length)) return false;
    if (this.bytes !== this.#small) {
      if (size > IDLE_BUFFER && this.#pool.isRoomy) return false;
      this.rest();
    }
    this.bytes = this.#small = NONE;
    this.start = this.end = 0;
    return true;
  }

  /** Takes `bytes` as unread ones, after {@linkcode ReadBuffer.letGo}; with none, more has come than fits a small buffer. */
  put(bytes: Uint8Array): void {
    this.#small = new Uint8Array(Math.max(IDLE_BUFFER, bytes.length));
    this.bytes = this.#small;
    this.bytes.set(bytes);
    this.end = bytes.length || IDLE_BUFFER;
    this.start = this.end - bytes.length;
  }

  /** Whether a large buffer may be kept over a pause. */
  get isRoomy(): boolean {
    return this.#pool.isRoomy;
  }

  /** A large buffer for whoever reads in place of this. */
  lend(): Uint8Array<ArrayBuffer> | undefined {
    return this.#pool.take(this);
  }

  /** Nothing uses a buffer of {@linkcode ReadBuffer.lend} any more. */
  takeBack(buffer: Uint8Array<ArrayBuffer>): void {
    this.#pool.give(buffer, this);
  }

  /** Back to the small buffer, with the unread bytes where they fit. */
  rest(): void {
    if (this.bytes === this.#small || this.end - this.start > MAX_HEADER) return;
    const large = this.bytes;
    this.#moveTo(this.#small);
    this.#pool.give(large, this);
  }

  /** Nothing can be called off here. */
  callOff(): void {}

  #enlarge(): void {
    const full = this.bytes;
    const larger = this.#pool.enlarge(full);
    if (larger === undefined) return;
    this.#moveTo(larger);
    this.#pool.give(full);
  }

  /** The connection is closed: something may still read into the large buffer, or write from it. */
  abandon(): void {
    if (this.bytes !== this.#small) this.#pool.writeOff(this.bytes, this);
  }

  /** The unread bytes are at the front then. */
  #moveTo(buffer: Uint8Array<ArrayBuffer>): void {
    buffer.set(this.bytes.subarray(this.start, this.end));
    this.bytes = buffer;
    this.end -= this.start;
    this.start = 0;
  }
}

/** A payload that arrives in spans; grows with what has arrived, never with what a header announced. */
export class Collected {
  #bytes = new Uint8Array(0);
  #length = 0;

  add(span: Uint8Array): void {
    if (this.#length + span.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length + span.length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(span, this.#length);
    this.#length += span.length;
  }

  /** All of it with `last` behind it, as an array of its own. */
  with(last: Uint8Array): Uint8Array {
    if (this.#length === 0) return last.slice();
    this.add(last);
    return this.#bytes.subarray(0, this.#length);
  }
}
