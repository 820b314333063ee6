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
import { bytesText, percentText, timeText } from "../../cli/format.ts";
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
  const { count = Infinity, interval, size, json, framing } = line.values;
  const sessions = await Sessions.from(line);
  const pattern = new Pattern(framing, size);
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  using probe = new Probe(() => sessions.open(), pattern, sessions.config.timeout);
  const all = new Latencies();
  const recent: number[] = [];
  let [sent, lost, firstError]: [number, number, unknown] = [0, 0, undefined];
  try {
    const start = performance.now();
    for (let number = 1; number <= count && !stop.signal.aborted; number++) {
      await delay(start + (number - 1) * interval - performance.now(), stop.signal);
      if (stop.signal.aborted) break;
      sent++;
      const outcome = await probe.once();
      if (typeof outcome === "number") {
        all.record(outcome);
        recent.push(outcome);
        if (recent.length > WINDOW) recent.shift();
        print(json ? echoJson(number, outcome, recent) : echoLine({ number, size, rtt: outcome, recent }, t));
      } else {
        // What comes back wrong is no loss, and what is true before the first echo is so of all to come.
        if (outcome instanceof ProtocolError || (all.count === 0 && number === 1)) throw outcome;
        lost++;
        firstError ??= outcome;
        const reason = explainError(outcome, t);
        print(json ? JSON.stringify({ number, error: reason }) : t("ping.lost", { number, reason }));
      }
    }
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
    if (sent > 0) print(summaryLine({ sent, lost, all, json, server: targetText(sessions.config.target) }, t));
  }
  return stop.signal.aborted ? EXIT.interrupted : lost > 0 ? exitCodeOf(firstError) : EXIT.ok;
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

  /** The time an echo took, in ms, or why there is none. */
  async once(): Promise<number | Error> {
    try {
      this.#wire ??= (await this.#open()).detach();
      const frame = this.#frame++;
      return await echoOnce(this.#wire, { pattern: this.#pattern, frame, timeout: this.#timeout });
    } catch (error) {
      this[Symbol.dispose]();
      if (error instanceof NetworkError || error instanceof TimeoutError || error instanceof ProtocolError) {
        return error;
      }
      throw error;
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
  const [rttText, p50Text, p99Text, maxText] = [rtt, p50, p99, max].map((ms) => timeText(ms * 1000).padStart(7));
  return t("ping.line", {
    number: String(number).padStart(4),
    bytes: bytesText(size),
    ...{ rtt: `${rttText}`, p50: `${p50Text}`, p99: `${p99Text}`, max: `${maxText}` },
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

/** What the summary tells. */
interface Summary {
  readonly sent: number;
  readonly lost: number;
  readonly all: Latencies;
  readonly json: boolean;
  readonly server: string;
}

function summaryLine({ sent, lost, all, json, server }: Summary, t: Translate): string {
  const { count: received, min, mean, p50, p90, p99, max } = all.summary();
  if (json) {
    return JSON.stringify({ server, sent, received, lost, latency_us: { min, mean, p50, p90, p99, max } });
  }
  const [a, b, c, d] = [min, p50, p99, max].map(timeText);
  const share = percentText(sent === 0 ? 0 : lost / sent);
  return t("ping.summary", { sent, received, lost, share, min: `${a}`, p50: `${b}`, p99: `${c}`, max: `${d}` });
}
