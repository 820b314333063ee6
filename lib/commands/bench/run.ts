/**
 * A benchmark over open connections: closed loop (each echo makes room for the next frame) or open loop (frames are due at
 * a rate, whatever the server does).
 *
 * @module
 */
import process from "node:process";
import { setImmediate } from "node:timers";
import { ProtocolError, TimeoutError } from "../../base/errors.ts";
import type { Wire } from "../../framed_conn.ts";
import { FairQueue } from "../../net/fair_queue.ts";
import { Latencies } from "./latencies.ts";
import { Load } from "./load.ts";
import type { Pattern } from "./pattern.ts";
import { Schedule } from "./schedule.ts";

/** How a benchmark runs. Times in ms. */
export interface RunOptions {
  readonly pattern: Pattern;
  /** Frames on their way on each connection at most. */
  readonly window: number;
  readonly duration: number;
  readonly warmup: number;
  /** Longest silence while an echo is missing. */
  readonly timeout: number;
  /** Open loop: frames a second, of all connections together. */
  readonly rate?: number;
  /** When the warm-up begins, as `performance.now()` has it; now, where it is missing. */
  readonly startsAt?: number;
  /** Open loop: how much later than that the first frame is due. */
  readonly phase?: number;
  /** Number of the first connection, from 0, where others run elsewhere. */
  readonly first?: number;
  /** Ends the run early, with what there is. */
  readonly signal?: AbortSignal;
  /** Called every {@linkcode SAMPLE} ms, warm-up included. */
  readonly onSample?: (sample: Sample, latencies: Latencies) => void;
}

/** What happened in a part of the run. */
export interface Sample {
  /** End of the part, in ms from the start of the measurement: negative while warming up. */
  readonly at: number;
  /** Echoes a second in it. */
  readonly rate: number;
  /** 99th percentile, in µs, of the measurement so far; 0 while warming up. */
  readonly p99: number;
}

/** What a run found. */
export interface RunResult {
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
  /** Open loop: frames that were due and could not be sent to the end. */
  readonly unsent: number;
  /** What ended connections early, by connection. */
  readonly failures: readonly { readonly connection: number; readonly error: unknown }[];
  /** CPU time of this process per time, 1 is one core. */
  readonly cpuShare: number;
  readonly samples: readonly Sample[];
}

/** Time between two samples, in ms. */
export const SAMPLE = 200;

/** How often silence is looked for, in ms. */
const PATIENCE_CHECK = 100;

