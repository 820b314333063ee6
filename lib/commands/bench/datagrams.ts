/**
 * `bench --udp`: datagrams at a rate, each with a number, and what became of them.
 *
 * @module
 */
import process from "node:process";
import { delay } from "../../base/delay.ts";
import { framingFrom } from "../../framing/framing.ts";
import { openDatagrams } from "../../client/udp.ts";
import type { Target } from "../../net/dial.ts";
import { DatagramFlow, type DatagramOutcome } from "./datagram_flow.ts";
import { HEADER } from "../connection/datagram_header.ts";
import { nobody } from "./reply_errors.ts";
import { Latencies } from "./latencies.ts";
import { untilDue } from "./open_loop.ts";
import { Pattern } from "./pattern.ts";
import type { RunResult } from "./run.ts";
import { Schedule } from "./schedule.ts";
import { type BenchSettings, refused } from "./settings.ts";
import type { Way } from "./thread.ts";
import { type OnTick, Ticker } from "./ticker.ts";
import { tickOf } from "./timeline.ts";

/** Whom to send to, and who watches. */
interface DatagramRunOptions {
  readonly target: Target | undefined;
  readonly way: Way;
  readonly signal: AbortSignal;
  readonly onTick?: OnTick | undefined;
}

/** What is due at the start belongs to the measurement, rounded or not; in ms. */
const ROUNDING = 1e-6;

/** After the end, answers may be silent for so long, in ms, or as many times the longest round trip; not over `timeout`. */
const LEAST_WAIT = 1000;
const ROUND_TRIPS = 4;

/** Where nothing at all comes back for so long, in ms, nobody is there; for `timeout`, where that is shorter. */
const NOBODY = 3000;

/** A client that is behind sends so many datagrams in a row at most: more would not fit into receive buffers. */
const BURST = 32;

/** Runs a measurement with datagrams. Throws what {@linkcode openDatagrams} throws. */
export async function runDatagrams(settings: BenchSettings, options: DatagramRunOptions): Promise<RunResult> {
  const { target, way } = options;
  if (target?.transport !== "tcp") throw refused("--udp", "udp_no_unix");
  if (settings.size < HEADER) throw refused("--size", "udp_size", { value: settings.size, least: HEADER });
  const { host, port } = target;
  const sockets: Deno.DatagramConn[] = [];
  const receiving: Promise<void>[] = [];
  try {
    const payload = new Pattern(framingFrom("raw"), settings.size, settings.payload).span(0, settings.size);
    const run = new DatagramRun(settings, options);
    while (sockets.length < settings.connections) {
      const opened = await openDatagrams({ host, port, family: way.family, source: way.source });
      sockets.push(opened.socket);
      const flow = new DatagramFlow({ ...opened, payload, onOutcome: run.onOutcome(sockets.length - 1) });
      run.add(flow);
      receiving.push(flow.receive());
    }
    return await run.result();
  } finally {
    for (const socket of sockets) socket.close();
    await Promise.all(receiving);
  }
}

class DatagramRun {
  readonly #settings: BenchSettings;
  readonly #options: DatagramRunOptions;
  readonly #flows: DatagramFlow[] = [];
  readonly #frames: number[] = [];
  readonly #fromSent = new Latencies();
  readonly #lateness = new Latencies();
  readonly #counts = { reordered: 0, duplicated: 0, corrupted: 0, unexpected: 0 };
  #latencies = new Latencies();
  /** When datagrams are due, and from when on they are measured. */
  #schedule: Schedule | undefined;
  #start = Infinity;
  #longest = 0;
  #lastAt = 0;
  #sent = 0;
  #unsent = 0;
  #answered = 0;
  #echoed = 0;
  #isHeard = false;

