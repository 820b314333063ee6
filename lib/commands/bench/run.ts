/**
 * A benchmark over open connections: closed loop (each echo makes room for the next frame) or open loop (frames are due at
 * a rate, whatever the server does).
 *
 * @module
 */
import process from "node:process";
import { ProtocolError, TimeoutError } from "../../base/errors.ts";
import type { Wire } from "../../framed_conn.ts";
import { FairQueue } from "../../net/fair_queue.ts";
import { Latencies } from "./latencies.ts";
import { Load } from "./load.ts";
import { OpenLoop } from "./open_loop.ts";
import type { Pattern } from "./pattern.ts";
import { type Sample, Sampler, type Watch } from "./sampler.ts";
import { Schedule } from "./schedule.ts";
import type { BenchSettings } from "./settings.ts";

/** How a benchmark runs. Times in ms. */
export interface RunOptions extends Pick<BenchSettings, "window" | "duration" | "warmup" | "timeout" | "rate">, Watch {
  readonly pattern: Pattern;
  /** When the warm-up begins, as `performance.now()` has it; now, where it is missing. */
  readonly startsAt?: number;
  /** Open loop: how much later than that the first frame is due. */
  readonly phase?: number;
  /** Number of the first connection, from 0, where others run elsewhere. */
  readonly first?: number;
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
  /** Open loop: frames that were due in the measured time; those of them that were sent, and the others. */
  readonly due: number | undefined;
  readonly unsent: number;
  /** What ended connections early, by connection. */
  readonly failures: readonly { readonly connection: number; readonly error: unknown }[];
  /** CPU time of this process per time, 1 is one core. */
  readonly cpuShare: number;
  readonly samples: readonly Sample[];
}

/** How often silence is looked for, in ms. */
const SILENCE_CHECK = 100;

/** What is due at the start belongs to the measurement, rounded or not; in ms. */
const ROUNDING = 1e-6;

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
  readonly #failures: { connection: number; error: unknown }[] = [];
  readonly #start: number;
  readonly #first: number;
  readonly #openLoop: OpenLoop | undefined;
  #end: number;
  #fatal: ProtocolError | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(wires: readonly Wire[], options: RunOptions) {
    const { startsAt = performance.now(), warmup, duration, rate, phase = 0, first = 0, pattern, window } = options;
    this.#options = options;
    this.#start = startsAt + warmup - ROUNDING;
    this.#first = first;
    this.#end = this.#start + duration;
    this.#frames = wires.map(() => 0);
    this.#fromSent = rate === undefined ? undefined : new Latencies();
    const common = { pattern, first, window, turns: new FairQueue() };
    this.#loads = wires.map((wire, number) =>
      new Load(wire, {
        ...common,
        number,
        onEcho: (count, now, sentAt, dueAt) => this.#echoed(number, count, now, sentAt, dueAt),
        onRoom: rate === undefined
          ? (load, room, now) => {
            if (now < this.#end) load.send(room, now);
          }
          : (load, room, now) => this.#openLoop?.onRoom(load, room, now),
      })
    );
    if (rate === undefined) return;
    const schedule = new Schedule({ start: startsAt + phase, rate });
    this.#openLoop = new OpenLoop({ loads: this.#loads, schedule, start: this.#start, end: () => this.#end });
  }

  async result(): Promise<RunResult> {
    const { signal, timeout, onSample } = this.#options;
    const stop = (): void => {
      this.#end = Math.min(this.#end, performance.now());
      this.#stopWaiting?.();
    };
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const replyTimer = setInterval(() => {
      const now = performance.now();
      for (const load of this.#loads) load.checkPatience(now, timeout);
    }, Math.min(SILENCE_CHECK, timeout));
    using sampler = new Sampler({
      ...{ start: this.#start, latencies: this.#latencies, onSample },
      count: () => this.#loads.reduce((sum, load) => sum + load.frames, 0),
    });
    try {
      const over = Promise.all(this.#loads.map((load) => this.#watch(load)));
      const measuring = this.#cpuShare(over);
      if (this.#openLoop === undefined) {
        const now = performance.now();
        for (const load of this.#loads) load.send(load.room, now);
      } else await this.#openLoop.run(over);
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
        lateness: this.#openLoop?.lateness,
        due: this.#openLoop?.due,
        unsent,
        failures: this.#failures,
        cpuShare,
        samples: sampler.samples,
      };
    } finally {
      clearInterval(replyTimer);
      signal.removeEventListener("abort", stop);
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

  /** Frames that were due and never left have waited at least until now. */
  #giveUpWaiting(): number {
    const now = performance.now();
    return this.#openLoop?.giveUp((dueAt) => this.#latencies.record(now - dueAt)) ?? 0;
  }
}
