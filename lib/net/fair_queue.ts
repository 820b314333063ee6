/**
 * Fair shares for many busy connections.
 *
 * @module
 */

/** Connections up to which none waits for its turn: the runtime serves 128 ready sockets at once, and all of these are. */
export const TURN_MEMBERS = 120;

/** Connections served at once when there are more: a read and a write of each, and stragglers, are fewer than 128. */
export const TURNS = 48;

/** How long a turn counts whose peer is silent, in ms: at 10 a fifth of the processor's time was left unused. */
const TURN_PATIENCE = 2;

/**
 * Bytes that are echoed before what else has arrived is looked for: with 256 KiB to 1 MiB a quiet client beside a flood is
 * as well off, with 2 MiB it waits twice as long; the flood loses nothing that can be measured.
 */
export const LOOK_BYTES = 512 * 1024;

/** How {@linkcode FairQueue} gives turns. */
export interface FairQueueOptions {
  /** Makes the runtime ask the system what has arrived; never rejects. Without it bytes are not counted. */
  readonly poll?: () => Promise<void>;
}

/**
 * Lets only so many connections be served at a time, and the others in the order in which they came.
 *
 * Without it, Deno starves some: its runtime deals with at most 128 ready sockets before it asks the system for the next
 * ones, and puts off the rest on a stack, so that who waited longest is asked last (tokio's budget and its list of
 * deferred tasks). Measured with 1,000 clients that wait for each echo: 400 of them got two echoes at most in a second,
 * Jain's index 0.4; with turns 0.9999, at the same rate of echoes.
 *
 * A turn lasts from before a read to after the answer's write. Whoever has a turn and whose peer is silent would keep the
 * others waiting: after {@linkcode TURN_PATIENCE} the turn no longer counts.
 *
 * However few there are, after {@linkcode LOOK_BYTES} all wait for a look at what has arrived meanwhile: whose bytes are
 * always there already would be served for as long as they come, and nobody else.
 */
export class FairQueue {
  readonly #poll: (() => Promise<void>) | undefined;
  #members = 0;
  #waiting: ((turn: number) => void)[] = [];
  /** First of those who still wait. */
  #first = 0;
  /** Turns belong to the period they were given in; 0 is no turn. */
  #period = 1;
  #recent = 0;
  #earlier = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Bytes since the last look. */
  #bytes = 0;
  #polling: Promise<void> | undefined;

  /** A queue without connections. */
  constructor({ poll }: FairQueueOptions = {}) {
    this.#poll = poll;
  }

  /** A connection begins. */
  join(): void {
    this.#members++;
  }

  /** A connection ends, and with it the turn it may have. */
  leave(turn: number = 0): void {
    this.release(turn);
    if (--this.#members === 0) this.#stop();
  }

  /** A turn at once, or 0 when there is none: then {@linkcode FairQueue.acquire}. */
  tryAcquire(): number {
    if (this.#first < this.#waiting.length || !this.#isFree) return 0;
    this.#recent++;
    return this.#period;
  }

  /** A turn, after all who have come before. */
  acquire(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.push(resolve);
    if (this.#polling === undefined) this.#startPeriods();
    return promise;
  }

  /** Resolves once all who wait for their turn now have had it. */
  async pass(): Promise<void> {
    this.release(this.tryAcquire() || await this.acquire());
  }

  /** Counts bytes that are read and dropped, without a turn; the next ones are to wait for the promise, where there is one. */
  spend(bytes: number): Promise<void> | undefined {
    this.release(0, bytes);
    return this.#polling;
  }

  /** Ends a turn, in which so many bytes were echoed; none when it is 0. */
  release(turn: number, bytes: number = 0): void {
    if (turn === this.#period) this.#recent--;
    else if (turn === this.#period - 1 && turn > 0) this.#earlier--;
    this.#bytes += bytes;
    if (this.#bytes > LOOK_BYTES) this.#startPoll();
    if (this.#first < this.#waiting.length) this.#next();
  }

  get #isFree(): boolean {
    return this.#polling === undefined && (this.#members <= TURN_MEMBERS || this.#recent + this.#earlier < TURNS);
  }

  #next(): void {
    while (this.#isFree && this.#first < this.#waiting.length) {
      this.#recent++;
      this.#waiting[this.#first++]?.(this.#period);
    }
    // Removing each at once would move all the others.
    if (this.#first >= 1024 || this.#first === this.#waiting.length) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
  }

  #startPoll(): void {
    if (this.#poll === undefined) return;
    this.#polling ??= this.#poll().then(() => {
      this.#polling = undefined;
      this.#bytes = 0;
      this.#next();
      if (this.#waiting.length > 0) this.#startPeriods();
    });
  }

  #startPeriods(): void {
    this.#timer ??= setInterval(() => this.#nextPeriod(), TURN_PATIENCE);
  }

  #nextPeriod(): void {
    this.#period++;
    this.#earlier = this.#recent;
    this.#recent = 0;
    this.#next();
    if (this.#waiting.length === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
