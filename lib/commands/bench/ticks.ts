/**
 * Where the marks of an axis stand: at round numbers.
 *
 * @module
 */

/** An axis: where a value stands on it, 0 to 1, and its marks. */
export interface Axis {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Marks of an axis, about. */
const MARKS = 5;

/**
 * An axis from 0 to above `most`, with marks at 1, 2, 2.5 or 5 times a power of ten.
 *
 * @example
 * ```ts
 * import { linearAxis, logAxis } from "./ticks.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linearAxis(523_536).ticks, [0, 200_000, 400_000, 600_000]);
 * assertEquals(logAxis([18, 830]).ticks, [10, 20, 50, 100, 200, 500, 1000]);
 * assertEquals(logAxis([18, 83_000]).ticks, [10, 100, 1000, 10_000, 100_000]);
 * ```
 */
export function linearAxis(most: number): Axis {
  const step = roundStep(Math.max(most, 1e-9) / MARKS);
  const end = Math.ceil(most / step - 1e-9) * step || step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, at) => Number((at * step).toPrecision(12)));
  return { place: (value) => value / end, ticks };
}

/** A logarithmic axis that all values, above 0, are on. */
export function logAxis(values: readonly number[]): Axis {
  const [least, most] = [Math.min(...values, Infinity), Math.max(...values, 0)];
  if (most === 0) return logAxis([1, 10]);
  const decades = Math.log10(most / least);
  const steps = decades > 2.5 ? [1] : decades > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 5, 7];
  const all = Array.from(
    { length: 16 },
    (_, at) => steps.map((step) => Number((step * 10 ** (at - 3)).toPrecision(3))),
  );
  const ticks = all.flat();
  const first = ticks.findLastIndex((tick) => tick <= least);
  const last = ticks.findIndex((tick) => tick >= most);
  const shown = ticks.slice(Math.max(0, first), last < 0 ? undefined : Math.max(last, first + 1) + 1);
  const [low = 1, high = 10] = [shown[0], shown.at(-1)];
  return { place: (value) => Math.log(Math.max(value, low) / low) / Math.log(high / low), ticks: shown };
}

/** Round numbers from `from` to `to`, about `marks` of them. */
export function roundTicks(from: number, to: number, marks = MARKS): number[] {
  const step = roundStep((to - from) / marks);
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.max(0, Math.floor(to / step + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** The round number at or above a step. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return (([1, 2, 2.5, 5].find((factor) => factor * power >= step * 0.999)) ?? 10) * power;
}