/** A timer is exact to about this, in ms: what is due sooner is waited for turn by turn. */
const TIMER_SLACK = 2;

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
  readonly #latencies = new Latencies();
  readonly #fromSent: Latencies | undefined;
  readonly #lateness: Latencies | undefined;
  readonly #failures: { connection: number; error: unknown }[] = [];
  readonly #samples: Sample[] = [];
  readonly #begin: number;
  readonly #start: number;
  readonly #first: number;
  #end: number;
  /** Open loop: frames of each connection that are due and wait for room; their times follow from their numbers. */
  readonly #waiting: Backlog[] = [];
  #fatal: ProtocolError | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(wires: readonly Wire[], options: RunOptions) {
    this.#options = options;
    this.#begin = options.startsAt ?? performance.now();
    this.#start = this.#begin + options.warmup;
    this.#first = options.first ?? 0;
    this.#end = this.#start + options.duration;
    this.#frames = wires.map(() => 0);
    const isOpen = options.rate !== undefined;
    this.#fromSent = isOpen ? new Latencies() : undefined;
    this.#lateness = isOpen ? new Latencies() : undefined;
    const turns = new FairQueue();
    this.#loads = wires.map((wire, number) =>
      new Load(wire, {
        pattern: options.pattern,
        number,
        first: this.#first,
        window: options.window,
        turns,
        onEcho: (count, now, sentAt, dueAt) => this.#echoed(number, count, now, sentAt, dueAt),
        onRoom: isOpen ? (load, room, now) => this.#drain(load, room, now) : (load, room, now) => {
          if (now < this.#end) load.send(room, now);
        },
      })
    );
  }

  async result(): Promise<RunResult> {
    const { signal, timeout, rate, phase = 0, onSample } = this.#options;
    const stop = (): void => {
      this.#end = Math.min(this.#end, performance.now());
      this.#stopWaiting?.();
    };
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    const replyTimer = setInterval(() => {
      const now = performance.now();
      for (const load of this.#loads) load.checkPatience(now, timeout);
    }, Math.min(PATIENCE_CHECK, timeout));
    const sampler = new Sampler(this.#loads, this.#start, (part) => {
      const sample = { ...part, p99: this.#latencies.percentile(99) };
      this.#samples.push(sample);
      onSample?.(sample, this.#latencies);
    });
    try {
      const over = Promise.all(this.#loads.map((load) => this.#watch(load)));
      const now = performance.now();
      const isClosedLoop = rate === undefined;
      if (isClosedLoop) { for (const load of this.#loads) load.send(load.room, now); }
      const measuring = this.#cpuShare(over);
      if (!isClosedLoop) await this.#keepRate(new Schedule({ start: this.#begin + phase, rate }), over);
      const cpuShare = await measuring;
      const unsent = this.#giveUpWaiting();
      for (const load of this.#loads) load.end();
      await over;
      if (this.#fatal !== undefined) throw this.#fatal;
      return {
        elapsed: Math.max(0, this.#end - this.#start),
        frames: this.#frames,
        latencies: this.#latencies,
        fromSent: this.#fromSent,
        lateness: this.#lateness,
        unsent,
        failures: this.#failures,
        cpuShare,
        samples: this.#samples,
      };
    } finally {
      clearInterval(replyTimer);
      sampler.stop();
      signal?.removeEventListener("abort", stop);
    }
  }

  #echoed(connection: number, count: number, now: number, sentAt: number, dueAt: number): void {
    if (now >= this.#start && now < this.#end) this.#frames[connection] = (this.#frames[connection] ?? 0) + count;
    this.#record(count, { now, sentAt, dueAt });
  }

  #record(count: number, { now, sentAt, dueAt }: { now: number; sentAt: number; dueAt: number }): void {
    if (dueAt < this.#start || dueAt >= this.#end) return;
    this.#latencies.record(now - dueAt, count);
    this.#fromSent?.record(now - sentAt, count);
  }

  async #watch(load: Load): Promise<void> {
    try {
      await load.run();
    } catch (error) {
      // A frame without an answer waited at least until now: leaving it out would hide the worst.
      const now = performance.now();
      if (error instanceof TimeoutError) {
        load.giveUp((count, sentAt, dueAt) => this.#record(count, { now, sentAt, dueAt }));
      }
      this.#failures.push({ connection: this.#first + load.number + 1, error });
      if (!(error instanceof ProtocolError)) return;
      this.#fatal ??= error;
      for (const other of this.#loads) other.abort(error);
    }
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

  /** Open loop: sends each frame when it is due, connection after connection. */
  async #keepRate(schedule: Schedule, over: Promise<unknown>): Promise<void> {
    this.#waiting.push(...this.#loads.map((load) => new Backlog(schedule, load.number, this.#loads.length)));
    let isOver = false;
    over.then(() => isOver = true);
    for (let next = 0; !isOver;) {
      const now = performance.now();
      for (const due = schedule.dueBy(Math.min(now, this.#end)); next < due; next++) {
        const load = this.#loads[next % this.#loads.length];
        const backlog = this.#waiting[next % this.#loads.length];
        if (load === undefined || backlog === undefined || load.isOver) continue;
        backlog.add();
        const room = load.room;
        if (room > 0 && backlog.length === 1) this.#lateness?.record(now - schedule.at(next));
        this.#drain(load, room, now);
      }
      if (now >= this.#end) return;
      await untilDue(Math.min(schedule.at(next), this.#end));
    }
  }

  #drain(load: Load, room: number, now: number): void {
    const backlog = this.#waiting[load.number];
    if (backlog === undefined || now >= this.#end) return;
    for (; room > 0 && backlog.length > 0; room--) load.send(1, now, backlog.take());
  }

  /** Frames that were due and never left have waited at least until now. */
  #giveUpWaiting(): number {
    const now = performance.now();
    let unsent = 0;
    for (const backlog of this.#waiting) {
      for (; backlog.length > 0; unsent++) {
        const dueAt = backlog.take();
        if (dueAt >= this.#start && dueAt < this.#end) this.#latencies.record(now - dueAt);
      }
    }
    return unsent;
  }
}

/** Frames of one connection that are due and not sent. Every n-th frame of the schedule is this connection's. */
class Backlog {
  readonly #schedule: Schedule;
  readonly #every: number;
  #next: number;
  #length = 0;

  constructor(schedule: Schedule, first: number, every: number) {
    this.#schedule = schedule;
    this.#next = first;
    this.#every = every;
  }

  get length(): number {
    return this.#length;
  }

  add(): void {
    this.#length++;
  }

  /** When the next frame was due, in ms; it does not wait any more. */
  take(): number {
    const dueAt = this.#schedule.at(this.#next);
    this.#next += this.#every;
    this.#length--;
    return dueAt;
  }
}

/** Tells how many echoes a second there were, again and again. */
class Sampler {
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(loads: readonly Load[], start: number, tell: (sample: Omit<Sample, "p99">) => void) {
    let [before, framesBefore] = [performance.now(), 0];
    this.#timer = setInterval(() => {
      const now = performance.now();
      const frames = loads.reduce((sum, load) => sum + load.frames, 0);
      tell({ at: now - start, rate: (frames - framesBefore) / (now - before) * 1000 });
      [before, framesBefore] = [now, frames];
    }, SAMPLE);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function untilDue(time: number): Promise<void> {
  const rest = time - performance.now();
  if (rest > TIMER_SLACK) return await new Promise((due) => setTimeout(due, rest - TIMER_SLACK));
  // A timer would be late by up to a millisecond, which is many times what is measured.
  await new Promise<void>((turn) => setImmediate(turn));
}
