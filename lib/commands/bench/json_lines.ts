/**
 * Runs as JSON Lines: an object for each part of each run as it went on, and one for its result. Names and units are those of
 * `--json`.
 *
 * @module
 */
import type { Point } from "./runs.ts";

/** The text: `type` is `sample` or `result`; `run` counts from 1, `point` is a sweep's value. */
export function jsonLinesOf(points: readonly Point[]): string {
  return points.flatMap(({ label, runs }) =>
    runs.flatMap(({ samples, ...result }, at) => {
      const place = { ...label === undefined ? {} : { point: label }, run: at + 1 };
      return [
        ...samples.map((sample) => ({ type: "sample", ...place, ...sample })),
        { type: "result", ...place, ...result },
      ];
    })
  ).map((line) => `${JSON.stringify(line)}\n`).join("");
}
