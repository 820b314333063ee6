/**
 * A benchmark's result for people.
 *
 * @module
 */
import type { Bar, LatencySummary } from "./latencies.ts";
import type { BenchResult, SettingsRecord } from "./result.ts";
import type { BenchMode } from "./settings.ts";
import type { Checked } from "./thresholds.ts";
import { durationText } from "../../cli/common_options.ts";
import { drawBars } from "./bars.ts";
import { bytesText, countText, percentText, rateText, timeText } from "../../cli/format.ts";
import { explainError } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";

/** Columns of the longest bar. */
const BAR_WIDTH = 40;

/** What a report says beyond the result. */
export interface ReportExtras {
  /** How the latencies are distributed. */
  readonly bars: readonly Bar[];
  /** What ended the first connection that failed. */
  readonly firstError?: unknown;
}

/** The whole report, as lines. */
export function reportLines(result: BenchResult, { bars, firstError }: ReportExtras, t: Translate): string[] {
  const { settings, floor } = result;
  if (result.latency_us.count === 0 && result.count === 0) return [titleOf(settings, t), "", t("bench.verdict.none")];
  const rows: (readonly [string, string])[] = [
    ...floor === undefined ? [] : [[t("bench.floor"), floorText(floor, settings.mode, t)] as const],
    [t("bench.count"), countLine(result, t)],
    ...latencyRows(result, t),
    ...result.unsent === 0
      ? []
      : [[t("bench.unsent"), t("bench.unsent.text", { count: countText(result.unsent) })] as const],
    ...settings.connections === 1 ? [] : [[t("bench.fairness"), fairnessText(result, t)] as const],
    [t("bench.client"), clientText(result, t)],
    ...result.thresholds.map((checked) => thresholdRow(checked, settings.mode, t)),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const note = settings.mode === "open"
    ? [t("bench.both"), ""]
    : settings.mode === "closed"
    ? [t("bench.closed_note"), ""]
    : [];
  return [
    titleOf(settings, t),
    "",
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    "",
    ...drawBars(bars, BAR_WIDTH).map((line) => `  ${line}`),
    "",
    ...note,
    verdictText(result, firstError, t),
  ];
}

/** What was measured, on one line. */
export function titleOf(settings: SettingsRecord, t: Translate): string {
  const { mode, target, framing, connections, window, size_bytes: size, duration_ms: duration } = settings;
  return t(`bench.title.${mode}`, {
    ...{ target, framing, connections: countText(connections), window: countText(window) },
    size: bytesText(size),
    duration: durationText(duration),
    rate: rateOf(settings.rate_per_s ?? 0, mode, t),
  });
}

/** One sentence that says what it comes to. */
export function verdictText(result: BenchResult, firstError: unknown, t: Translate): string {
  const { settings, limited_by: limit, latency_us: latency } = result;
  const { mode, rate_per_s: asked = 0 } = settings;
  const values = {
    rate: rateOf(result.rate_per_s, mode, t),
    asked: rateOf(asked, mode, t),
    p50: timeText(latency.p50),
    p99: timeText(latency.p99),
    cpu: percentText(result.client_cpu),
  };
  const more = limit === "client" ? adviceText(result, t) : "";
  const verdict = mode === "open"
    ? t(`bench.verdict.open.${limit === "floor" ? "server" : limit}`, values) + more
    : limit === "floor"
    ? t("bench.verdict.floor", values)
    : limit === "client"
    ? t(`bench.verdict.${mode}.client`, values) + more
    : t(`bench.verdict.${mode}.server`, values);
  if (result.errors === 0) return verdict;
  return verdict + t("bench.verdict.errors", { errors: countText(result.errors), reason: explainError(firstError, t) });
}

/** How to have more of the client. Only frames can be divided among threads, and only among connections and cores that are there. */
function adviceText(
  { settings: { mode, threads, connections }, client_cores: cores }: BenchResult,
  t: Translate,
): string {
  if (mode === "connect" || mode === "login") return "";
  const most = Math.min(2 * threads, cores, connections);
  if (most > threads) return t("bench.verdict.threads", { threads: most });
  return cores > threads ? t("bench.verdict.connections") : t("bench.verdict.cores", { cores });
}

/** So many of what the mode counts, a second. */
export function rateOf(rate: number, mode: BenchMode, t: Translate): string {
  const unit = mode === "connect" || mode === "login" ? mode : "frames";
  return t(`bench.rate.${unit}`, { count: rateText(rate).replace("/s", "") });
}

function floorText(
  { rate_per_s: rate, latency_us: latency }: NonNullable<BenchResult["floor"]>,
  mode: BenchMode,
  t: Translate,
): string {
  return t("bench.floor.text", { rate: rateOf(rate, mode, t), p50: timeText(latency.p50), p99: timeText(latency.p99) });
}

function countLine(result: BenchResult, t: Translate): string {
  const { mode } = result.settings;
  return t(mode === "login" || mode === "connect" ? "bench.cycles.text" : "bench.frames.text", {
    count: countText(result.count),
    rate: rateOf(result.rate_per_s, mode, t),
    bytes: bytesText(result.bytes_per_s),
    errors: countText(result.errors),
  });
}

function latencyRows(result: BenchResult, t: Translate): (readonly [string, string])[] {
  const { latency_us: latency, from_sent_us: fromSent } = result;
  if (fromSent === undefined) return [[t("bench.latency"), latencyText(latency, t)]];
  return [
    [t("bench.from_due"), latencyText(latency, t)],
    [t("bench.from_sent"), latencyText(fromSent, t)],
  ];
}

function latencyText({ p50, p90, p99, p99_9, max }: LatencySummary, t: Translate): string {
  const [a, b, c, d, e] = [p50, p90, p99, p99_9, max].map(timeText);
  return t("bench.latency.text", { p50: `${a}`, p90: `${b}`, p99: `${c}`, p99_9: `${d}`, max: `${e}` });
}

function fairnessText({ fairness: { jain, slowest }, settings }: BenchResult, t: Translate): string {
  return t("bench.fairness.text", {
    // Rounded down: only what is 1 shows as 1.
    jain: (Math.floor(jain * 1e4) / 1e4).toFixed(4),
    connections: countText(settings.connections),
    slowest: countText(slowest.connection),
    frames: countText(slowest.frames),
    share: percentText(slowest.share),
  });
}

function clientText({ client_cpu: cpu, client_late_us: late }: BenchResult, t: Translate): string {
  // Waiting turn by turn for what is due keeps the processor busy: the share would say nothing.
  if (late !== undefined) return t("bench.client.late", { late: timeText(late.p99) });
  return t("bench.client.text", { cpu: percentText(cpu) });
}

function thresholdRow(
  { text, figure, value, fails }: Checked,
  mode: BenchMode,
  t: Translate,
): readonly [string, string] {
  const shown = figure === "errors" ? countText(value) : figure === "rate" ? rateOf(value, mode, t) : timeText(value);
  return [t(fails ? "bench.failed" : "bench.held"), t("bench.failed.text", { text, value: shown })];
}