  constructor(settings: BenchSettings, options: DatagramRunOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  add(flow: DatagramFlow): void {
    this.#flows.push(flow);
    this.#frames.push(0);
  }

  onOutcome(socket: number): (outcome: DatagramOutcome, now: number) => void {
    return (outcome, now) => {
      this.#isHeard = true;
      if (outcome.type === "unexpected") {
        this.#counts.unexpected++;
        return;
      }
      this.#lastAt = now;
      if (outcome.type === "echo") this.#echoed++;
      // The sockets take turns.
      const dueAt = this.#schedule?.at((outcome.number - 1) * this.#flows.length + socket);
      if (dueAt === undefined || dueAt < this.#start) return;
      if (outcome.type !== "echo") {
        this.#counts[outcome.type === "duplicate" ? "duplicated" : "corrupted"]++;
        return;
      }
      this.#answered++;
      if (outcome.reordered) this.#counts.reordered++;
      this.#frames[socket] = (this.#frames[socket] ?? 0) + 1;
      this.#longest = Math.max(this.#longest, outcome.rtt);
      this.#latencies.record(now - dueAt);
      this.#fromSent.record(outcome.rtt);
    };
  }

  async result(): Promise<RunResult> {
    const { duration, warmup, rate = 1, interval, timeout } = this.#settings;
    const { signal, onTick, target } = this.#options;
    const first = performance.now();
    const start = first + warmup - ROUNDING;
    let end = start + duration;
    const stop = (): void => void (end = Math.min(end, performance.now()));
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    using ticker = new Ticker({
      ...{ start, tick: tickOf(interval), onTick, count: () => this.#echoed, errors: () => 0 },
    });
    this.#latencies = ticker.part;
    const before = process.cpuUsage();
    const { rateAtEnd } = this.#settings;
    const ramp = rateAtEnd === undefined ? undefined : { from: start, until: end, rate: rateAtEnd };
    this.#start = start;
    this.#schedule = new Schedule({ start: first, rate, ramp });
    await this.#send(this.#schedule, start, () => end);
    const { user, system } = process.cpuUsage(before);
    const cpuShare = (user + system) / 1000 / Math.max(1, performance.now() - first);
    end = Math.min(end, performance.now());
    const wait = Math.min(timeout, Math.max(LEAST_WAIT, ROUND_TRIPS * this.#longest));
    const isSettled = this.#isGivenUp(end) || await this.#settle(wait, timeout);
    signal.removeEventListener("abort", stop);
    const missing = this.#sent - this.#answered;
    const isNobody = this.#answered === 0 && this.#sent > 0 && !signal.aborted;
    return {
      elapsed: Math.max(0, end - start),
      frames: this.#frames,
      latencies: ticker.end(),
      fromSent: this.#fromSent,
      lateness: this.#lateness,
      ...{ due: this.#sent + this.#unsent, unsent: this.#unsent, answered: this.#answered },
      ...{ lost: isSettled ? missing : 0, pending: isSettled ? 0 : missing },
      failures: isNobody ? [{ connection: 1, error: nobody(target, Math.round(performance.now() - first)) }] : [],
      cpuShare,
      datagrams: { ...this.#counts, jitter: this.#jitter() },
    };
  }

  /** Sends what is due when it is, whatever comes back. */
  async #send(schedule: Schedule, start: number, end: () => number): Promise<void> {
    for (let next = 0;;) {
      const now = performance.now();
      let row = 0;
      for (const due = Math.min(schedule.dueBy(now), schedule.before(end())); next < due; next++) {
        const [socket, dueAt] = [next % this.#flows.length, schedule.at(next)];
        const isCounted = dueAt >= start;
        if (isCounted) this.#lateness.record(Math.max(0, performance.now() - dueAt));
        const isSent = await this.#flows[socket]?.send();
        if (isCounted && isSent) this.#sent++;
        else if (isCounted) this.#unsent++;
        // In a row: what is due later is waited for below.
        if (++row % BURST === 0) await delay(1);
      }
      if (now >= end() || this.#isGivenUp(now)) return;
      await untilDue(Math.min(schedule.at(next), end()));
    }
  }

  /** Whether there is no sign of anybody for so long that nobody will answer. */
  #isGivenUp(now: number): boolean {
    const first = this.#schedule?.at(0) ?? now;
    return !this.#isHeard && now - first >= Math.max(LEAST_WAIT, Math.min(NOBODY, this.#settings.timeout));
  }

  /** Waits for answers until they are silent for `ms`, `most` ms in all; false where somebody is in a hurry. */
  async #settle(ms: number, most: number): Promise<boolean> {
    const began = performance.now();
    const end = (): number => Math.min(began + most, Math.max(began, this.#lastAt) + ms);
    const { signal } = this.#options;
    const isComplete = (): boolean => this.#flows.every(({ outstanding }) => outstanding === 0);
    while (!isComplete() && performance.now() < end()) {
      if (signal.aborted) return false;
      await untilDue(performance.now() + POLL);
    }
    return true;
  }

  /** The mean of the sockets' that have one. */
  #jitter(): number | null {
    const all = this.#flows.map(({ jitter }) => jitter).filter((jitter) => jitter !== null);
    return all.length === 0 ? null : all.reduce((sum, jitter) => sum + jitter, 0) / all.length;
  }
}

/** How often the end of the wait is looked for, in ms. */
const POLL = 5;
