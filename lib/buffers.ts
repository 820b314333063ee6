/**
 * Where bytes are kept while they are on their way.
 *
 * @module
 */
import { BUSY_BUFFER, IDLE_BUFFER, LENT_BUFFERS, POOLED_BUFFERS } from "./limits.ts";

/** Large read buffers, lent to connections while they are busy: so many at once that a flood cannot take all memory. */
export class BufferPool {
  readonly #size: number;
  readonly #free: Uint8Array[] = [];
  #lent = 0;

  /** @param size Of each buffer, in bytes; at least twice {@linkcode IDLE_BUFFER}. */
  constructor(size: number = BUSY_BUFFER) {
    this.#size = Math.max(size, 2 * IDLE_BUFFER);
  }

  /** A buffer with arbitrary content; none when {@linkcode LENT_BUFFERS} are in use. */
  take(): Uint8Array | undefined {
    if (this.#lent >= LENT_BUFFERS) return undefined;
    this.#lent++;
    return this.#free.pop() ?? new Uint8Array(this.#size);
  }

  /** Gives a buffer back, once nothing reads into it or writes from it any more. */
  give(buffer: Uint8Array): void {
    this.#lent--;
    if (this.#free.length < POOLED_BUFFERS) this.#free.push(buffer);
  }

  /** A buffer will not come back: something may still read into it or write from it. */
  writeOff(): void {
    this.#lent--;
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
