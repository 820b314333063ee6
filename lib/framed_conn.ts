/**
 * A connection that speaks in frames: the sole owner of one `Deno.Conn`.
 *
 * Reading hands out whole messages (`receive`) or returns validated bytes to the peer as they come (`echo`). Writing is
 * one write a frame, in order, each looped until the kernel took all of it; awaiting `send` is the backpressure. Three
 * ends are told apart: a clean one (`null`), one inside a frame (`truncated_frame`), a reset.
 *
 * @module
 */
import { BufferPool, ReadBuffer } from "./net/buffers.ts";
import { Messages } from "./net/messages.ts";
import { UsageError } from "./base/errors.ts";
import { encodeAll, type Framing, framingFrom, type Scanner, truncated } from "./framing/framing.ts";
import { MAX_FRAME } from "./base/limits.ts";
import { connectionError } from "./base/system_errors.ts";
import { decodeUtf8 } from "./base/text.ts";
import { OPENING } from "./net/sniff.ts";
import type { EchoSink } from "./net/echo_sink.ts";
import type { FairQueue } from "./net/fair_queue.ts";
import type { FramedConnOptions, Wire } from "./net/wire.ts";
import { WireWriter } from "./net/wire_writer.ts";

export * from "./base/errors.ts";
export { type Framing, FRAMING_NAMES, framingFrom, type Scanner } from "./framing/framing.ts";
export type { BufferPool, FairQueue, FramedConnOptions, Wire };
export type { EchoSink, SelfEchoing } from "./net/echo_sink.ts";
export type { FairQueueOptions } from "./net/fair_queue.ts";

/**
 * Frames over one connection.
 *
 * @example A message there and back
 * ```ts
 * import { FramedConn } from "./framed_conn.ts";
 * import { assertEquals } from "@std/assert";
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * await using conn = new FramedConn(await Deno.connect({ port: (listener.addr as Deno.NetAddr).port }));
 * await using peer = new FramedConn(await listener.accept());
 * const echoed = peer.echo();
 * await conn.send("Привет, мир!");
 * assertEquals(await conn.receiveText(), "Привет, мир!");
 * await conn.closeWrite();
 * await echoed;
 * ```
 */
export class FramedConn implements AsyncDisposable, AsyncIterable<Uint8Array> {
  readonly #wire: Wire;
  readonly #writer: WireWriter;
  readonly #framing: Framing;
  readonly #scanner: Scanner;
  readonly #in: ReadBuffer;
  readonly #messages: Messages;
  readonly #turns: FairQueue | undefined;
  #reading = false;
  /** A read that {@linkcode FramedConn.arrives} began and nobody has waited for to its end. */
  #early: Promise<boolean> | undefined;
  #opening: Uint8Array | undefined;
  #giveUpEcho: ((reason: unknown) => void) | undefined;
  #isWaiting = false;
  #finishing = false;
  #closeReason: Error | undefined;
  #bytesReceived = 0;
  #reads = 0;

  /** Takes `wire` over: from here on nobody else may read, write or close it. */
  constructor(wire: Wire, options: FramedConnOptions = {}) {
    this.#wire = wire;
    this.#writer = new WireWriter(wire);
    this.#framing = options.framing ?? framingFrom("u32");
    this.#scanner = this.#framing.scanner(options.maxFrame ?? MAX_FRAME);
    this.#in = new ReadBuffer(options.pool ?? new BufferPool());
    this.#messages = new Messages(this.#scanner, this.#in);
    this.#turns = options.turns;
  }

  /** Bytes that came in, headers included. */
  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** Bytes the kernel took, headers included. */
  get bytesSent(): number {
    return this.#writer.bytes;
  }

  /** Complete frames that came in. */
  get framesReceived(): number {
    return this.#scanner.frames;
  }

  /** The first bytes of the first read, at most {@linkcode OPENING}: they tell which protocol the peer speaks. */
  get opening(): Uint8Array {
    return this.#opening ?? new Uint8Array(0);
  }

  /** Reads that have brought bytes so far: while it does not change, the peer is silent. */
  get reads(): number {
    return this.#reads;
  }

  /** Writes that have been taken whole so far. */
  get writes(): number {
    return this.#writer.writes;
  }

  /** Whether a write is waiting for the peer. */
  get isWriting(): boolean {
    return this.#writer.isWriting;
  }

  /** Whether a frame has begun, its answer waits for the peer, or what may have come waits for its turn to be read. */
  get isBusy(): boolean {
    return this.inFrame || this.isWriting || this.#isWaiting;
  }

  /** Payload bytes of the frame that has begun, as its header announced them or, without one, as they have come. */
  get frameLength(): number {
    return this.#scanner.frameLength;
  }

  /** Whether the bytes that came in so far end inside a frame. */
  get inFrame(): boolean {
    return this.#scanner.inFrame || this.#in.end > this.#in.start;
  }

  /** Largest payload accepted from now on, in bytes. */
  set maxFrame(bytes: number) {
    this.#scanner.limit = bytes;
  }

