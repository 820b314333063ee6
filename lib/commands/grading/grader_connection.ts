/**
 * One connection of the grader: bytes out, bytes in, each wait with a deadline. What has arrived is kept, so that a
 * finding can show it.
 *
 * @module
 */
import { ActiveTimeout } from "../../base/active_timeout.ts";
import { type Ends, hasAnswerOnTheWay, hasBytesOnTheWay, isUnreadBy } from "./bytes_on_the_way.ts";
import { LONGEST_PAUSE, type Pauses } from "./pauses.ts";
import { type Limits, timeHeldUp, type WorkDone } from "./processes.ts";

/**
 * What is read of an answer and not taken, in bytes: more than any server says that was not sent it by us. Of a peer without
 * end no more is read. Each arrival is looked at with all that waits before it, and findings keep copies: of lines without end
 * 512 KiB took the grader up to 158 MiB, these take 116.
 */
const MOST_KEPT = 256 * 1024;

/** Least room for a read, in bytes. */
const ROOM = 64 * 1024;

/** How the other side's stream stands: open, ended by FIN, or lost by a reset. */
type StreamState = "open" | "ended" | "reset";

/** What {@linkcode GraderConnection} needs of a connection. */
export interface Stream {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  /** Resolves once closing is done, where that takes time. */
  ended?(): Promise<void>;
}

/** How a {@linkcode GraderConnection} is set. */
export interface GraderConnectionSettings {
  readonly signal: AbortSignal;
  /** Where both are of TCP. */
  readonly ends?: Ends | undefined;
  /** Resets the connection, where there is a way. */
  readonly reset?: () => void;
  /** Whether the program on the other side has ended, where that can be seen. */
  readonly hasEnded?: (() => boolean) | undefined;
  /** Whether the other side does nothing until it gets something, where that can be seen. */
  readonly isAtRest?: ((limits?: Limits) => Promise<boolean>) | undefined;
  /** How far the other side has come, where that can be seen. */
  readonly workDone?: (() => Promise<WorkDone>) | undefined;
  /** What may wait of what it says by itself, in bytes. Default: {@linkcode MOST_KEPT}. */
  readonly mostKept?: number;
  /** When the other side sleeps on purpose, where that can be seen. */
  readonly pauses?: Pauses | undefined;
}

/**
 * Time before the other side is looked at, in ms. Before its silence is believed the system is asked for bytes on their way:
 * a busy one delivers late even here, and Nagle's algorithm holds the last bytes for up to 40 ms. Where it cannot be asked,
 * they are waited for.
 */
const BEFORE_FIRST_LOOK = 3;
const BEFORE_LOOK = 45;

/** Looks at the other side until it counts as one that is never at rest. */
const MOST_LOOKS = 20;

/** Waits, and ms of each, for what was on its way when the other side was looked at: a timer may fire before sockets are read. */
const WAITS = 4;
const ON_ITS_WAY = 2;

/** A connection to the examined program. */
export class GraderConnection implements Disposable {
  readonly #conn: Stream;
  readonly #ends: Ends | undefined;
  readonly #signal: AbortSignal;
  readonly #abort = (): void => this.close();
  /** Begins with what has arrived and was not taken yet; room for more behind it. */
  #buffer = new Uint8Array(ROOM);
  #length = 0;
  #state: StreamState = "open";
  #isClosed = false;
  #hasRead = false;
  readonly #isAtRest: GraderConnectionSettings["isAtRest"];
  readonly #workDone: GraderConnectionSettings["workDone"];
  readonly #pauses: Pauses | undefined;
  readonly #reset: GraderConnectionSettings["reset"];
  readonly #hasEnded: GraderConnectionSettings["hasEnded"];
  #isAwaited = false;
  /** Whether it was never seen at rest: one that waits for a limited time does not look so. */
  #isRestless = false;
  #sending = 0;
  readonly #mostKept: number;
  /** What may wait: with a message on its way, its echo, too. */
  #most: number;
  #reader: Promise<void> | undefined;
  #paused = false;
  #arrived = Promise.withResolvers<void>();

