/**
 * What a connection through a {@linkcode Ring} does when it echoes by itself: no promise for each read and write.
 *
 * Where each read is returned before the next one comes, the kernel is asked once for all that comes (a multishot receive),
 * and each echo is one entry. Where more comes, an echo and the read after it are two linked entries: what has not been
 * returned keeps the connection from reading, and large parts go through large buffers. In C, without the rest of a server,
 * the first way takes 0.87 of the other one's processor time with one connection, and 0.85 with 1,000 (medians of 7 turns).
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import type { EchoSink } from "../echo_sink.ts";
import { GROUP, SMALL_BUFFER } from "./buffers.ts";
import { ECHO, type Owner, RECEIVE } from "./owner.ts";
import { OP, PROMPT, type Ring } from "./ring.ts";
import { ERRNO, systemError } from "./system_error.ts";

/** The kind of cancellations. */
const CANCEL = 3;

/** IOSQE_IO_LINK: the next entry begins when this one has succeeded; else it is cancelled. */
export const LINK = 4 << 8;

/** IOSQE_BUFFER_SELECT */
const SELECT = 32 << 8;

/** IORING_RECV_MULTISHOT in ioprio */
const MULTISHOT = 2 << 16;

/** IORING_CQE_F_BUFFER, IORING_CQE_F_MORE */
const HAS_BUFFER = 1;
export const MORE = 2;

/** MSG_NOSIGNAL | MSG_WAITALL: the kernel goes on until all is taken or the peer is gone. */
export const SEND_FLAGS = 0x4000 | 0x100;

/** So many reads in a row that have not filled a small buffer lead to a multishot receive. */
const CALM = 16;

/** So many reads may wait for an echo before them; then the kernel is asked for no more. It may have taken 32 others. */
const MOST_WAITING = 4;

/** Where an echo is sent from the large buffer: it is given back then, or read into next. */
const LARGE = { givenBack: -1, kept: -2 } as const;

const NOTHING = new Uint8Array(0);

/** A connection's descriptor, and its echo. */
export abstract class EchoingSocket implements Owner {
  protected readonly ring: Ring;
  /** -1 once it is closed. */
  protected fd: number;
  protected readonly place: number;
  /** Operations that the kernel is not done with. */
  protected pending = 0;
  protected isClosed = false;
  #sink: EchoSink | undefined;
  /** How much an echo is sending, 0 for nothing, and from which small buffer; or one of {@linkcode LARGE}. */
  #sending = 0;
  #small = -1;
  /**
   * While more comes than fits a small one. It is given back when nothing pending uses it. Of the processor time that reads
   * and writes by promises took, 1 × 256 × 64 B takes 0.65 this way, frames of 1 MiB 0.81, of 64 KiB 0.99 (medians of 12
   * pairs on a busy machine).
   */
  #large: Uint8Array<ArrayBuffer> | undefined;
  #receiving: "no" | "once" | "always" | "called off" = "no";
  /** Reads in a row that have not filled a small buffer. */
  #calm = 0;
  /** What a multishot receive has brought while an echo was sent: numbers of small buffers, each followed by its bytes. */
  #waiting: number[] | undefined;
  /** What the echo ends with: what the sink has not let back, or what reading has ended with: the peer's end, an error, or nothing, when it is to go on elsewhere. */
  #end: Uint8Array | Error | null | undefined;

  protected constructor(ring: Ring, fd: number) {
    this.ring = ring;
    this.fd = fd;
    this.place = ring.add(this);
  }

  abstract complete(kind: number, result: number, flags: number): void;

  protected get isEchoing(): boolean {
    return this.#sink !== undefined;
  }

  /** Whether an echo is being sent. */
  protected get isReturning(): boolean {
    return this.#sending > 0;
  }

  /** Whether an echo waits for what comes into a large buffer. */
  protected get holdsLarge(): boolean {
    return this.#receiving === "once" && this.#large !== undefined;
  }

  protected beginEcho(sink: EchoSink): void {
    this.#sink = sink;
    this.#receiveSmall();
  }

