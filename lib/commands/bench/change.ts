/**
 * `compare --fail-if 'p99>+10%'`: how far a figure of B may be from A's.
 *
 * @module
 */

/** Figures of a result that can be compared. */
export const COMPARED = ["rate", "min", "mean", "p50", "p90", "p99", "p99.9", "max"] as const;

export type ComparedName = typeof COMPARED[number];

/** A limit on the change of a figure. */
export interface ChangeLimit {
  /** As it was written, without spaces. */
  readonly text: string;
  readonly figure: ComparedName;
  readonly isAbove: boolean;
  /** A share of A: 0.1 is 10 %. */
  readonly bound: number;
}

/**
 * A limit from its text; `undefined` when it is none.
 *
 * @example
 * ```ts
 * import { parseChangeLimit } from "./change.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseChangeLimit("p99 > +10%"), { text: "p99>+10%", figure: "p99", isAbove: true, bound: 0.1 });
 * assertEquals(parseChangeLimit("rate<-5%")?.bound, -0.05);
 * assertEquals(parseChangeLimit("p99>10ms"), undefined);
 * ```
 */
export function parseChangeLimit(input: string): ChangeLimit | undefined {
  const text = input.replace(/\s+/g, "").replace("−", "-").toLowerCase();
  const [, name = "", sign, number] = /^([a-z0-9.]+)([<>])([+-]?\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const figure = COMPARED.find((one) => one === name);
  if (figure === undefined || sign === undefined) return undefined;
  return { text, figure, isAbove: sign === ">", bound: Number(number) / 100 };
}

/** Whether a ratio of B to A passes the limit; one that is unknown does. */
export function isChangeExceeded({ isAbove, bound }: ChangeLimit, ratio: number | null): boolean {
  if (ratio === null) return true;
  return isAbove ? ratio - 1 > bound : ratio - 1 < bound;
}