  constructor(
    conn: Stream,
    { signal, ends, isAtRest, workDone, pauses, reset, hasEnded, mostKept = MOST_KEPT }: GraderConnectionSettings,
  ) {
    this.#mostKept = this.#most = mostKept;
    this.#pauses = pauses;
    this.#reset = reset;
    this.#hasEnded = hasEnded;
    this.#conn = conn;
    this.#isAtRest = isAtRest;
    this.#workDone = workDone;
    this.#ends = ends;
    this.#signal = signal;
    signal.addEventListener("abort", this.#abort);
  }

  /** Our port, as a log may name it. */
  get port(): number | undefined {
    return this.#ends?.own.port;
  }

  /** How the other side's stream stands, as far as it has been read. */
  get state(): StreamState {
    return this.#state;
  }

  /** Whether it was closed on this side. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it can still be used in both directions. */
  get isOpen(): boolean {
    return this.#state === "open" && !this.#isClosed;
  }

  /** Whether {@linkcode receive} ended because the other side waits for us: however long, no more would have come. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /** Whether the other side has not read all that was sent, or not taken the connection, where that can be seen. */
  get isUnread(): boolean {
    return this.#ends !== undefined && isUnreadBy(this.#ends);
  }

  /** What has arrived and was not taken. */
  get waiting(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Writes all of it, for `ms` at most; false when that was not possible. */
  async send(bytes: Uint8Array, ms: number): Promise<boolean> {
    if (this.#isClosed) return false;
    const written = (async (): Promise<boolean> => {
      try {
        for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
        return true;
      } catch {
        return false;
      }
    })();
    // Who is written to without being read from may stop reading: both are done at once.
    this.#sending++;
    this.#most = this.#mostKept + bytes.length;
    this.#startReading();
    const isInTime = await isDone(written, ms);
    this.#sending--;
    if (!isInTime) this.close();
    return await written && isInTime;
  }

  /**
   * Waits until `isEnough` says so of what has arrived, until the stream ends, or until nothing new has come for `ms`.
   *
   * @param most Longest wait in all, in ms, where bytes keep coming; default ten times `ms`.
   * @param limits How the other side may wait for us; default without a limit, as nothing comes by itself then.
   */
  async receive(
    isEnough: (bytes: Uint8Array) => boolean,
    ms: number,
    { most = 10 * ms, limits }: { readonly most?: number; readonly limits?: Limits } = {},
  ): Promise<Uint8Array> {
    const patience = new ActiveTimeout(most);
    this.#isAwaited = false;
    while (!isEnough(this.waiting) && this.isOpen) {
      this.#startReading();
      if (!await this.#arrives(patience, ms, limits)) break;
    }
    return this.waiting;
  }

  /** Whether more arrives, or the end; not within `ms`, or not at all, where the other side waits for us. */
  async #arrives(patience: ActiveTimeout, ms: number, limits?: Limits): Promise<boolean> {
    const { promise } = this.#arrived;
    let step = Math.min(this.#hasRead && this.#ends === undefined ? BEFORE_LOOK : BEFORE_FIRST_LOOK, ms / 2);
    let done: WorkDone | undefined;
    for (let left = ms; left > 0 && !patience.isOver; step = Math.min(BEFORE_LOOK, 2 * step)) {
      const wait = this.#isAtRest === undefined ? left : Math.min(step, left);
      if (await patience.settles(promise, wait)) return true;
      left -= wait;
      if (await this.#isSilent(limits)) {
        for (let look = 0; look < WAITS; look++) {
          if (await new ActiveTimeout(ON_ITS_WAY).settles(promise)) return true;
        }
        this.#isAwaited = true;
        return false;
      }
      // Time in which it had no processor is not its silence, nor is time in which the system holds what it has sent.
      const now = await this.#workDone?.();
      if (this.#isAnswerHeld()) left += wait;
      else if (now !== undefined && done !== undefined) left += timeHeldUp(done, now, wait);
      done = now;
    }
    return await this.#wakes(promise, limits);
  }

  /** Whether more arrives, or the end, once the other side has slept for as long as it meant to. */
  async #wakes(arrival: Promise<void>, limits?: Limits): Promise<boolean> {
    const pause = this.#pauses?.next();
    const patience = new ActiveTimeout(LONGEST_PAUSE);
    let hasSlept = false;
    while (pause !== undefined && this.isOpen && !patience.isOver && await pause.isSleeping()) {
      hasSlept = true;
      if (await patience.settles(arrival, BEFORE_LOOK)) return true;
    }
    if (patience.isOver) pause?.wasInVain();
    if (!hasSlept || patience.isOver) return false;
    if (await new ActiveTimeout(BEFORE_LOOK).settles(arrival)) return true;
    this.#isAwaited = await this.#isSilent(limits);
    return false;
  }

  /**
   * Whether the other side waits for us, and has had all we sent: that is seen before, as it may be woken by it meanwhile, and
   * after, as it may have answered before it came to rest.
   */
  async #isSilent(limits?: Limits): Promise<boolean> {
    return this.#isAtRest !== undefined && !this.#hasBytesOnTheWay() && await this.#isAtRest(limits) &&
      !this.#hasBytesOnTheWay();
  }

  /** What is not read here, as there is enough, is not held by the system. */
  #isAnswerHeld(): boolean {
    return this.#reader !== undefined && this.#ends !== undefined && hasAnswerOnTheWay(this.#ends);
  }

  #hasBytesOnTheWay(): boolean {
    return this.#ends !== undefined && hasBytesOnTheWay(this.#ends);
  }

  /** Waits until what was sent has been read: `ms`, and longer where the other side can be seen to be at work still. */
  async isRead(ms: number): Promise<void> {
    // What was written is with the other side's system, which has waked whoever waits for it.
    if (!this.#isRestless && await this.#isSilent("bytes")) return;
    await this.receive(() => false, ms);
    for (let look = 0; this.isOpen && this.#isAtRest !== undefined && !this.#isRestless; look++) {
      if (await this.#isAtRest("bytes")) return;
      this.#isRestless = look >= MOST_LOOKS;
    }
  }

  /** Takes the first `count` bytes of what has arrived; by default all. */
  take(count: number = this.waiting.length): Uint8Array {
    const taken = this.waiting.slice(0, count);
    this.#buffer = this.#buffer.subarray(taken.length);
    this.#length -= taken.length;
    return taken;
  }

  /** Ends our direction; the other stays open. */
  async halfClose(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch {
      // It is closed already.
    }
  }

  /** Waits for the other side's end of the stream; false when it did not come within `ms`. */
  async ends(ms: number): Promise<boolean> {
    await this.receive(() => false, ms, { most: 4 * ms });
    return this.#state !== "open";
  }

  /**
   * Sends a message and waits for the answer. Where there is no other way to reset, one byte of it is read: a relayed connection
   * whose rest lies unread is reset.
   */
  async leaveUnread(bytes: Uint8Array, ms: number): Promise<void> {
    if (this.#reset !== undefined) {
      const { length } = this.waiting;
      await this.send(bytes, ms);
      await this.receive((waiting) => waiting.length > length, ms);
      return;
    }
    try {
      if (this.#reader !== undefined) {
        // A read that waits already takes the first answer; the second is left.
        await this.#conn.write(bytes);
        await isDone(this.#reader, ms);
      }
      this.#paused = true;
      await this.#conn.write(bytes);
      const one = this.#conn.read(new Uint8Array(1));
      if (!await isDone(one, ms)) this.close();
      await one;
    } catch {
      // It is closed: there is nothing to leave.
    }
  }

  /** Closes without reading to the end: what is unread makes the system answer with a reset (RFC 1122, 4.2.2.13). */
  async reset(ms: number): Promise<void> {
    this.#paused = true;
    await isDone(this.#conn.read(new Uint8Array(1)).catch(() => null), ms);
    this.close();
  }

  /** Closes both directions. */
  close(): void {
    this.#signal.removeEventListener("abort", this.#abort);
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A program that has died has closed first: what is left of that would keep its port for a minute (TIME_WAIT).
    if (this.#hasEnded?.()) this.#reset?.();
    try {
      this.#conn.close();
    } catch {
      // The runtime has closed it.
    }
    this.#notify();
  }

  /** Closes by a reset, where there is a way, and waits until the system has done so. */
  async closeByReset(): Promise<void> {
    this.#reset?.();
    this.close();
    await this.#conn.ended?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #startReading(): void {
    if (this.#reader !== undefined || this.#paused || !this.isOpen || this.#length >= this.#most) return;
    this.#reader = this.#readOnce().finally(() => {
      this.#reader = undefined;
      if (this.#sending > 0) this.#startReading();
    });
  }

  async #readOnce(): Promise<void> {
    try {
      const count = await this.#conn.read(this.#room());
      if (count === null) this.#state = "ended";
      else this.#length += count;
      this.#hasRead = true;
    } catch {
      if (!this.#isClosed) this.#state = "reset";
    }
    this.#notify();
  }

  /** Where the next bytes go: a buffer for each read would leave more behind than the runtime collects in time. */
  #room(): Uint8Array {
    const { waiting } = this;
    if (this.#buffer.length - waiting.length < ROOM) {
      this.#buffer = new Uint8Array(2 * (waiting.length + ROOM));
      this.#buffer.set(waiting);
    }
    return this.#buffer.subarray(waiting.length, this.#most);
  }

  #notify(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}

/** Whether `work` is done within `ms`. */
async function isDone(work: Promise<unknown>, ms: number): Promise<boolean> {
  return await new ActiveTimeout(ms).settles(work);
}
