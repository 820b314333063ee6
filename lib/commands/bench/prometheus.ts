/**
 * Runs in the text format of Prometheus (exposition format 0.0.4): for node_exporter's textfile collector, or a Pushgateway.
 *
 * @module
 */
import type { LatencySummary } from "./latencies.ts";
import type { BenchResult } from "./result.ts";
import type { Point } from "./runs.ts";

/** A metric: its name, its help, and its value in a run; µs and ms become seconds, as Prometheus counts time. */
type Metric = readonly [name: string, help: string, value: (run: BenchResult) => number | null | undefined];

const METRICS: readonly Metric[] = [
  ["rate", "Verified echoes, or whole cycles, a second", ({ rate_per_s: rate }) => rate],
  ["bytes_per_second", "Payload bytes a second, each way", ({ bytes_per_s: bytes }) => bytes],
  ["elapsed_seconds", "Measured time", ({ elapsed_ms: elapsed }) => elapsed / 1000],
  ["verified", "Verified echoes, or whole cycles", ({ count }) => count],
  ["due", "Frames due", ({ due }) => due],
  ["sent", "Frames sent", ({ sent }) => sent],
  ["unsent", "Frames due that could not leave", ({ unsent }) => unsent],
  ["lost", "Frames without an answer", ({ lost }) => lost],
  ["pending", "Frames nobody waited for any more", ({ pending }) => pending],
  ["errors", "Connections that failed", ({ errors }) => errors],
  ["reordered", "Datagrams out of order", ({ reordered }) => reordered],
  ["duplicated", "Datagrams that came once more", ({ duplicated }) => duplicated],
  ["jitter_seconds", "Interarrival jitter (RFC 3550)", ({ jitter_us: jitter }) => seconds(jitter)],
  ["client_cpu", "Cores that the client used", ({ client_cpu: cpu }) => cpu],
  ["interrupted", "1 where the run was ended before its time", ({ interrupted }) => interrupted ? 1 : 0],
  ["ended_early", "1 where no connection was left to the end", (run) => run.ended_early ? 1 : 0],
  [
    "threshold_failed",
    "Limits of --fail-if that were exceeded",
    ({ thresholds }) => thresholds.filter(({ fails }) => fails).length,
  ],
];

/** Quantiles of a summary, and their names in a record. */
const QUANTILES: readonly (readonly [string, "min" | "p50" | "p90" | "p99" | "p99_9" | "max"])[] = [
  ["0", "min"],
  ["0.5", "p50"],
  ["0.9", "p90"],
  ["0.99", "p99"],
  ["0.999", "p99_9"],
  ["1", "max"],
];

/** The text; what was not measured is left out. */
export function prometheusOf(points: readonly Point[]): string {
  const runs = points.flatMap(({ label, runs }) => runs.map((run, at) => ({ run, labels: labelsOf(run, label, at) })));
  const gauges = METRICS.flatMap(([name, help, of]) => {
    const values = runs.flatMap(({ run, labels }) => {
      const value = of(run);
      return value === null || value === undefined ? [] : [`echo_bench_${name}{${labels}} ${value}`];
    });
    return values.length === 0 ? [] : [...headOf(name, help, "gauge"), ...values];
  });
  const latencies = runs.flatMap(({ run, labels }) => summaryOf("latency_seconds", labels, run.latency_us));
  const fromSent = runs.flatMap(({ run, labels }) =>
    run.from_sent_us === undefined ? [] : summaryOf("from_sent_seconds", labels, run.from_sent_us)
  );
  return [
    ...gauges,
    ...headOf("latency_seconds", "From when a frame was due to its echo", "summary"),
    ...latencies,
    ...fromSent.length === 0 ? [] : headOf("from_sent_seconds", "From when a frame was sent to its echo", "summary"),
    ...fromSent,
    "",
  ].join("\n");
}

function headOf(name: string, help: string, type: string): string[] {
  return [`# HELP echo_bench_${name} ${help}`, `# TYPE echo_bench_${name} ${type}`];
}

function summaryOf(name: string, labels: string, summary: LatencySummary): string[] {
  const quantiles = QUANTILES.flatMap(([quantile, key]) => {
    const value = seconds(summary[key]);
    return value === null ? [] : [`echo_bench_${name}{${labels},quantile="${quantile}"} ${value}`];
  });
  const sum = (seconds(summary.mean) ?? 0) * summary.count;
  return [
    ...quantiles,
    `echo_bench_${name}_sum{${labels}} ${Number(sum.toPrecision(9))}`,
    `echo_bench_${name}_count{${labels}} ${summary.count}`,
  ];
}

function seconds(us: number | null | undefined): number | null {
  return us === null || us === undefined ? null : Number((us / 1e6).toPrecision(9));
}

function labelsOf({ settings }: BenchResult, label: string | undefined, at: number): string {
  const labels = {
    ...{ target: settings.target, mode: settings.mode, framing: settings.framing, connections: settings.connections },
    ...{ size: settings.size_bytes, run: at + 1 },
    ...label === undefined ? {} : { point: label },
  };
  return Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`).join(",");
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => character === "\n" ? "\\n" : `\\${character}`);
}
