/**
 * Deadlines of one connection, judged by looking at it once in a while: the hot path keeps no clock. A sweep every second
 * sees what has moved since the last one, so a deadline is met to a second.
 *
 * Deadlines count from the beginning, not from the last byte: a peer that sends one byte a second gains nothing.
 *
 * @module
 */
import { FRAME_TIMEOUT_BYTES, FRAME_TIMEOUT_STEP } from "../base/limits.ts";

/** How often deadlines are looked at, in ms; more often where one is shorter than four of these. */
const SWEEP_INTERVAL = 1000;

/** Times in ms; 0 turns a deadline off. */
export interface DeadlineLimits {
  /** For a begun frame as a whole; {@linkcode FRAME_TIMEOUT_STEP} more for each {@linkcode FRAME_TIMEOUT_BYTES} of it. */
  readonly frameTimeout: number;
  /** For silence between frames. */
  readonly idleTimeout: number;
  /** For one write to be taken by a peer that does not read. */
  readonly writeTimeout: number;
}

/** What a sweep sees of a connection; `FramedConn` has it. */
export interface Observed {
  readonly reads: number;
  readonly writes: number;
  readonly isWriting: boolean;
  readonly inFrame: boolean;
  readonly framesReceived: number;
  /** Payload bytes of the frame that has begun. */
  readonly frameLength: number;
}

/** Which deadline has passed. */
export type Overdue = "frame_timeout" | "idle_timeout" | "write_timeout";

/**
 * The memory between two looks.
 *
 * @example
 * ```ts
 * import { Deadlines } from "./deadlines.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const limits = { frameTimeout: 10_000, idleTimeout: 60_000, writeTimeout: 10_000 };
 * const deadlines = new Deadlines(0);
 * const begun = { reads: 1, writes: 0, isWriting: false, inFrame: true, framesReceived: 0, frameLength: 5 };
 * assertEquals(deadlines.overdue(begun, { now: 1000, limits }), undefined);
 * assertEquals(deadlines.overdue({ ...begun, reads: 9 }, { now: 12_500, limits }), "frame_timeout");
 * ```
 */
export class Deadlines {
  /** In ms. */
  readonly startedAt: number;
  #reads = 0;
  #writes = 0;
  #frames = 0;
  #movedAt: number;
  #frameSince: number | undefined;
  #writeSince: number | undefined;

  /** @param now The time of the connection's beginning, in ms. */
  constructor(now: number) {
    this.startedAt = this.#movedAt = now;
  }

  /** Looks at the connection at `now`; tells the deadline that has passed. */
  overdue(
    seen: Observed,
    { now, limits }: { readonly now: number; readonly limits: DeadlineLimits },
  ): Overdue | undefined {
    const { frameTimeout, idleTimeout, writeTimeout } = limits;
    const hasMoved = seen.reads !== this.#reads || seen.writes !== this.#writes;
    if (hasMoved || seen.isWriting) this.#movedAt = now;
    this.#frameSince = seen.inFrame && seen.framesReceived === this.#frames ? this.#frameSince ?? now : undefined;
    if (seen.inFrame) this.#frameSince ??= now;
    this.#writeSince = seen.isWriting && seen.writes === this.#writes ? this.#writeSince ?? now : undefined;
    if (seen.isWriting) this.#writeSince ??= now;
    this.#reads = seen.reads;
    this.#writes = seen.writes;
    this.#frames = seen.framesReceived;
    const frameTime = frameTimeout + Math.floor(seen.frameLength / FRAME_TIMEOUT_BYTES) * FRAME_TIMEOUT_STEP;
    if (hasPassed(this.#writeSince, writeTimeout, now)) return "write_timeout";
    // While a write waits, nothing is read: the frame does not move for the same reason.
    if (!seen.isWriting && frameTimeout > 0 && hasPassed(this.#frameSince, frameTime, now)) return "frame_timeout";
    if (!seen.inFrame && hasPassed(this.#movedAt, idleTimeout, now)) return "idle_timeout";
    return undefined;
  }
}

/** Short deadlines are looked at more often than once a second, so that they are met to a quarter. */
export function sweepInterval(
  { dialogueTimeout, frameTimeout, idleTimeout, writeTimeout }: DeadlineLimits & { readonly dialogueTimeout: number },
): number {
  const times = [dialogueTimeout, frameTimeout, idleTimeout, writeTimeout].filter((time) => time > 0);
  return Math.max(20, Math.min(SWEEP_INTERVAL, ...times.map((time) => time / 4)));
}

function hasPassed(since: number | undefined, limit: number, now: number): boolean {
  return since !== undefined && limit > 0 && now - since > limit;
}
