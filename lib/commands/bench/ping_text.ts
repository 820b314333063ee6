/**
 * What `ping` says.
 *
 * @module
 */
import { figuresIn } from "../../cli/format.ts";
import { inMicroseconds } from "./datagram_figures.ts";
import type { Latencies } from "./latencies.ts";
import type { Translate } from "./texts.ts";

/** Echoes that the percentiles of a line are taken from: a minute of them by default. */
export const WINDOW = 60;

interface EchoLine {
  readonly number: number;
  /** In bytes. */
  readonly size: number;
  /** In ms. */
  readonly rtt: number;
  readonly recent: readonly number[];
}

/** A line for people. */
export function echoLine({ number, size, rtt, recent }: EchoLine, t: Translate): string {
  const { p50, p99, max } = percentiles(recent);
  const f = figuresIn(t.language);
  const time = (ms: number): string => f.time(ms * 1000).padStart(7);
  return t("ping.line", {
    number: String(number).padStart(4),
    bytes: f.bytes(size),
    ...{ rtt: time(rtt), p50: time(p50), p99: time(p99), max: time(max) },
    window: recent.length,
  });
}

/** A line for programs. */
export function echoJson(
  { number, rtt, recent }: Omit<EchoLine, "size">,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const { p50, p99, max } = percentiles(recent);
  const [rtt_ms, p50_ms, p99_ms, max_ms] = [rtt, p50, p99, max].map((ms) => Number(ms.toFixed(4)));
  return JSON.stringify({ number, rtt_ms, window: recent.length, p50_ms, p99_ms, max_ms, ...more });
}

/** Of a few times, in ms; not empty. The nearest rank: with fewer than a hundred, p99 is the longest. */
function percentiles(times: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}

/** What became of all echoes: sent = answered + lost + pending. */
export interface PingCounts {
  readonly sent: number;
  readonly lost: number;
  readonly all: Latencies;
  /** Of datagrams. */
  readonly reordered?: number;
  readonly duplicated?: number;
  readonly corrupted?: number;
  /** In ms; null where there is none yet. */
  readonly jitter?: number | null;
}

interface Summary extends PingCounts {
  readonly json: boolean;
  readonly server: string;
  readonly isInterrupted: boolean;
}

/** The summary, for people or for programs. */
export function summaryLine({ sent, lost, all, json, server, isInterrupted, ...udp }: Summary, t: Translate): string {
  const { reordered = 0, duplicated = 0, corrupted = 0, jitter } = udp;
  const { count: answered, min, mean, p50, p90, p99, max } = all.summary();
  const pending = sent - answered - lost;
  if (json) {
    return JSON.stringify({
      ...{ server, sent, answered, received: answered, lost, pending },
      ...jitter === undefined ? {} : { reordered, duplicated, corrupted, jitter_us: inMicroseconds(jitter) },
      ...isInterrupted ? { interrupted: true } : {},
      latency_us: { min, mean, p50, p90, p99, max },
    });
  }
  const f = figuresIn(t.language);
  const times = { min: f.time(min), p50: f.time(p50), p99: f.time(p99), max: f.time(max) };
  return t("ping.summary", { sent, answered, lost, share: f.percent(lost / sent) }) +
    (pending === 0 ? "" : t("ping.summary.pending", { pending })) +
    (jitter === undefined
      ? ""
      : t("ping.summary.udp", { reordered, duplicated, jitter: f.time(inMicroseconds(jitter)) })) +
    (answered === 0 ? "" : t("ping.summary.times", times));
}
