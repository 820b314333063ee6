/**
 * One connection under load: sends spans of the {@linkcode Pattern} and compares what comes back, whole reads at a time.
 * Nothing is copied and no frame is looked at alone, which is what makes millions of frames a second possible.
 *
 * @module
 */
import type { ProtocolError } from "../../base/errors.ts";
import type { Wire } from "../../framed_conn.ts";
import type { ExchangeSink } from "../../net/wire.ts";
import { connectionError } from "../../base/system_errors.ts";
import type { FairQueue } from "../../net/fair_queue.ts";
import { closeWire } from "./echo_once.ts";
import { closedByPeer, unexpectedData } from "../../client/pipeline.ts";
import { greeted, isGreeting, mismatch, noReply } from "./reply_errors.ts";
import type { Pattern } from "./pattern.ts";
import { SPAN } from "./pattern.ts";
import { type Answered, SendLog } from "./send_log.ts";

/** Takes a group of verified echoes: how many, when they came, were sent, and were due; in ms. */
export type OnEcho = (count: number, now: number, sentAt: number, dueAt: number) => void;

/** What a {@linkcode Load} needs. */
export interface LoadOptions {
  readonly pattern: Pattern;
  /** From 0. */
  readonly number: number;
  /** Number of this thread's first connection: each connection of all threads begins at another place of the pattern. */
  readonly first: number;
  /** Most frames on their way. */
  readonly window: number;
  readonly onEcho: OnEcho;
  /** Called after each read, when the window has room again. */
  readonly onRoom: (load: Load, room: number, now: number) => void;
  /** Where reads wait for their turn, once there are too many connections to go without; a ring needs none. */
  readonly turns: FairQueue | undefined;
  /** Whether nothing is sent but from `onRoom`, so that it may go out together with the next read. */
  readonly isClosedLoop: boolean;
}

/** Smallest read buffer, in bytes. */
const LEAST_BUFFER = 4096;
/** Largest read buffer, in bytes: more brings no more in one read. */
const MOST_BUFFER = 256 * 1024;

/** Bytes on their way up to which a send and the next read are one: what is not read meanwhile keeps no peer from reading. */
const EXCHANGED = 32 * 1024;

