/**
 * Runs as CSV (RFC 4180): a head, and a line for each run. Names and units are those of the JSON.
 *
 * @module
 */
import { csvField } from "../../cli/format.ts";
import type { BenchResult } from "./result.ts";
import type { Point } from "./runs.ts";

/** Columns, and what stands in them. */
const COLUMNS: readonly (readonly [string, (run: BenchResult) => unknown])[] = [
  ["started", ({ started }) => started],
  ["target", ({ settings }) => settings.target],
  ["framing", ({ settings }) => settings.framing],
  ["mode", ({ settings }) => settings.mode],
  ["connections", ({ settings }) => settings.connections],
  ["window", ({ settings }) => settings.window],
  ["size_bytes", ({ settings }) => settings.size_bytes],
  ["threads", ({ settings }) => settings.threads],
  ["asked_rate_per_s", ({ settings }) => settings.rate_per_s],
  ["interrupted", ({ interrupted = false }) => interrupted],
  ["ended_early", ({ ended_early: isEndedEarly = false }) => isEndedEarly],
  ["elapsed_ms", ({ elapsed_ms: elapsed }) => elapsed],
  ["count", ({ count }) => count],
  ["rate_per_s", ({ rate_per_s: rate }) => rate],
  ["bytes_per_s", ({ bytes_per_s: bytes }) => bytes],
  ...(["min", "mean", "p50", "p90", "p99", "p99_9", "max"] as const).map((
    name,
  ) => [`${name}_us`, ({ latency_us: latency }: BenchResult) => latency[name]] as const),
  ["from_sent_p99_us", ({ from_sent_us: fromSent }) => fromSent?.p99],
  ["due", ({ due }) => due],
  ["sent", ({ sent }) => sent],
  ["unsent", ({ unsent }) => unsent],
  ["lost", ({ lost }) => lost],
  ["pending", ({ pending }) => pending],
  ["reordered", ({ reordered }) => reordered],
  ["duplicated", ({ duplicated }) => duplicated],
  ["jitter_us", ({ jitter_us: jitter }) => jitter],
  ["errors", ({ errors }) => errors],
  ["jain", ({ fairness }) => fairness.jain],
  ["client_cpu", ({ client_cpu: cpu }) => cpu],
  ["limited_by", ({ limited_by: limit }) => limit],
];

/** The text; what was not measured is empty. */
export function csvOf(points: readonly Point[]): string {
  const head = ["point", "run", ...COLUMNS.map(([name]) => name)];
  const lines = points.flatMap(({ label = "", runs }) =>
    runs.map((run, at) => [label, at + 1, ...COLUMNS.map(([, of]) => of(run))])
  );
  return [head, ...lines].map((line) => `${line.map((value) => csvField(String(value ?? ""))).join(",")}\r\n`).join("");
}
