/**
 * A benchmark over open connections: closed loop (each echo makes room for the next frame) or open loop (frames are due at
 * a rate, whatever the server does).
 *
 * @module
 */
import process from "node:process";
import { delay } from "../../base/delay.ts";
import { ProtocolError, TimeoutError } from "../../base/errors.ts";
import type { Wire } from "../../framed_conn.ts";
import type { TcpInfo } from "../connection/tcp_info.ts";
import { FairQueue } from "../../net/fair_queue.ts";
import type { DatagramFigures } from "./datagram_figures.ts";
import { Latencies } from "./latencies.ts";
import { Load, type LoadOptions } from "./load.ts";
import { OpenLoop } from "./open_loop.ts";
import type { Pattern } from "./pattern.ts";
import { Schedule } from "./schedule.ts";
import type { BenchSettings } from "./settings.ts";
import { type OnTick, Ticker } from "./ticker.ts";
import { tickOf } from "./timeline.ts";

/** How a benchmark runs. Times in ms. */
export interface RunOptions extends
  Pick<
    BenchSettings,
    "window" | "duration" | "warmup" | "timeout" | "rate" | "rateAtEnd" | "count" | "interval" | "drain" | "engine"
  > {
  readonly pattern: Pattern;
  /** When the warm-up begins, as `performance.now()` has it; now, where it is missing. */
  readonly startsAt?: number;
  /** Open loop: how much later than that the first frame is due. */
  readonly phase?: number;
  /** Number of the first connection, from 0, where others run elsewhere. */
  readonly first?: number;
  /** Ends the run early, with what there is. */
  readonly signal: AbortSignal;
  readonly onTick?: OnTick | undefined;
  /** Called when the measured time is over, before the connections close. */
  readonly beforeClose?: (() => void) | undefined;
}

/** What a run found. */
export interface RunResult extends Account {
  /** Measured time, in ms: shorter than asked for when the run was ended. */
  readonly elapsed: number;
  /** Verified echoes in the measured time, by connection. */
  readonly frames: readonly number[];
  /** From when a frame was due; in a closed loop that is when it was sent. */
  readonly latencies: Latencies;
  /** Open loop: from when it was really sent, which hides what waited before. */
  readonly fromSent: Latencies | undefined;
  /** Open loop: how late frames left for which there was room: the client's own fault. */
  readonly lateness: Latencies | undefined;
  /** What ended connections early, by connection. */
  readonly failures: readonly { readonly connection: number; readonly error: unknown }[];
  /** CPU time of this process per time, 1 is one core. */
  readonly cpuShare: number;
  /** Of datagrams. */
  readonly datagrams?: DatagramFigures;
  /** What the kernel knows of the connections, where it can be had. */
  readonly tcp?: readonly TcpInfo[] | undefined;
  /** Connections, by {@linkcode Phase}: how long each part of a cycle took. */
  readonly phases?: Readonly<Partial<Record<Phase, Latencies>>>;
}

/**
 * Parts of a cycle that connects, in turn: the name's look-up, TCP's handshake, TLS's, the dialogue; all of these together
 * (`open`); from then to the echo's first byte, and to its last.
 */
export const PHASES = ["lookup", "connect", "tls", "login", "open", "first_byte", "echo"] as const;

/** One of them. */
export type Phase = typeof PHASES[number];

/** What became of the frames that were due in the measured time: due = sent + unsent, sent = answered + lost + pending. */
export interface Account {
  /** In a closed loop a frame is due when it is sent. */
  readonly due: number;
  /** Open loop: could not leave to the end. */
  readonly unsent: number;
  readonly answered: number;
  /** Their connections ended without an answer. */
  readonly lost: number;
  /** Nobody waited for the answers any more. */
  readonly pending: number;
}

/** How often silence is looked for, in ms. */
const SILENCE_CHECK = 100;

/** What is due at the start belongs to the measurement, rounded or not; in ms. */
const ROUNDING = 1e-6;

/** A run that was ended waits for answers no longer than this, in ms. */
const DRAIN_ENDED = 1000;

/**
 * Runs a benchmark over `wires`, and closes them.
 *
 * @throws {ProtocolError} at once, when what comes back is wrong: figures of a server that corrupts are worth nothing.
 */
export async function runLoad(wires: readonly Wire[], options: RunOptions): Promise<RunResult> {
  return await new Run(wires, options).result();
}

