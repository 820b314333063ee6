/**
 * The open loop: frames are due at a rate, whatever the server does, and each leaves when it is due, or once its connection
 * has room for it.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { Latencies } from "./latencies.ts";
import type { Load } from "./load.ts";
import type { Schedule } from "./schedule.ts";

/** A timer is exact to about this, in ms: what is due sooner is waited for turn by turn. */
const TIMER_SLACK = 2;

interface OpenLoopOptions {
  readonly loads: readonly Load[];
  readonly schedule: Schedule;
  /** What is due from here on is counted; in ms. */
  readonly start: number;
  /** Nothing is due from here on; in ms. May move forward while the loop runs. */
  readonly end: () => number;
  /** What was due before the end leaves behind it, too. */
  readonly isWhole: boolean;
}

export class OpenLoop {
  /** How late frames left that there was room for: the client's own fault. */
  readonly lateness = new Latencies();
  readonly #options: OpenLoopOptions;
  readonly #backlogs: readonly Backlog[];

  constructor(options: OpenLoopOptions) {
    const { loads, schedule } = options;
    this.#options = options;
    this.#backlogs = loads.map(({ number }) => new Backlog(schedule, number, loads.length));
  }

  /** Sends until the end, or until no connection is left. */
  async run(over: Promise<unknown>): Promise<void> {
    const { loads, schedule, start, end } = this.#options;
    let isOver = false;
    void over.then(() => isOver = true);
    for (let next = 0; !isOver;) {
      const now = performance.now();
      for (const due = Math.min(schedule.dueBy(now), schedule.before(end())); next < due; next++) {
        const [load, backlog] = [loads[next % loads.length], this.#backlogs[next % loads.length]];
        if (load === undefined || backlog === undefined) continue;
        const dueAt = schedule.at(next);
        backlog.add();
        const room = load.room;
        if (room > 0 && backlog.length === 1 && dueAt >= start) this.lateness.record(now - dueAt);
        this.#send(load, room, now);
      }
      if (now >= end()) return;
      await untilDue(Math.min(schedule.at(next), end()));
    }
  }

  /** Sends what waits for room on a connection. */
  onRoom(load: Load, room: number, now: number): void {
    if (this.#options.isWhole || now < this.#options.end()) this.#send(load, room, now);
  }

  /** Whether all that was due was sent and answered, on each connection that is left. */
  get isIdle(): boolean {
    return this.#options.loads.every((load) =>
      load.isOver || (load.isIdle && this.#backlogs[load.number]?.length === 0)
    );
  }

  /** Tells when each frame was due that never left; resolves to how many of them were due in the measured time. */
  giveUp(each: (dueAt: number) => void): number {
    let unsent = 0;
    for (const backlog of this.#backlogs) {
      while (backlog.length > 0) {
        const dueAt = backlog.take();
        if (dueAt < this.#options.start) continue;
        unsent++;
        each(dueAt);
      }
    }
    return unsent;
  }

  #send(load: Load, room: number, now: number): void {
    const backlog = this.#backlogs[load.number];
    if (backlog === undefined) return;
    for (; room > 0 && backlog.length > 0; room--) load.send(1, now, backlog.take());
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

/** Resolves at a time, as `performance.now()` has it, exact to some µs. */
export async function untilDue(time: number): Promise<void> {
  const rest = time - performance.now();
  if (rest > TIMER_SLACK) return await new Promise((due) => setTimeout(due, rest - TIMER_SLACK));
  // A timer would be late by up to a millisecond, which is many times what is measured.
  await new Promise<void>((turn) => setImmediate(turn));
}
