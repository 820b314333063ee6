/**
 * A benchmark's result for people at a terminal.
 *
 * @module
 */
import { type Figures, figuresIn } from "../../cli/format.ts";
import { explainError } from "../../cli/texts.ts";
import { drawBars } from "./bars.ts";
import { terminalWidth } from "../../cli/terminal_size.ts";
import type { Bar, LatencySummary } from "./latencies.ts";
import { PHASES } from "./run.ts";
import type { BenchResult, SettingsRecord, TcpRecord } from "./result.ts";
import type { BenchMode, BenchSettings } from "./settings.ts";
import type { Translate } from "./texts.ts";
import { type Checked, isLatency } from "./thresholds.ts";
import { isWarmup, type Sample } from "./timeline.ts";

/** Columns of the longest bar. */
const BAR_WIDTH = 40;

/** What stands beside a bar: two times, and a share. */
const BAR_LABELS = 34;

/** The whole report, as lines. */
export function reportLines(result: BenchResult, bars: readonly Bar[], t: Translate): string[] {
  const { settings, verdict = "" } = result;
  const title = titleOf(settings, t);
  const cut = result.interrupted ? [t("bench.interrupted", { elapsed: elapsedText(result, t) })] : [];
  if (result.latency_us.count === 0 && result.count === 0) return [title, "", ...cut, t("bench.verdict.none")];
  const rows = reportRows(result, t);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...[title, ...cut, ""],
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    "",
    ...drawBars(bars, Math.min(BAR_WIDTH, terminalWidth() - BAR_LABELS), figuresIn(t.language)).map((line) =>
      `  ${line}`
    ),
    "",
    ...noteOf(settings.mode, t).flatMap((note) => [note, ""]),
    verdict,
  ];
}

/** The figures with their names. */
export function reportRows(result: BenchResult, t: Translate): (readonly [string, string])[] {
  const f = figuresIn(t.language);
  const { settings, floor, unsent, phases_us: phases } = result;
  return [
    ...floor === undefined ? [] : [[t("bench.floor"), floorText(floor, settings.mode, t)] as const],
    [t("bench.count"), countLine(result, t)],
    ...latencyRows(result, t),
    ...PHASES.flatMap((phase) => {
      const record = phases?.[phase];
      return record === undefined ? [] : [[t(`bench.phase.${phase}`), latencyText(record, f, t)] as const];
    }),
    ...result.kept_up_to_per_s === undefined
      ? []
      : [[t("bench.kept_up"), rateOf(result.kept_up_to_per_s, settings.mode, t)] as const],
    ...datagramRows(result, t),
    ...unsent === 0 ? [] : [[t("bench.unsent"), t("bench.unsent.text", { count: f.count(unsent) })] as const],
    ...settings.mode === "udp" || result.lost + result.pending === 0 ? [] : [
      [
        t("bench.lost"),
        t("bench.lost.text", { lost: f.count(result.lost), pending: f.count(result.pending) }),
      ] as const,
    ],
    ...settings.connections === 1 ? [] : [[t("bench.fairness"), fairnessText(result, t)] as const],
    ...result.tcp_info === undefined ? [] : [[t("bench.tcp"), tcpText(result.tcp_info, t)] as const],
    ...clientRows(result, t),
    ...result.thresholds.map((checked) => thresholdRow(checked, settings.mode, t)),
  ];
}

/** What was measured, on one line. */
export function titleOf(settings: SettingsRecord, t: Translate): string {
  const { mode, target, framing, connections, window, size_bytes: size, duration_ms: duration, count } = settings;
  const f = figuresIn(t.language);
  const unit = unitOf(mode);
  return t(`bench.title.${mode}`, {
    ...{ target, framing, connections: f.count(connections), window: f.count(window), size: f.bytes(size) },
    // A number of frames is told instead of a time that nobody gave.
    extent: count === undefined
      ? t("bench.title.duration", { duration: f.duration(duration ?? 0) })
      : t(`bench.title.count.${unit}`, { count: f.count(count) }),
    rate: askedText(settings, t),
  });
}

/** How long was measured. */
function elapsedText({ elapsed_ms: elapsed }: BenchResult, t: Translate): string {
  return figuresIn(t.language).time(elapsed * 1000);
}

/** One sentence that says what it comes to. */
export function verdictText(result: BenchResult, firstError: unknown, t: Translate): string {
  const { settings, limited_by: limit, latency_us: latency, rate_per_s: rate } = result;
  const { mode } = settings;
  const f = figuresIn(t.language);
  if (limit === null) return t("bench.verdict.none");
  const values = {
    rate: rateOf(rate, mode, t),
    asked: askedText(settings, t),
    p50: f.time(latency.p50),
    p99: f.time(latency.p99),
    cpu: f.percent(result.client_cpu),
  };
  if (result.ended_early) return endedText(result, firstError, t);
  const more = limit === "client" ? adviceText(result, t) : "";
  const verdict = mode === "udp"
    ? datagramVerdict(result, t)
    : mode === "open"
    ? t(`bench.verdict.open.${limit === "floor" ? "server" : limit}`, values) + more
    : limit === "floor"
    ? t("bench.verdict.floor", values)
    : limit === "client"
    ? t(`bench.verdict.${mode}.client`, values) + more
    : t(`bench.verdict.${mode}.server`, values);
  return result.errors === 0 ? verdict : verdict + errorsText(result, firstError, t);
}