class Run {
  readonly #options: RunOptions;
  readonly #loads: readonly Load[];
  readonly #frames: number[];
  readonly #ticker: Ticker;
  readonly #latencies: Latencies;
  readonly #fromSent: Latencies | undefined;
  readonly #failures: { connection: number; error: unknown }[] = [];
  readonly #begin: number;
  readonly #start: number;
  readonly #first: number;
  readonly #openLoop: OpenLoop | undefined;
  #end: number;
  /** Open loop for a number of frames: when the last echo came. */
  #lastAt = 0;
  /** Frames that are still to be sent, and to come back, where a number of them is measured. */
  #toSend: number;
  #missing: number;
  #lost = 0;
  #pending = 0;
  /** Latencies of frames that have no answer. */
  #unanswered = 0;
  #fatal: ProtocolError | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(wires: readonly Wire[], options: RunOptions) {
    const { startsAt = performance.now(), warmup, duration, rate, phase = 0, first = 0 } = options;
    this.#options = options;
    this.#begin = startsAt;
    this.#start = startsAt + warmup - ROUNDING;
    this.#first = first;
    this.#end = this.#start + duration;
    this.#toSend = this.#missing = options.count ?? Infinity;
    this.#frames = wires.map(() => 0);
    this.#fromSent = rate === undefined ? undefined : new Latencies();
    this.#ticker = new Ticker({
      ...{ start: this.#start, tick: tickOf(options.interval), onTick: options.onTick },
      count: () => this.#loads.reduce((sum, load) => sum + load.frames, 0),
      errors: () => this.#failures.length,
    });
    this.#latencies = this.#ticker.part;
    const { pattern, window, engine } = options;
    const turns = engine === "io_uring" ? undefined : new FairQueue();
    const isClosedLoop = turns === undefined && rate === undefined;
    const common = { pattern, first, window, turns, isClosedLoop, onRoom: this.#onRoom() };
    this.#loads = wires.map((wire, number) => new Load(wire, { ...common, number, onEcho: this.#onEcho(number) }));
    if (rate === undefined) return;
    const { rateAtEnd } = options;
    const ramp = rateAtEnd === undefined ? undefined : { from: this.#start, until: this.#end, rate: rateAtEnd };
    const schedule = new Schedule({ start: startsAt + phase, rate, ramp });
    if (options.count !== undefined) {
      // A thread's share of the frames is not what is due in the time of all, but for one or two.
      const last = schedule.at(schedule.before(this.#start) + options.count);
      if (last < this.#end + 2000 / rate) this.#end = last;
    }
    this.#openLoop = new OpenLoop({
      loads: this.#loads,
      schedule,
      start: this.#start,
      end: () => this.#end,
      isWhole: this.#isWhole,
    });
  }

  /** Open loop for a number of frames: all of them are sent and waited for, however late. */
  get #isWhole(): boolean {
    return this.#options.count !== undefined && this.#options.rate !== undefined;
  }

  async result(): Promise<RunResult> {
    const { signal, timeout } = this.#options;
    const stop = (): void => this.#finish(performance.now());
    signal.addEventListener("abort", stop);
    // A thread's share of a number of frames may be none.
    if (signal.aborted || this.#missing <= 0) stop();
    const replyTimer = setInterval(() => {
      const now = performance.now();
      for (const load of this.#loads) load.checkPatience(now, timeout);
    }, Math.min(SILENCE_CHECK, timeout));
    using ticker = this.#ticker;
    try {
      // Threads agree on a moment to begin at: what one sends before it counts for nobody.
      const early = Math.ceil(this.#begin - performance.now());
      if (early > 0) await delay(early, signal);
      const over = Promise.all(this.#loads.map((load) => this.#watch(load)));
      const measuring = this.#cpuShare(over);
      if (this.#openLoop === undefined) {
        const now = performance.now();
        for (const load of this.#loads) this.#sendCounted(load, load.room, now);
      } else await this.#openLoop.run(over);
      const cpuShare = await measuring;
      if (this.#isWhole) await this.#untilIdle(over);
      const unsent = this.#giveUpWaiting();
      this.#options.beforeClose?.();
      await this.#drain(over);
      if (this.#fatal !== undefined) throw this.#fatal;
      const latencies = ticker.end();
      const [answered, lost, pending] = [latencies.count - this.#unanswered, this.#lost, this.#pending];
      return {
        elapsed: Math.max(0, this.#end - this.#start, this.#lastAt - this.#start),
        frames: this.#frames,
        latencies,
        fromSent: this.#fromSent,
        lateness: this.#openLoop?.lateness,
        ...{ due: unsent + answered + lost + pending, unsent, answered, lost, pending },
        failures: this.#failures,
        cpuShare,
      };
    } finally {
      clearInterval(replyTimer);
      signal.removeEventListener("abort", stop);
    }
  }

  /** Open loop, closed loop for a time, or closed loop for a number of frames. */
  #onRoom(): LoadOptions["onRoom"] {
    const { rate, count } = this.#options;
    if (this.#isWhole) {
      return (load, room, now) => {
        this.#openLoop?.onRoom(load, room, now);
        if (now >= this.#end && this.#openLoop?.isIdle) this.#stopWaiting?.();
      };
    }
    if (rate !== undefined) return (load, room, now) => this.#openLoop?.onRoom(load, room, now);
    if (count !== undefined) return (load, room, now) => this.#sendCounted(load, room, now);
    return (load, room, now) => {
      if (now < this.#end) load.send(room, now);
    };
  }

  #onEcho(connection: number): LoadOptions["onEcho"] {
    const frames = this.#frames;
    if (this.#isWhole) {
      return (count, now, sentAt, dueAt) => {
        if (dueAt < this.#start) return;
        frames[connection] = (frames[connection] ?? 0) + count;
        this.#lastAt = now;
        this.#record(count, { now, sentAt, dueAt });
      };
    }
    if (this.#options.count === undefined) {
      return (count, now, sentAt, dueAt) => {
        if (now >= this.#start && now < this.#end) frames[connection] = (frames[connection] ?? 0) + count;
        this.#record(count, { now, sentAt, dueAt });
      };
    }
    return (count, now, sentAt, dueAt) => {
      if (dueAt < this.#start) return;
      if (now < this.#end) frames[connection] = (frames[connection] ?? 0) + count;
      this.#record(count, { now, sentAt, dueAt });
      this.#settle(count, now);
    };
  }

  #record(count: number, { now, sentAt, dueAt }: { now: number; sentAt: number; dueAt: number }): void {
    if (dueAt < this.#start || dueAt >= this.#end) return;
    this.#latencies.record(now - dueAt, count);
    this.#fromSent?.record(now - sentAt, count);
  }

  /** Sends what there is room for, and of what is counted not more than is wanted. */
  #sendCounted(load: Load, room: number, now: number): void {
    if (now >= this.#end) return;
    const isCounted = now >= this.#start;
    const count = isCounted ? Math.min(room, this.#toSend) : room;
    if (isCounted) this.#toSend -= count;
    if (count > 0) load.send(count, now);
  }

  /** So many of the wanted frames need not be waited for any more. */
  #settle(count: number, now: number): void {
    this.#missing -= count;
    if (this.#missing <= 0) this.#finish(now);
  }

  #finish(now: number): void {
    this.#end = Math.min(this.#end, now);
    this.#stopWaiting?.();
  }

  async #watch(load: Load): Promise<void> {
    try {
      await load.run();
    } catch (error) {
      const lost = this.#giveUp(load, error instanceof TimeoutError);
      this.#lost += lost;
      this.#failures.push({ connection: this.#first + load.number + 1, error });
      this.#settle(lost, performance.now());
      if (this.#isWhole && performance.now() >= this.#end && this.#openLoop?.isIdle) this.#stopWaiting?.();
      if (!(error instanceof ProtocolError)) return;
      this.#fatal ??= error;
      for (const other of this.#loads) other.abort(error);
    }
  }

  /** Waits for what is on its way; not for ever where somebody is in a hurry. */
  async #drain(over: Promise<unknown>): Promise<void> {
    for (const load of this.#loads) load.end();
    const { signal, drain } = this.#options;
    const longest = signal.aborted ? Math.min(DRAIN_ENDED, drain ?? DRAIN_ENDED) : drain;
    const timer = longest === undefined ? undefined : setTimeout(() => {
      for (const load of this.#loads.filter(({ isOver }) => !isOver)) {
        load.abandon();
        this.#pending += this.#giveUp(load, true);
      }
    }, longest);
    await over;
    clearTimeout(timer);
  }

  /** Counts the measured frames that have no answer; where they waited until now, leaving them out would hide the worst. */
  #giveUp(load: Load, isWaiting: boolean): number {
    const now = performance.now();
    let given = 0;
    load.giveUp((count, sentAt, dueAt) => {
      if (dueAt < this.#start || dueAt >= this.#end) return;
      given += count;
      if (isWaiting) this.#record(count, { now, sentAt, dueAt });
    });
    if (isWaiting) this.#unanswered += given;
    return given;
  }

  /** Waits for the end of the measurement; the share of one core that this process used in it. */
  async #cpuShare(over: Promise<unknown>): Promise<number> {
    await this.#sleepUntil(() => this.#start, over);
    const before = process.cpuUsage();
    const from = performance.now();
    await this.#sleepUntil(() => this.#end, over);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / Math.max(1, performance.now() - from);
  }

  async #sleepUntil(time: () => number, over: Promise<unknown>): Promise<void> {
    const ended = Promise.withResolvers<void>();
    this.#stopWaiting = ended.resolve;
    const timer = setTimeout(ended.resolve, Math.max(0, time() - performance.now()));
    await Promise.race([ended.promise, over]);
    clearTimeout(timer);
    // Nobody is left to be measured.
    if (this.#loads.every((load) => load.isOver)) this.#end = Math.min(this.#end, performance.now());
  }

  async #untilIdle(over: Promise<unknown>): Promise<void> {
    const idle = Promise.withResolvers<void>();
    this.#stopWaiting = idle.resolve;
    if (!this.#options.signal.aborted && this.#openLoop?.isIdle === false) await Promise.race([idle.promise, over]);
  }

  /** Frames that were due and never left have waited at least until now. */
  #giveUpWaiting(): number {
    const now = performance.now();
    const unsent = this.#openLoop?.giveUp((dueAt) => this.#latencies.record(now - dueAt)) ?? 0;
    this.#unanswered += unsent;
    return unsent;
  }
}