/** See the module. */
export class Load {
  readonly #wire: Wire;
  readonly #options: LoadOptions;
  readonly #log = new SendLog();
  readonly #buffer: Uint8Array;
  readonly #finished = Promise.withResolvers<void>();
  /** Offsets in the pattern of the next byte to send, and to come. */
  #sendAt: number;
  #receiveAt: number;
  /** Bytes that no write has taken yet. */
  #unsent = 0;
  #isWriting = false;
  readonly #canExchange: boolean;
  readonly #onExchange: ExchangeSink = {
    exchanged: (length) => {
      this.#wrote(this.#exchanging);
      this.#take(length);
    },
    failed: (error) => this.#fail(error),
  };
  /** Bytes of an exchange that is pending. */
  #exchanging = 0;
  /** Whether what is sent now goes out with the next read. */
  #exchanges = false;
  /** Bytes of an echo whose rest has not come. */
  #partial = 0;
  #frames = 0;
  #isEnding = false;
  #isClosed = false;
  #progressAt = 0;
  /** Its turn among {@linkcode LoadOptions.turns}; 0 is none. */
  #turn = 0;

  /** Takes `wire` over. */
  constructor(wire: Wire, options: LoadOptions) {
    const { pattern, number, first, window } = options;
    this.#wire = wire;
    this.#options = options;
    this.#sendAt = this.#receiveAt = pattern.startOf(first + number);
    const wanted = Math.min(SPAN, window * pattern.frameLength);
    this.#canExchange = options.isClosedLoop && wire.exchange !== undefined && wanted <= EXCHANGED;
    this.#buffer = new Uint8Array(Math.max(LEAST_BUFFER, Math.min(MOST_BUFFER, wanted)));
  }

  /** From 0. */
  get number(): number {
    return this.#options.number;
  }

  /** Verified echoes so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Frames that may be sent now. */
  get room(): number {
    return this.#isClosed || this.#isEnding ? 0 : this.#options.window - this.#log.outstanding;
  }

  /** Whether nothing is on its way. */
  get isIdle(): boolean {
    return this.#isClosed || this.#log.outstanding === 0;
  }

  /** Whether it has ended, well or not. */
  get isOver(): boolean {
    return this.#isClosed;
  }

  /** Sends `count` frames that were due at `dueAt`, in ms; not more than there is room for. */
  send(count: number, now: number, dueAt: number = now): void {
    if (this.#isClosed) return;
    if (this.#log.outstanding === 0) this.#progressAt = now;
    this.#log.sent(count, now, dueAt);
    this.#unsent += count * this.#options.pattern.frameLength;
    if (!this.#isWriting && !this.#exchanges) this.#write();
  }

  /** Reads until the end. Resolves after {@linkcode Load.end}; rejects with what ended it otherwise. */
  async run(): Promise<void> {
    this.#options.turns?.join();
    this.#readInTurn();
    await this.#finished.promise;
  }

  /** Ends once everything that was sent has come back. */
  end(): void {
    this.#isEnding = true;
    if (this.#log.outstanding === 0) this.#close(undefined);
  }

  /** Ends at once, with an error. */
  abort(reason: Error): void {
    this.#close(reason);
  }

  /** Ends at once, whatever is on its way. */
  abandon(): void {
    this.#close(undefined);
  }

  /** Ends with a {@linkcode TimeoutError} where nothing has come for `timeout` ms while an echo is missing. */
  checkPatience(now: number, timeout: number): void {
    if (this.#isClosed || this.#log.outstanding === 0 || now - this.#progressAt < timeout) return;
    this.#close(noReply(timeout));
  }

  /** Tells of what is on its way and will not come any more. */
  giveUp(each: Answered): void {
    this.#log.answered(this.#log.outstanding, each);
  }

  // Callbacks instead of two async loops: this is the measuring client's hot path. With a ring, no promise, no part of an
  // array and no closure for each frame took 0.91 of the processor time with 100 connections (medians of 5 pairs).

  readonly #onAnswered: Answered = (count, sentAt, dueAt) =>
    this.#options.onEcho(count, this.#progressAt, sentAt, dueAt);

  readonly #read = (): void => {
    if (this.#isClosed) return;
    if (this.#exchanges) return this.#exchange();
    this.#wire.read(this.#buffer).then((length) => this.#take(length), (error) => this.#fail(error));
  };

  #readInTurn(): void {
    const { turns } = this.#options;
    if (turns === undefined) return this.#read();
    turns.release(this.#turn);
    this.#turn = turns.tryAcquire();
    if (this.#turn > 0) return this.#read();
    turns.acquire().then((turn) => {
      this.#turn = turn;
      if (this.#isClosed) turns.release(turn);
      else this.#read();
    });
  }

  #take(length: number | null): void {
    if (this.#isClosed) return;
    if (length === null) return this.#close(closedByPeer(this.#log.outstanding));
    const now = performance.now();
    const { pattern, onRoom } = this.#options;
    const { frameLength, period } = pattern;
    const differsAt = pattern.differsAt(this.#buffer, this.#receiveAt, length);
    if (differsAt >= 0) return this.#close(this.#mismatch(this.#buffer.subarray(0, length), differsAt));
    const whole = this.#partial + length;
    const count = Math.floor(whole / frameLength);
    this.#partial = whole - count * frameLength;
    // Bytes of frames that nobody sent may look right: the pattern repeats.
    const isUnasked = count > this.#log.outstanding || (count === this.#log.outstanding && this.#partial > 0);
    if (isUnasked) return this.#close(unexpectedData(whole - this.#log.outstanding * frameLength));
    this.#receiveAt = (this.#receiveAt + length) % period;
    this.#progressAt = now;
    if (count > 0) {
      this.#frames += count;
      this.#log.answered(count, this.#onAnswered);
      if (this.#isEnding) {
        if (this.#log.outstanding === 0) return this.#close(undefined);
      } else {
        this.#exchanges = this.#canExchange && !this.#isWriting;
        onRoom(this, this.#options.window - this.#log.outstanding, now);
        this.#exchanges &&= this.#unsent > 0;
      }
    }
    this.#readInTurn();
  }

  #exchange(): void {
    this.#exchanges = false;
    this.#isWriting = true;
    const { pattern } = this.#options;
    const span = pattern.span(this.#sendAt, this.#unsent);
    this.#exchanging = span.length;
    this.#wire.exchange?.(span, this.#buffer, this.#onExchange);
  }

  #write(): void {
    this.#isWriting = true;
    const span = this.#options.pattern.span(this.#sendAt, this.#unsent);
    this.#wire.write(span).then((written) => this.#wrote(written), (error) => this.#fail(error));
  }

  #wrote(written: number): void {
    this.#isWriting = false;
    this.#unsent -= written;
    this.#sendAt = (this.#sendAt + written) % this.#options.pattern.period;
    if (this.#unsent > 0 && !this.#isClosed) this.#write();
  }

  #fail(error: unknown): void {
    if (!this.#isClosed) this.#close(connectionError(error));
  }

  #close(failure: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeWire(this.#wire);
    this.#options.turns?.leave(this.#turn);
    if (failure === undefined) this.#finished.resolve();
    else this.#finished.reject(failure);
  }

  #mismatch(received: Uint8Array, differsAt: number): ProtocolError {
    if (this.#frames === 0 && isGreeting(received)) return greeted();
    const { frameLength } = this.#options.pattern;
    const at = this.#partial + differsAt;
    return mismatch(this.#frames + Math.floor(at / frameLength) + 1, at % frameLength, frameLength);
  }
}
