/**
 * `echo-client ping`: one echo an interval, with the percentiles of the last ones.
 *
 * @module
 */
import { Latencies } from "./latencies.ts";
import { Pattern } from "./pattern.ts";
import { closeWire, echoOnce } from "./echo_once.ts";
import { targetText } from "../../net/dial.ts";
import { NetworkError, ProtocolError, TimeoutError } from "../../base/errors.ts";
import type { FramedConn, Wire } from "../../framed_conn.ts";
import { delay } from "../../base/delay.ts";
import { interruption } from "./interruption.ts";
import { figuresIn } from "../../cli/format.ts";
import type { PING_OPTIONS } from "./options.ts";
import { Sessions } from "./sessions.ts";
import { EXIT, exitCodeOf } from "../../cli/exit_codes.ts";
import { explainError } from "../../cli/texts.ts";
import type { Translate } from "./texts.ts";
import type { CommandLine } from "../../cli/options.ts";
import { print } from "../../cli/output.ts";

/** Echoes that the percentiles of a line are taken from: a minute of them by default. */
const WINDOW = 60;

/** Runs the command; resolves to the exit code. */
export async function ping(line: CommandLine<typeof PING_OPTIONS>, t: Translate): Promise<number> {
  const { count = Infinity, interval, size, json, quiet, framing } = line.values;
  const sessions = await Sessions.from(line);
  const pattern = new Pattern(framing, size);
  using interrupt = interruption();
  const { signal } = interrupt;
  using probe = new Probe(() => sessions.open(), pattern, sessions.config.timeout);
  const all = new Latencies();
  const recent: number[] = [];
  let [sent, lost, firstError]: [number, number, unknown] = [0, 0, undefined];
  try {
    const start = performance.now();
    for (let number = 1; number <= count && !signal.aborted; number++) {
      await delay(start + (number - 1) * interval - performance.now(), signal);
      if (signal.aborted) break;
      sent++;
      const outcome = await probe.once(signal);
      if (outcome === undefined) break;
      if (typeof outcome === "number") {
        all.record(outcome);
        recent.push(outcome);
        if (recent.length > WINDOW) recent.shift();
        if (!quiet) {
          print(json ? echoJson(number, outcome, recent) : echoLine({ number, size, rtt: outcome, recent }, t));
        }
        continue;
      }
      lost++;
      // What comes back wrong is told at once, and what is true before the first echo is so of all to come.
      if (outcome instanceof ProtocolError || number === 1) throw outcome;
      firstError ??= outcome;
      const reason = explainError(outcome, t);
      if (!quiet) print(json ? JSON.stringify({ number, error: reason }) : t("ping.lost", { number, reason }));
    }
  } finally {
    const server = targetText(sessions.config.target);
    if (sent > 0) print(summaryLine({ sent, lost, all, json, server, isInterrupted: signal.aborted }, t));
  }
  return signal.aborted ? EXIT.interrupted : lost > 0 ? exitCodeOf(firstError) : EXIT.ok;
}

/** One frame after the other, each on the connection of before, or on a new one where that was lost. */
class Probe implements Disposable {
  readonly #open: () => Promise<FramedConn>;
  readonly #pattern: Pattern;
  readonly #timeout: number;
  #wire: Wire | undefined;
  #frame = 0;

  constructor(open: () => Promise<FramedConn>, pattern: Pattern, timeout: number) {
    this.#open = open;
    this.#pattern = pattern;
    this.#timeout = timeout;
  }

  /** The time an echo took, in ms, or why there is none; `undefined` when the wait was given up. */
  async once(signal: AbortSignal): Promise<number | Error | undefined> {
    const giveUp = (): void => this[Symbol.dispose]();
    signal.addEventListener("abort", giveUp);
    try {
      this.#wire ??= (await this.#open()).detach();
      const frame = this.#frame++;
      return await echoOnce(this.#wire, { pattern: this.#pattern, frame, timeout: this.#timeout });
    } catch (error) {
      this[Symbol.dispose]();
      if (signal.aborted) return undefined;
      if (error instanceof NetworkError || error instanceof TimeoutError || error instanceof ProtocolError) {
        return error;
      }
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  [Symbol.dispose](): void {
    if (this.#wire !== undefined) closeWire(this.#wire);
    this.#wire = undefined;
  }
}

/** What a line tells. */
interface EchoLine {
  readonly number: number;
  /** In bytes. */
  readonly size: number;
  /** In ms. */
  readonly rtt: number;
  readonly recent: readonly number[];
}

function echoLine({ number, size, rtt, recent }: EchoLine, t: Translate): string {
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

function echoJson(number: number, rtt: number, recent: readonly number[]): string {
  const { p50, p99, max } = percentiles(recent);
  const [rtt_ms, p50_ms, p99_ms, max_ms] = [rtt, p50, p99, max].map((ms) => Number(ms.toFixed(4)));
  return JSON.stringify({ number, rtt_ms, window: recent.length, p50_ms, p99_ms, max_ms });
}

/** Of a few times, in ms; not empty. The nearest rank: with fewer than a hundred, p99 is the longest. */
function percentiles(times: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}

/** What the summary tells: sent = answered + lost + pending. */
interface Summary {
  readonly sent: number;
  readonly lost: number;
  readonly all: Latencies;
  readonly json: boolean;
  readonly server: string;
  readonly isInterrupted: boolean;
}

function summaryLine({ sent, lost, all, json, server, isInterrupted }: Summary, t: Translate): string {
  const { count: answered, min, mean, p50, p90, p99, max } = all.summary();
  const pending = sent - answered - lost;
  if (json) {
    return JSON.stringify({
      ...{ server, sent, answered, received: answered, lost, pending },
      ...isInterrupted ? { interrupted: true } : {},
      latency_us: { min, mean, p50, p90, p99, max },
    });
  }
  const f = figuresIn(t.language);
  const times = { min: f.time(min), p50: f.time(p50), p99: f.time(p99), max: f.time(max) };
  return t("ping.summary", { sent, answered, lost, share: f.percent(lost / sent) }) +
    (pending === 0 ? "" : t("ping.summary.pending", { pending })) +
    (answered === 0 ? "" : t("ping.summary.times", times));
}
