/**
 * Chance that can be had again: the same seed and the same place give the same numbers, on every machine.
 *
 * @module
 */

/** How often something happens: by chance, or exactly every so many times. */
export type Share = { readonly chance: number } | { readonly every: number };

/**
 * Numbers from 0 up to, without, 1: sfc32 (Chris Doty-Humphrey, PractRand), its state the hash of a text.
 *
 * @example
 * ```ts
 * import { Random } from "./random.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = [new Random("42 1 down flip"), new Random("42 1 down flip")];
 * assertEquals([a.next(), a.next()], [b.next(), b.next()]);
 * assertEquals([19, 20, 40].map((number) => a.hits({ every: 20 }, number)), [false, true, true]);
 * ```
 */
export class Random {
  readonly #state = new Uint32Array(4);

  constructor(key: string) {
    // FNV-1a, once a word: each begins elsewhere.
    for (let word = 0; word < 4; word++) {
      let hash = 0x811c9dc5 ^ word;
      for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
      this.#state[word] = hash;
    }
    for (let round = 0; round < 16; round++) this.next();
  }

  next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state;
    const sum = a + b + counter | 0;
    this.#state[3] = counter + 1;
    this.#state[0] = b ^ b >>> 9;
    this.#state[1] = c + (c << 3);
    this.#state[2] = (c << 21 | c >>> 11) + sum;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, without, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** Whether it happens this time, which is the `number`th, from 1. */
  hits(share: Share | undefined, number: number): boolean {
    if (share === undefined) return false;
    return "every" in share ? number % share.every === 0 : this.next() < share.chance;
  }
}
