/**
 * `echo-client ping --udp`: one datagram an interval, and what became of each.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { openDatagrams } from "../../client/udp.ts";
import { framingFrom } from "../../framing/framing.ts";
import { print, printText } from "../../cli/output.ts";
import { figuresIn } from "../../cli/format.ts";
import { targetText } from "../../net/dial.ts";
import type { SessionConfig } from "../connection/config.ts";
import { DatagramFlow, type DatagramOutcome } from "./datagram_flow.ts";
import { HEADER } from "../connection/datagram_header.ts";
import { Latencies } from "./latencies.ts";
import { Pattern } from "./pattern.ts";
import { echoJson, echoLine, type PingCounts, summaryLine, WINDOW } from "./ping_text.ts";
import { refused } from "./settings.ts";
import type { Translate } from "./texts.ts";

interface PingUdpOptions {
  readonly config: SessionConfig;
  readonly count: number;
  /** In ms. */
  readonly interval: number;
  /** In bytes. */
  readonly size: number;
  readonly json: boolean;
  /** Whether the summary is enough. */
  readonly quiet: boolean;
  readonly signal: AbortSignal;
}

/** Pings; resolves to what became of all datagrams. */
export async function pingUdp(options: PingUdpOptions, t: Translate): Promise<PingCounts> {
  const { config: { target, family, source, timeout }, count, interval, size, json } = options;
  if (target.transport !== "tcp") throw refused("--udp", "udp_no_unix");
  if (size < HEADER) throw refused("--size", "udp_size", { value: size, least: HEADER });
  const opened = await openDatagrams({ host: target.host, port: target.port, family, source });
  const pinger = new Pinger(options, t);
  const payload = new Pattern(framingFrom("raw"), size).span(0, size);
  const flow = new DatagramFlow({ ...opened, payload, onOutcome: (outcome) => pinger.tell(outcome) });
  const receiving = flow.receive();
  const signal = AbortSignal.any([options.signal, pinger.broken]);
  try {
    const start = performance.now();
    for (let number = 1; number <= count && !signal.aborted; number++) {
      await delay(Math.max(0, start + (number - 1) * interval - performance.now()), signal);
      if (signal.aborted) break;
      pinger.expect(number, timeout);
      await flow.send();
    }
    while (pinger.isWaiting && !signal.aborted) await delay(5, signal);
  } finally {
    pinger.stop();
    opened.socket.close();
    await receiving;
    pinger.broken.throwIfAborted();
    const counts = { ...pinger.counts, jitter: flow.jitter };
    const about = { json, server: targetText(target), isInterrupted: signal.aborted };
    if (counts.sent > 0) (json ? print : printText)(summaryLine({ ...counts, ...about }, t));
  }
  return { ...pinger.counts, jitter: flow.jitter };
}

/** Prints what becomes of datagrams, and counts it. */
class Pinger {
  readonly #options: PingUdpOptions;
  readonly #t: Translate;
  readonly #all = new Latencies();
  readonly #recent: number[] = [];
  /** What has no end yet, and when it is given up. */
  readonly #waiting = new Map<number, ReturnType<typeof setTimeout>>();
  #counts = { lost: 0, reordered: 0, duplicated: 0, corrupted: 0 };
  readonly #broken = new AbortController();
  #sent = 0;

  constructor(options: PingUdpOptions, t: Translate) {
    this.#options = options;
    this.#t = t;
  }

  /** Aborted where nothing can be printed any more: that ends the run. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  get counts(): PingCounts {
    return { ...this.#counts, sent: this.#sent, all: this.#all };
  }

  /** Whether something that was sent has no end yet. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** A datagram leaves, and is waited for. */
  expect(number: number, timeout: number): void {
    this.#sent++;
    this.#waiting.set(number, setTimeout(() => this.#giveUp(number), timeout));
  }

  /** Waits no more. */
  stop(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
  }

  tell(outcome: DatagramOutcome): void {
    const { json, size } = this.#options;
    const t = this.#t;
    if (outcome.type === "unexpected") return;
    const { number, type } = outcome;
    if (outcome.type !== "echo") {
      this.#counts[outcome.type === "duplicate" ? "duplicated" : "corrupted"]++;
      this.#print(json ? JSON.stringify({ number, event: type }) : t(`ping.${outcome.type}`, { number: pad(number) }));
      return;
    }
    // Whoever is given up is lost, even where it comes later.
    clearTimeout(this.#waiting.get(number));
    if (!this.#waiting.delete(number)) return;
    const { rtt, reordered } = outcome;
    if (reordered) this.#counts.reordered++;
    this.#all.record(rtt);
    this.#recent.push(rtt);
    if (this.#recent.length > WINDOW) this.#recent.shift();
    const more = reordered ? t("ping.reordered") : "";
    this.#print(
      json
        ? echoJson({ number, rtt, recent: this.#recent }, { reordered })
        : echoLine({ number, size, rtt, recent: this.#recent }, t) + more,
    );
  }

  /** Nobody waits for a datagram any more. */
  #giveUp(number: number): void {
    this.#waiting.delete(number);
    this.#counts.lost++;
    const { json, config: { timeout } } = this.#options;
    const reason = this.#t("error.timeout.reply", { ms: figuresIn(this.#t.language).count(timeout) });
    this.#print(
      json ? JSON.stringify({ number, error: reason }) : this.#t("ping.lost", { number: pad(number), reason }),
    );
  }

  #print(line: string): void {
    try {
      if (!this.#options.quiet) (this.#options.json ? print : printText)(line);
    } catch (error) {
      this.#broken.abort(error);
    }
  }
}

function pad(number: number): string {
  return String(number).padStart(4);
}
