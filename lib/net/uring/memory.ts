/**
 * The memory that a ring shares with the kernel (io_uring(7)): positions and entries of both queues.
 *
 * @module
 */
import type { Libc } from "./libc.ts";

/** Where the submission entries are mapped from (IORING_OFF_SQES). */
const SQES_OFFSET = 0x1000_0000;

/** The rings that the kernel shares: positions and entries. */
export class RingMemory {
  readonly entries: Uint32Array;
  readonly completions: Uint32Array;
  readonly submitMask: number;
  readonly completeMask: number;
  readonly completeAt: number;
  readonly #submitHead: number;
  readonly #submitTail: number;
  readonly #completeHead: number;
  readonly #completeTail: number;
  readonly #completeFlags: number;

  /** `params`: struct io_uring_params as the kernel has filled it in; all offsets are in bytes. */
  constructor(libc: Libc, fd: number, params: DataView) {
    const field = (at: number): number => params.getUint32(at, true);
    const word = (at: number): number => field(at) >> 2;
    const [submissions, completions] = [field(0), field(4)];
    const array = word(64);
    this.completeAt = word(100);
    const words = Math.max(array + submissions, this.completeAt + completions * 4);
    const rings = libc.mapShared(words * 4, fd, 0);
    this.completions = new Uint32Array(rings.buffer);
    this.entries = new Uint32Array(libc.mapShared(submissions * 64, fd, SQES_OFFSET).buffer);
    this.#submitHead = word(40);
    this.#submitTail = word(44);
    this.submitMask = this.completions[word(48)] ?? 0;
    this.#completeHead = word(80);
    this.#completeTail = word(84);
    this.completeMask = this.completions[word(88)] ?? 0;
    this.#completeFlags = word(104);
    for (let at = 0; at < submissions; at++) this.completions[array + at] = at;
  }

  get submitTail(): number {
    return Atomics.load(this.completions, this.#submitTail);
  }

  set submitTail(position: number) {
    Atomics.store(this.completions, this.#submitTail, position);
  }

  get completeHead(): number {
    return Atomics.load(this.completions, this.#completeHead);
  }

  set completeHead(position: number) {
    Atomics.store(this.completions, this.#completeHead, position);
  }

  get completeTail(): number {
    return Atomics.load(this.completions, this.#completeTail);
  }

  /** Entries that the kernel has not taken yet. */
  unconsumed(tail: number): number {
    return (tail - Atomics.load(this.completions, this.#submitHead)) >>> 0;
  }

  setEventfdFlag(flag: number): void {
    Atomics.store(this.completions, this.#completeFlags, flag);
  }
}