  /** Has the echo give its large buffer back, unless bytes come first. */
  protected callOffEcho(): void {
    this.#receiving = "called off";
    this.cancel();
  }

  /** Calls off all that is pending. */
  protected cancel(): void {
    this.pending++;
    this.ring.cancel(this.place, CANCEL, this.fd);
  }

  protected receive(into: Uint8Array): void {
    this.pending++;
    this.ring.begin(this.place, RECEIVE, OP.receive, this.fd, this.ring.addressOf(into), into.length, 0);
  }

  /** A read or a send of the echo has completed. */
  protected completeEcho(kind: number, result: number, flags: number): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    if (kind === ECHO) this.#sent(sink, result);
    else this.#received(sink, result, flags);
  }

  /** Whether the kernel is to be asked for all that comes. */
  get #isCalm(): boolean {
    return this.#calm >= CALM && this.ring.buffers.isRoomy;
  }

  #receiveSmall(isCalm: boolean = this.#isCalm): void {
    this.#receiving = isCalm ? "always" : "once";
    this.pending++;
    // A multishot receive takes no length but the buffers'.
    const [head, length] = isCalm ? [OP.receive | SELECT | MULTISHOT, 0] : [OP.receive | SELECT, SMALL_BUFFER];
    this.ring.begin(this.place, RECEIVE, head, this.fd, 0, length, 0, GROUP << 16);
  }

  /** Has a multishot receive end; what it has brought by then is told still. */
  #stop(): void {
    this.#calm = 0;
    if (this.#receiving !== "always" || this.isClosed) return;
    this.#receiving = "called off";
    this.pending++;
    this.ring.callOff(this.place, RECEIVE, CANCEL);
  }

  #received(sink: EchoSink, result: number, flags: number): void {
    const { buffers } = this.ring;
    const id = (flags & HAS_BUFFER) === 0 ? -1 : flags >>> 16;
    if (id >= 0) buffers.take();
    const isCalledOff = this.#receiving === "called off" && result === -ERRNO.ECANCELED;
    if ((flags & MORE) === 0) this.#receiving = "no";
    if (result <= 0 || this.isClosed) {
      if (id >= 0) buffers.give(id);
      if (isCalledOff) this.#giveLargeBack(sink);
      else if (result <= 0) this.#endReading(result);
      return this.#goOn(sink);
    }
    if (this.#sending === 0 && this.#waiting === undefined && this.#end === undefined) {
      return this.#take(sink, id, result);
    }
    (this.#waiting ??= []).push(id, result);
    if (result === SMALL_BUFFER || this.#waiting.length >= 2 * MOST_WAITING) this.#stop();
  }

  /** A read brought no bytes: an end, an error, or that no buffer was left. */
  #endReading(result: number): void {
    if (result === 0) this.#end ??= null;
    else if (result === -ERRNO.ENOBUFS && this.#end === undefined && this.ring.buffers.grow()) return;
    // After a cancellation the linked send before it failed, and says why.
    else if (result === -ERRNO.ENOBUFS || result === -ERRNO.ECANCELED) this.#end ??= NOTHING;
    else this.#fail(systemError(-result, "recv"));
  }

  /** What was read goes back, as far as the sink lets it, with the next read, unless that is pending or nothing is to come. */
  #take(sink: EchoSink, id: number, length: number): void {
    const { buffers } = this.ring;
    const bytes = id < 0 ? this.#large ?? NOTHING : buffers.bytes;
    const start = id < 0 ? 0 : buffers.startOf(id);
    const end = start + length;
    const good = sink.received(bytes, start, end);
    const isFull = id >= 0 && length === SMALL_BUFFER;
    this.#calm = id < 0 || isFull ? 0 : this.#calm + 1;
    if (good < end) this.#end = bytes.slice(good, end);
    if (good < end || isFull) this.#stop();
    if (good === start) {
      if (id >= 0) buffers.give(id);
      return this.#goOn(sink);
    }
    this.#small = id < 0 ? LARGE.givenBack : id;
    this.#sending = good - start;
    const isLast = this.#end !== undefined || this.#receiving !== "no" || this.#waiting !== undefined;
    if (isLast) return this.#send(bytes);
    if (isFull) this.#large = sink.large.lend();
    const keepsLarge = this.#large !== undefined &&
      (id >= 0 || length === bytes.length || (length > SMALL_BUFFER && sink.large.isRoomy));
    if (isFull && !keepsLarge) {
      this.#end = NOTHING;
      return this.#send(bytes);
    }
    if (id < 0 && keepsLarge) this.#small = LARGE.kept;
    const isCalm = this.#isCalm;
    if (!isCalm) this.ring.reserve(2);
    this.#send(bytes, isCalm ? 0 : LINK);
    if (this.#large === undefined || !keepsLarge) return this.#receiveSmall(isCalm);
    this.#receiving = "once";
    this.receive(this.#large);
  }

  #send(bytes: Uint8Array, link: number = 0): void {
    const address = this.#small < 0 ? this.ring.addressOf(bytes) : this.ring.buffers.addressOf(this.#small);
    this.pending++;
    this.ring.begin(this.place, ECHO, OP.send | link, this.fd, address, this.#sending, SEND_FLAGS);
  }

  #sent(sink: EchoSink, result: number): void {
    const wanted = this.#sending;
    this.#sending = 0;
    if (this.#small >= 0) this.ring.buffers.give(this.#small);
    // The read that is linked to this goes into a small one.
    else if (this.#small === LARGE.givenBack) this.#giveLargeBack(sink);
    if (wanted > PROMPT) this.ring.linked();
    sink.sent(result === wanted ? result : 0);
    if (result !== wanted) this.#fail(systemError(result < 0 ? -result : ERRNO.EPIPE, "send"));
    if (result !== wanted || this.#receiving === "no" || this.#waiting !== undefined) this.#goOn(sink);
  }

  /** The next of what waits, or the end, or the next read: once nothing is being sent. */
  #goOn(sink: EchoSink): void {
    if (this.#sending > 0) return;
    // What waits goes after what was let back, but not after what was not.
    const end = this.#end;
    const isOver = this.isClosed || (end !== undefined && end !== null && end !== NOTHING);
    const waiting = this.#waiting;
    if (!isOver && waiting !== undefined) {
      const [id = -1, length = 0] = waiting.splice(0, 2);
      if (waiting.length === 0) this.#waiting = undefined;
      return this.#take(sink, id, length);
    }
    if (isOver || end !== undefined) return this.#endEcho(sink);
    if (this.#receiving === "no") this.#receiveSmall();
  }

  /** The first failure counts, and before a regular end. */
  #fail(error: Error): void {
    if (!(this.#end instanceof Error)) this.#end = error;
  }

  #giveLargeBack(sink: EchoSink): void {
    const large = this.#large;
    this.#large = undefined;
    if (large !== undefined) sink.large.takeBack(large);
  }

  /** Ends once nothing of the echo is pending any more. */
  #endEcho(sink: EchoSink): void {
    this.#stop();
    if (this.#receiving !== "no") return;
    this.#giveLargeBack(sink);
    this.ring.promised();
    const end = this.#withWaiting(this.#end === undefined ? NOTHING : this.#end);
    this.#end = this.#sink = undefined;
    if (this.isClosed) sink.failed(interrupted());
    else if (end instanceof Error) sink.failed(end);
    else sink.ended(end);
  }

  /** An end with what came after it; whom that does not concern lets it go. */
  #withWaiting<End>(end: End): End | Uint8Array {
    const { buffers } = this.ring;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    const parts: Uint8Array[] = [];
    for (let at = 0; at < waiting.length; at += 2) {
      const [id = 0, length = 0] = [waiting[at], waiting[at + 1]];
      const start = buffers.startOf(id);
      parts.push(buffers.bytes.slice(start, start + length));
      buffers.give(id);
    }
    return end instanceof Uint8Array && parts.length > 0 ? concat(end, ...parts) : end;
  }
}

/** What an operation that was called off by closing is rejected with. */
export function interrupted(): Error {
  return new Deno.errors.Interrupted("Operation canceled");
}
