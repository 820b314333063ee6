/**
 * How many connections a ring waits for before it goes on: where many are busy, a wait for the first of them costs a change
 * of threads for every few frames.
 *
 * @module
 */

/** IORING_FEAT_MIN_TIMEOUT (Linux 6.12): a wait for several that may end with fewer. */
const SHORTER_WAITS = 1 << 15;

/** Of those that were busy: the others keep the peers busy meanwhile. */
const SHARE = 4;

/** Fewer are not waited for: with 16 busy connections a wait for most of them halved the rate, with 40 one for a quarter took a sixth more time. */
const LEAST = 20;
const MOST = 256;

/** How long, in µs, for each one that is waited for; and at most. */
const EACH = 4;
const LONGEST = 150;

/**
 * Counts who has been busy, and tells how many of them to wait for.
 *
 * @example
 * ```ts
 * import { Batch } from "./batch.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const batch = new Batch(1 << 15);
 * for (let place = 0; place < 100; place++) batch.add(place);
 * for (let place = 0; place < 100; place++) batch.busy(place);
 * batch.busy(0);
 * assertEquals([batch.adjust(), batch.count], [100, 25]);
 * assertEquals([batch.adjust(), batch.count], [0, 1]);
 * ```
 */
export class Batch {
  /** How many to wait for. */
  count = 1;
  readonly #canWait: boolean;
  #slice = 1;
  #busy = 0;
  /** In which slice of time each has been busy last, by its place in the ring. */
  readonly #seen: number[] = [];

  /** @param features Of the ring, as the kernel tells them: older ones than Linux 6.12 wait for the first only. */
  constructor(features: number) {
    this.#canWait = (features & SHORTER_WAITS) !== 0;
  }

  /**
   * A place is taken: the next one, or one that has been free; so V8 keeps them as an array. That one has not been busy again
   * for it: short connections come and go in a few places.
   */
  add(place: number): void {
    this.#seen[place] ??= 0;
  }

  /** Something has come on this connection. */
  busy(place: number): void {
    if (this.#seen[place] === this.#slice) return;
    this.#seen[place] = this.#slice;
    this.#busy++;
  }

  /** A slice of time is over. How long to wait for {@linkcode Batch.count}, in µs; then for the first. */
  adjust(): number {
    const share = this.#canWait ? Math.floor(this.#busy / SHARE) : 0;
    this.#busy = 0;
    this.#slice = (this.#slice + 1) & 0xffff;
    this.count = share < LEAST ? 1 : Math.min(share, MOST);
    return share < LEAST ? 0 : Math.min(share * EACH, LONGEST);
  }
}
