/**
 * Small buffers from which the kernel picks one when bytes have come, so that an idle connection needs none (a ring of
 * provided buffers, io_uring_register_buf_ring(3)).
 *
 * @module
 */
import type { Libc } from "./libc.ts";

/** Bytes of each; what is read in larger parts goes to the connection's own memory. */
export const SMALL_BUFFER = 4096;

/** How many at first, and at most, a power of two: 16 MiB, if they are in use. Beyond that connections read into their own memory. */
const FIRST = 1024;
const MOST = 4096;

/** From one to the next: where all begin alike in a page, they take turns in the same few lines of the processor's cache. */
const STRIDE = SMALL_BUFFER + 64;

/** IORING_REGISTER_PBUF_RING */
const REGISTER = 22;

/** The one group of these buffers. */
export const GROUP = 0;

/** See the module. Buffers are known by their number. */
export class BufferGroup {
  /** All of them in a row. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #address: number;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  #tail = 0;
  /** How many there are. */
  #count = 0;
  /** Buffers with bytes that somebody still reads or sends. */
  #lent = 0;

  /** Registers the buffers with a ring. */
  constructor(libc: Libc, ring: number) {
    const memory = libc.mapPrivate(MOST * STRIDE);
    this.bytes = new Uint8Array(memory.buffer);
    this.#address = memory.address;
    const entries = libc.mapPrivate(MOST * 16);
    this.#words = new Uint32Array(entries.buffer);
    this.#halves = new Uint16Array(entries.buffer);
    // struct io_uring_buf_reg: address, number of entries, group.
    const argument = new Uint8Array(40);
    const view = new DataView(argument.buffer);
    view.setBigUint64(0, BigInt(entries.address), true);
    view.setUint32(8, MOST, true);
    view.setUint16(12, GROUP, true);
    libc.register(ring, REGISTER, { argument, count: 1 });
    while (this.#count < FIRST) this.grow();
  }

  /**
   * Adds a buffer for a connection that found none; false where there are as many as there may be. In one round of 1,000
   * busy connections the kernel takes a buffer for what comes next while that of the echo before is still lent: with 1,024
   * one read in five found none, and 1,000 × 1 × 64 B had 0.6 of the rate.
   */
  grow(): boolean {
    if (this.#count === MOST) return false;
    this.#lent++;
    this.give(this.#count++);
    return true;
  }

  /** Whether a connection may have the kernel take more than one at a time: of all that there may be half are free. */
  get isRoomy(): boolean {
    return this.#lent < MOST / 2;
  }

  /** The kernel has filled a buffer. {@linkcode BufferGroup.give} follows. */
  take(): void {
    this.#lent++;
  }

  /** Where it begins in {@linkcode BufferGroup.bytes}. */
  startOf(id: number): number {
    return id * STRIDE;
  }

  /** Where it begins in memory. */
  addressOf(id: number): number {
    return this.#address + id * STRIDE;
  }

  /** Gives the memory back to the system, where there are no bytes in it: what is not completed has not been read either. */
  trim(libc: Libc): void {
    if (this.#lent === 0) libc.discard({ buffer: this.bytes.buffer, address: this.#address });
  }

  /** Nothing reads from or writes to the buffer any more: the kernel may take it again. */
  give(id: number): void {
    this.#lent--;
    const at = (this.#tail & (MOST - 1)) * 4;
    const address = this.addressOf(id);
    this.#words[at] = address >>> 0;
    this.#words[at + 1] = Math.floor(address / 0x1_0000_0000);
    this.#words[at + 2] = SMALL_BUFFER;
    this.#halves[at * 2 + 6] = id;
    this.#tail = (this.#tail + 1) & 0xffff;
    // The ring's tail lies in the unused last bytes of its first entry (struct io_uring_buf_ring).
    Atomics.store(this.#halves, 7, this.#tail);
  }
}
