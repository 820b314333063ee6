/**
 * One worker's part of the large buffers that a server lends at once.
 *
 * @module
 */
import { BufferPool } from "../../buffers.ts";
import { LENT_BUFFERS } from "../../limits.ts";

/**
 * A pool that lends `1 / workers` of {@linkcode LENT_BUFFERS}: the bound is the process's, not the thread's.
 *
 * @example
 * ```ts
 * import { PoolShare } from "./pool_share.ts";
 * import { assertEquals } from "@std/assert";
 * import { LENT_BUFFERS } from "../../limits.ts";
 *
 * const share = new PoolShare(1024, { workers: 4 });
 * const taken = Array.from({ length: LENT_BUFFERS }, () => share.take()).filter((buffer) => buffer !== undefined);
 * assertEquals(taken.length, LENT_BUFFERS / 4);
 * ```
 */
export class PoolShare extends BufferPool {
  readonly #most: number;
  #out = 0;

  /** @param size Of each buffer, in bytes. */
  constructor(size: number, { workers }: { readonly workers: number }) {
    super(size);
    this.#most = Math.max(1, Math.floor(LENT_BUFFERS / workers));
  }

  override take(): Uint8Array | undefined {
    const buffer = this.#out < this.#most ? super.take() : undefined;
    if (buffer !== undefined) this.#out++;
    return buffer;
  }

  override give(buffer: Uint8Array): void {
    this.#out--;
    super.give(buffer);
  }

  override writeOff(): void {
    this.#out--;
    super.writeOff();
  }
}
