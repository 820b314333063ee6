/**
 * Any character, as fast-check draws one.
 *
 * @module
 */
import fc from "./fast_check.ts";

/** Code points that UTF-16 keeps for halves of pairs. */
const SURROGATES = { from: 0xd800, count: 0x800 } as const;

/** Those with small numbers come most often. fast-check's own unit "binary" takes 2 s of CPU to be made. */
export const CHARACTER: fc.Arbitrary<string> = fc.nat({ max: 0x10ffff - SURROGATES.count })
  .map((number) => String.fromCodePoint(number < SURROGATES.from ? number : number + SURROGATES.count));