function errorsText({ errors }: BenchResult, firstError: unknown, t: Translate): string {
  const values = { errors: figuresIn(t.language).count(errors), reason: explainError(firstError, t) };
  return t("bench.verdict.errors", values);
}

/** Of a run in whose middle no connection was left: when that was, and what was measured until then. */
function endedText(result: BenchResult, firstError: unknown, t: Translate): string {
  const { settings: { mode, duration_ms: duration, count }, rate_per_s: rate, latency_us: latency } = result;
  const f = figuresIn(t.language);
  const values = { elapsed: elapsedText(result, t), rate: rateOf(rate, mode, t), p99: f.time(latency.p99) };
  const when = count !== undefined
    ? t("bench.ended.count", { ...values, answered: f.count(result.count), count: f.count(count) })
    : t(unitOf(mode) === "frames" ? "bench.ended.frames" : "bench.ended.cycles", {
      ...values,
      duration: f.duration(duration ?? 0),
    });
  return when + t("bench.ended.until", values) + errorsText(result, firstError, t);
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
export function rateOf(rate: number | null, mode: BenchMode, t: Translate): string {
  const unit = unitOf(mode);
  return t(`bench.rate.${unit}`, { count: figuresIn(t.language).rate(rate) });
}

function askedText({ mode, rate_per_s: rate = 0, rate_at_end_per_s: end }: SettingsRecord, t: Translate): string {
  const from = end === undefined ? "" : `${figuresIn(t.language).rate(rate)} → `;
  return from + rateOf(end ?? rate, mode, t);
}

/** What a mode counts. */
export function unitOf(mode: BenchMode): "frames" | "connect" | "login" | "udp" {
  return mode === "open" || mode === "closed" ? "frames" : mode;
}

/** A figure of any name, with its unit. */
function figureText(
  figure: string,
  value: number | null,
  { mode, t }: { mode: BenchMode; t: Translate },
): string {
  const f = figuresIn(t.language);
  if (isLatency(figure) || figure === "jitter") return f.time(value);
  if (figure.endsWith("%")) return f.percent(value === null ? null : value / 100);
  return figure === "rate" ? rateOf(value, mode, t) : value === null ? f.time(null) : f.count(value);
}

/** What is shown of a sample while a run goes on: rates so far as a line of blocks. */
export function progressText(
  { at, rate, p50, p99 }: Sample,
  { settings: { mode, duration, count }, rates }: {
    readonly settings: BenchSettings;
    readonly rates: readonly number[];
  },
  t: Translate,
): string {
  const f = figuresIn(t.language);
  const values = { rate: rateOf(rate, mode, t), p50: f.time(p50), p99: f.time(p99), spark: sparkline(rates) };
  if (at < 0) return t("bench.progress.warmup", values);
  const time = t("bench.seconds", { count: f.fixed(at / 1000, 1) });
  return count === undefined
    ? t("bench.progress", { ...values, at: time, duration: f.duration(duration) })
    : t("bench.progress.count", { ...values, at: time });
}

/** A row of `--interval`. */
export function rowText(
  row: Sample,
  mode: BenchMode,
  t: Translate,
): string {
  const f = figuresIn(t.language);
  const { at, rate, count, errors, p50, p99 } = row;
  const values = {
    at: t("bench.seconds", { count: f.fixed(at / 1000, 1) }).padStart(8),
    rate: rateOf(rate, mode, t).padStart(18),
    count: f.count(count),
    ...{ p50: f.time(p50).padStart(7), p99: f.time(p99).padStart(7) },
    errors: errors === 0 ? "" : t("bench.row.errors", { errors: f.count(errors) }),
    warmup: isWarmup(row) ? t("bench.row.warmup") : "",
  };
  return t("bench.row", values).trimEnd();
}

/** Columns of the line of blocks. */
const SPARKS = 24;

function sparkline(rates: readonly number[]): string {
  const some = rates.slice(-SPARKS);
  const most = Math.max(1, ...some);
  return some.map((rate) => "▁▂▃▄▅▆▇█"[Math.min(7, Math.floor(rate / most * 8))]).join("");
}

function floorText(
  { rate_per_s: rate, latency_us: latency }: NonNullable<BenchResult["floor"]>,
  mode: BenchMode,
  t: Translate,
): string {
  const f = figuresIn(t.language);
  return t("bench.floor.text", { rate: rateOf(rate, mode, t), p50: f.time(latency.p50), p99: f.time(latency.p99) });
}

function countLine(result: BenchResult, t: Translate): string {
  const { mode } = result.settings;
  const f = figuresIn(t.language);
  return t(mode === "login" || mode === "connect" ? "bench.cycles.text" : "bench.frames.text", {
    count: f.count(result.count),
    rate: rateOf(result.rate_per_s, mode, t),
    bytes: f.bytes(result.bytes_per_s),
    errors: f.count(result.errors),
  });
}

function datagramVerdict(result: BenchResult, t: Translate): string {
  const { sent, answered, lost, pending, reordered = 0, duplicated = 0, corrupted = 0, unexpected = 0 } = result;
  const f = figuresIn(t.language);
  const counts = { lost: f.count(lost), reordered: f.count(reordered), duplicated: f.count(duplicated) };
  const values = { sent: f.count(sent), share: f.percent(lost / Math.max(1, sent)), ...counts };
  return [
    t(answered === sent && reordered + duplicated === 0 ? "bench.verdict.udp.all" : "bench.verdict.udp", values),
    ...pending === 0 ? [] : [t("bench.verdict.udp.pending", { pending: f.count(pending) })],
    ...corrupted === 0 ? [] : [t("bench.verdict.udp.corrupted", { corrupted: f.count(corrupted) })],
    ...unexpected === 0 ? [] : [t("bench.verdict.udp.unexpected", { unexpected: f.count(unexpected) })],
  ].join(" ");
}

function datagramRows(result: BenchResult, t: Translate): (readonly [string, string])[] {
  const { jitter_us: jitter, lost, reordered = 0, duplicated = 0, corrupted = 0, unexpected = 0 } = result;
  if (jitter === undefined) return [];
  const f = figuresIn(t.language);
  const counts = { lost: f.count(lost), share: f.percent(lost / Math.max(1, result.sent)) };
  const more = { reordered: f.count(reordered), duplicated: f.count(duplicated), corrupted: f.count(corrupted) };
  return [
    [t("bench.datagrams"), t("bench.datagrams.text", { ...counts, ...more, unexpected: f.count(unexpected) })],
    [t("bench.jitter"), t("bench.jitter.text", { jitter: f.time(jitter) })],
  ];
}

function latencyRows(result: BenchResult, t: Translate): (readonly [string, string])[] {
  const { latency_us: latency, from_sent_us: fromSent } = result;
  const f = figuresIn(t.language);
  if (fromSent === undefined) return [[t("bench.latency"), latencyText(latency, f, t)]];
  return [
    [t("bench.from_due"), latencyText(latency, f, t)],
    [t("bench.from_sent"), latencyText(fromSent, f, t)],
  ];
}

function latencyText({ p50, p90, p99, p99_9, max }: LatencySummary, f: Figures, t: Translate): string {
  return t("bench.latency.text", {
    ...{ p50: f.time(p50), p90: f.time(p90), p99: f.time(p99), p99_9: f.time(p99_9), max: f.time(max) },
  });
}

function fairnessText({ fairness: { jain, slowest }, settings }: BenchResult, t: Translate): string {
  const f = figuresIn(t.language);
  return t("bench.fairness.text", {
    // Rounded down: only what is 1 shows as 1.
    jain: f.fixed(Math.floor((jain ?? 0) * 1e4) / 1e4, 4),
    connections: f.count(settings.connections),
    slowest: f.count(slowest?.connection ?? 0),
    frames: f.count(slowest?.frames ?? 0),
    share: f.percent(slowest?.share ?? null),
  });
}

/** What the kernel knew: its own round trip is without the time that both programs take. */
export function tcpText(
  { rtt_us: rtt, min_rtt_us: least, retransmissions, cwnd, mss_bytes: mss }: TcpRecord,
  t: Translate,
): string {
  const f = figuresIn(t.language);
  return t("bench.tcp.text", {
    ...{ rtt: f.time(rtt), least: f.time(least), retransmissions: f.count(retransmissions) },
    ...{ cwnd: f.count(cwnd ?? 0), mss: f.count(mss ?? 0) },
  });
}

function clientRows({ client_cpu: cpu, client_late_us: late }: BenchResult, t: Translate): [string, string][] {
  const f = figuresIn(t.language);
  // Waiting turn by turn for what is due keeps the processor busy: the share would say nothing.
  if (late === undefined) return [[t("bench.client"), t("bench.client.text", { cpu: f.percent(cpu) })]];
  return late.count === 0 ? [] : [[t("bench.client"), t("bench.client.late", { late: f.time(late.p99) })]];
}

/** What has to be known of the figures of a mode. */
export function noteOf(mode: BenchMode, t: Translate): string[] {
  return mode === "open" ? [t("bench.both")] : mode === "closed" ? [t("bench.closed_note")] : [];
}

/** A limit, and whether it was kept. */
export function thresholdRow(
  { text, figure, value, fails }: Checked,
  mode: BenchMode,
  t: Translate,
): readonly [string, string] {
  const shown = value === null ? t("bench.unmeasured") : figureText(figure, value, { mode, t });
  return [t(fails ? "bench.failed" : "bench.held"), t("bench.failed.text", { text, value: shown })];
}