  /**
   * Sends one frame; resolves when the kernel has taken all of it. Concurrent calls queue up.
   *
   * @param message Text is sent as UTF-8.
   * @throws {UsageError} `payload_not_encodable`, when the framing cannot carry it; `closed`, after `closeWrite` or `close`.
   * @throws {NetworkError} `reset`, when the peer is gone.
   */
  async send(message: string | Uint8Array): Promise<void> {
    const payload = typeof message === "string" ? new TextEncoder().encode(message) : message;
    await this.#writer.send(this.#framing.encode(payload));
  }

  /** Sends frames in one write; else as {@linkcode FramedConn.send}. */
  async sendAll(payloads: readonly Uint8Array[]): Promise<void> {
    await this.#writer.send(encodeAll(this.#framing, payloads));
  }

  /**
   * The next message's payload, or `null` after the peer's clean end. One caller at a time.
   *
   * @throws {ProtocolError} `frame_too_large`, `bad_header`, `bad_trailer`, `truncated_frame`; nothing can be received after it.
   * @throws {NetworkError} `reset`
   */
  async receive(): Promise<Uint8Array | null> {
    using _reader = this.#reader();
    let payload;
    while ((payload = this.#messages.next()) === undefined) if (!await this.#fill()) return null;
    return payload;
  }

  /** The payloads of all messages that have come, one at least; else as {@linkcode FramedConn.receive}. */
  async receiveAll(): Promise<Uint8Array[] | null> {
    using _reader = this.#reader();
    for (;;) {
      const payloads = this.#messages.all();
      if (payloads.length > 0) return payloads;
      if (!await this.#fill()) return null;
    }
  }

  /**
   * The next message as text, or `null` after the peer's clean end.
   *
   * @throws {ProtocolError} `invalid_utf8` with the offset of the first wrong byte, and what {@linkcode FramedConn.receive} throws.
   */
  async receiveText(): Promise<string | null> {
    const payload = await this.receive();
    return payload === null ? null : decodeUtf8(payload);
  }

  /** The messages from here to the peer's clean end. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    for (let payload; (payload = await this.receive()) !== null;) yield payload;
  }

  /** Resolves when something comes: `true` with bytes, `false` with the peer's end. The next `receive` is told the same. */
  arrival(): Promise<boolean> {
    if (this.#in.end > this.#in.start) return Promise.resolve(true);
    using _reader = this.#reader();
    this.#early ??= this.#fillOnce();
    return this.#early.catch(() => false);
  }

  /**
   * Returns every frame to the peer until its clean end. Cut-through: as soon as a header is found good, the bytes behind
   * it go back span by span from the buffer they were read into, so memory does not follow the frame's size and no frame
   * is copied; frames that came in one read go back in one write. An idle connection holds {@linkcode ReadBuffer}'s small buffer.
   *
   * @throws What {@linkcode FramedConn.receive} throws, after everything that came before the mistake has been returned.
   */
  echo(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#beginReading();
      this.#giveUpEcho = reject;
      void this.#echoAll(resolve, reject);
    });
  }

  /**
   * Asks a running {@linkcode FramedConn.echo} to end: it returns the frame it is in, sends FIN, and drops what comes
   * until the peer's end. Between frames FIN is sent at once.
   */
  finish(): void {
    this.#finishing = true;
    if (!this.inFrame && !this.isWriting) this.closeWrite().catch(() => {/* the reader learns it too */});
  }

  /** Sends FIN after the writes before it: the peer reads to a clean end, and may still send. Idempotent. */
  async closeWrite(): Promise<void> {
    await this.#writer.end();
  }

  /** Sends FIN, then reads and drops bytes until the peer's end, so that no reset destroys what is on its way to it. */
  async finishWriting(): Promise<void> {
    using _reader = this.#reader();
    await this.#endWriting();
  }

  /**
   * Hands the wire to the caller, who knows every byte that is still to come; nothing else works after that.
   *
   * @throws {UsageError} `closed`, when bytes have come that nobody received, or something is pending.
   */
  detach(): Wire {
    if (
      this.#closeReason !== undefined || this.#reading || this.#early !== undefined || this.inFrame || this.isWriting
    ) {
      throw new UsageError("closed", "Cannot detach the connection: it is closed, or not between two frames");
    }
    this.#closeReason = new UsageError("closed", "Cannot use the connection: it was detached");
    this.#writer.close(this.#closeReason);
    return this.#wire;
  }

  /**
   * Closes at once; a pending `receive`, `echo` or `send` rejects with `reason`, by default a {@linkcode UsageError}
   * with the code `closed`. Idempotent.
   */
  close(reason: Error = new UsageError("closed", "Cannot use the connection: it is closed")): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#wire.close();
    this.#in.abandon();
    this.#giveUpEcho?.(reason);
    this.#writer.close(reason);
  }

  /** Resolves when nothing uses the wire any more: see {@linkcode WireWriter.freed}. */
  freed(): Promise<void> {
    return this.#writer.freed();
  }

  /** Closes, after what is being sent has been sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.flushed().catch(() => {/* closed already: nothing more is written */});
    this.close();
  }

  /** Marks the read side as taken, as two readers would tear frames apart. */
  #beginReading(): void {
    if (this.#closeReason !== undefined) throw this.#closeReason;
    if (this.#reading) throw new UsageError("closed", "Cannot receive: another receive of this connection is pending");
    this.#reading = true;
  }

  #reader(): Disposable {
    this.#beginReading();
    return { [Symbol.dispose]: () => this.#reading = false };
  }

  /** Reads once behind the unread bytes, unless that has begun already. False at a clean end. */
  #fill(): Promise<boolean> {
    const early = this.#early;
    this.#early = undefined;
    return early ?? this.#fillOnce();
  }

  /** One level of waiting, down to the wire: each costs an idle connection 0.6 KiB. */
  async #fillOnce(): Promise<boolean> {
    try {
      return this.#took(await this.#wire.read(this.#in.room(this.#scanner.inFrame)));
    } catch (error) {
      throw this.#closeReason ?? connectionError(error);
    }
  }

  /** What a read brought. False at a clean end. */
  #took(read: number | null): boolean {
    if (this.#closeReason !== undefined) throw this.#closeReason;
    if (read === null) {
      if (this.inFrame) throw truncated(this.#scanner.frames);
      this.#in.rest();
      return false;
    }
    this.#count(this.#in.bytes, this.#in.end, this.#in.end + read);
    this.#in.end += read;
    return true;
  }

  /**
   * Reads, returns what is good of it, and so on; its end goes to the callbacks. Every promise that waits for another one
   * costs an idle connection 0.1 to 0.6 KiB, so there is one level of waiting while it reads.
   */
  async #echoAll(resolve: (nothing: void) => void, reject: (reason: unknown) => void): Promise<void> {
    const turns = this.#turns;
    turns?.join();
    let turn = 0;
    let sink: EchoSink | undefined;
    try {
      for (;;) {
        const from = this.#in.start;
        this.#in.start = this.#good(this.#in.bytes, from, this.#in.end);
        if (this.#in.start > from) {
          const bytes = this.#in.bytes.subarray(from, this.#in.start);
          await (this.#writer.tryWrite(bytes) ?? this.#writer.write(bytes));
        }
        if (this.#scanner.error !== undefined) throw this.#scanner.error;
        if (this.#finishing && !this.#scanner.inFrame) return resolve(await this.#endWriting());
        if (this.#early !== undefined) {
          if (!await this.#fill()) return resolve();
          continue;
        }
        if (this.#wire.echo !== undefined && this.#in.letGo()) {
          const rest = await this.#wire.echo(sink ??= this.#sink());
          if (rest !== null) this.#in.put(rest);
          else if (!this.#took(rest)) return resolve();
          continue;
        }
        if (turns !== undefined) {
          turns.release(turn, this.#in.start - from);
          turn = turns.tryAcquire();
          if (turn === 0) {
            this.#isWaiting = true;
            turn = await turns.acquire();
            this.#isWaiting = false;
            if (this.#closeReason !== undefined) throw this.#closeReason;
          }
        }
        if (!this.#took(await this.#wire.read(this.#in.room(this.#scanner.inFrame)))) return resolve();
      }
    } catch (error) {
      reject(this.#closeReason ?? connectionError(error));
    } finally {
      this.#reading = false;
      turns?.leave(turn);
    }
  }

  /** Up to where bytes may go back. While finishing: where the frame that has begun ends, or the bytes do. */
  #good(bytes: Uint8Array, start: number, end: number): number {
    return this.#finishing ? this.#scanner.endFrame(bytes, start, end) : this.#scanner.scan(bytes, start, end);
  }

  /** For a wire that echoes by itself. */
  #sink(): EchoSink {
    const received = (bytes: Uint8Array, start: number, end: number): number => {
      this.#count(bytes, start, end);
      // Where something else is being written, this waits for its turn.
      if (!this.#writer.begin()) return start;
      const good = this.#good(bytes, start, end);
      if (good === start) this.#writer.took(0);
      return good;
    };
    return { received, sent: (bytes) => this.#writer.took(bytes) };
  }

  #count(bytes: Uint8Array, start: number, end: number): void {
    this.#bytesReceived += end - start;
    if (this.#reads++ === 0) this.#opening = bytes.slice(start, Math.min(end, start + OPENING));
  }

  /** FIN, then what still comes is dropped until the peer's. That may be a flood as well. */
  async #endWriting(): Promise<void> {
    await this.closeWrite();
    try {
      for (;;) {
        this.#in.start = this.#in.end;
        const read = await this.#wire.read(this.#in.room(this.#scanner.inFrame));
        if (this.#closeReason !== undefined) throw this.#closeReason;
        if (read === null) return;
        this.#bytesReceived += read;
        this.#in.end = read;
        await this.#turns?.spend(read);
      }
    } catch (error) {
      throw this.#closeReason ?? connectionError(error);
    }
  }
}
