/**
 * `echo-client ping --udp`: one datagram an interval, and what became of each.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { openDatagrams } from "../../client/udp.ts";
import { framingFrom } from "../../framing/framing.ts";
import { print } from "../../cli/output.ts";
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

/** How to ping. */
export interface PingUdpOptions {
  readonly config: SessionConfig;
  readonly count: number;
  /** In ms. */
  readonly interval: number;
  /** In bytes. */
  readonly size: number;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Pings; resolves to what became of all datagrams. */
export async function pingUdp(options: PingUdpOptions, t: Translate): Promise<PingCounts> {
  const { config: { target, family, source, timeout }, count, interval, size, json, signal } = options;
  if (target.transport !== "tcp") throw refused("--udp", "udp_no_unix");
  if (size < HEADER) throw refused("--size", "udp_size", { value: size, least: HEADER });
  const opened = await openDatagrams({ host: target.host, port: target.port, family, source });
  const pinger = new Pinger(options, t);
  const payload = new Pattern(framingFrom("raw"), size).span(0, size);
  const flow = new DatagramFlow({ ...opened, payload, onOutcome: (outcome) => pinger.tell(outcome) });
  const receiving = flow.receive();
  const timers: ReturnType<typeof setTimeout>[] = [];
  try {
    const start = performance.now();
    for (let number = 1; number <= count && !signal.aborted; number++) {
      await delay(Math.max(0, start + (number - 1) * interval - performance.now()), signal);
      if (signal.aborted) break;
      pinger.sent++;
      await flow.send();
      timers.push(setTimeout(() => pinger.giveUp(number), timeout));
    }
    while (pinger.isWaiting && !signal.aborted) await delay(5, signal);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    opened.socket.close();
    await receiving;
    const counts = { ...pinger.counts, jitter: flow.jitter };
    print(summaryLine({ ...counts, json, server: targetText(target), isInterrupted: signal.aborted }, t));
  }
  return { ...pinger.counts, jitter: flow.jitter };
}

/** Prints what becomes of datagrams, and counts it. */
class Pinger {
  readonly #options: PingUdpOptions;
  readonly #t: Translate;
  readonly #all = new Latencies();
  readonly #recent: number[] = [];
  readonly #settled = new Set<number>();
  #counts = { lost: 0, reordered: 0, duplicated: 0, corrupted: 0 };
  sent = 0;

  constructor(options: PingUdpOptions, t: Translate) {
    this.#options = options;
    this.#t = t;
  }

  get counts(): PingCounts {
    return { ...this.#counts, sent: this.sent, all: this.#all };
  }

  /** Whether something that was sent has no end yet. */
  get isWaiting(): boolean {
    return this.#settled.size < this.sent;
  }

  tell(outcome: DatagramOutcome): void {
    const { json, size } = this.#options;
    const t = this.#t;
    if (outcome.type === "unexpected") return;
    const { number, type } = outcome;
    if (outcome.type !== "echo") {
      this.#counts[outcome.type === "duplicate" ? "duplicated" : "corrupted"]++;
      print(json ? JSON.stringify({ number, event: type }) : t(`ping.${outcome.type}`, { number: pad(number) }));
      return;
    }
    // Whoever is given up is lost, even where it comes later.
    if (this.#settled.has(number)) return;
    this.#settled.add(number);
    const { rtt, reordered } = outcome;
    if (reordered) this.#counts.reordered++;
    this.#all.record(rtt);
    this.#recent.push(rtt);
    if (this.#recent.length > WINDOW) this.#recent.shift();
    const more = reordered ? t("ping.reordered") : "";
    print(
      json
        ? echoJson(number, rtt, this.#recent, { reordered })
        : echoLine({ number, size, rtt, recent: this.#recent }, t) + more,
    );
  }

  /** Nobody waits for a datagram any more. */
  giveUp(number: number): void {
    if (this.#settled.has(number)) return;
    this.#settled.add(number);
    this.#counts.lost++;
    const { json, config: { timeout } } = this.#options;
    const reason = this.#t("error.timeout.reply", { ms: figuresIn(this.#t.language).count(timeout) });
    print(json ? JSON.stringify({ number, error: reason }) : this.#t("ping.lost", { number: pad(number), reason }));
  }
}

function pad(number: number): string {
  return String(number).padStart(4);
}
