/**
 * `Deno.Conn` with messages: each goes behind a header that announces its length, by default 4 bytes, big-endian.
 *
 *     send("Привет")  →  encode  →  00 00 00 0c d0 9f d1 80 …  →  one write
 *     receive()       ←  scan    ←  as many reads as it takes
 *
 * The connection is the sole owner of its `Deno.Conn`. Writes keep the order of the calls, each is looped until the
 * kernel took all of it, and awaiting `send` is the backpressure. `echo` returns validated bytes as they come.
 *
 * @module
 */
import { type BufferHolder, BufferPool } from "./net/buffers.ts";
import { EchoingInbound } from "./net/echoing_inbound.ts";
import { Messages } from "./net/messages.ts";
import { UsageError } from "./base/errors.ts";
import { encodeAll, type Framing, framingFrom } from "./framing/framing.ts";
import { MAX_FRAME } from "./base/limits.ts";
import { decodeUtf8 } from "./base/text.ts";
import type { EchoOwner, EchoSink, LargeBuffers, SelfEchoing } from "./net/echo_sink.ts";
import type { FairQueue, FairQueueOptions } from "./net/fair_queue.ts";
import type { ExchangeSink, FramedConnOptions, Wire } from "./net/wire.ts";
import { WireWriter } from "./net/wire_writer.ts";

export * from "./base/errors.ts";
export { type Framing, FRAMING_NAMES, framingFrom, type Scanner } from "./framing/framing.ts";
export type { BufferHolder, BufferPool, EchoOwner, EchoSink, FairQueue, FairQueueOptions, FramedConnOptions };
export type { ExchangeSink, LargeBuffers, SelfEchoing, Wire };

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
  readonly #writer: WireWriter;
  readonly #framing: Framing;
  readonly #in: EchoingInbound;
  /** Made for the first message: of many clients none is received but by the echo. */
  #messages: Messages | undefined;
  #reading = false;

  /** Takes `wire` over: from here on nobody else may read, write or close it. */
  constructor(wire: Wire, options: FramedConnOptions = {}) {
    const { framing = framingFrom("u32"), maxFrame = MAX_FRAME, pool = new BufferPool(), turns } = options;
    const writer = new WireWriter(wire);
    this.#writer = writer;
    this.#framing = framing;
    this.#in = new EchoingInbound(wire, { pool, scanner: framing.scanner(maxFrame), writer, turns });
  }

  /** Bytes that came in, headers included. */
  get bytesReceived(): number {
    return this.#in.bytesIn;
  }

  /** Bytes the kernel took, headers included. */
  get bytesSent(): number {
    return this.#writer.bytes;
  }

  /** Complete frames that came in. */
  get framesReceived(): number {
    return this.#in.scanner.frames;
  }

  /** The first bytes of the first read, at most 96: they tell which protocol the peer speaks. */
  get opening(): Uint8Array {
    return this.#in.opening;
  }

  /** Whether the peer began with TLS, which is not spoken here. */
  get opensTls(): boolean {
    return this.#in.opensTls;
  }

  /** Reads that have brought bytes so far: while it does not change, the peer is silent. */
  get reads(): number {
    return this.#in.reads;
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
    return this.inFrame || this.isWriting || this.#in.isWaiting;
  }

  /** Payload bytes of the frame that has begun, as its header announced them or, without one, as they have come. */
  get frameLength(): number {
    return this.#in.scanner.frameLength;
  }

  /** Whether the bytes that came in so far end inside a frame. */
  get inFrame(): boolean {
    return this.#in.inFrame;
  }

  /** Largest payload accepted from now on, in bytes. */
  set maxFrame(bytes: number) {
    this.#in.scanner.limit = bytes;
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
    while ((payload = this.#received.next()) === undefined) if (!await this.#in.fill()) return null;
    return payload;
  }

  /** The payloads of all messages that have come, one at least; else as {@linkcode FramedConn.receive}. */
  async receiveAll(): Promise<Uint8Array[] | null> {
    using _reader = this.#reader();
    for (;;) {
      const payloads = this.#received.all();
      if (payloads.length > 0) return payloads;
      if (!await this.#in.fill()) return null;
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
    return this.#in.arrival();
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
      this.echoFor({ echoed: (error) => error === undefined ? resolve() : reject(error) });
    });
  }

  /** As {@linkcode FramedConn.echo}, which costs an idle connection a promise more. Throws where it cannot begin. */
  echoFor(owner: EchoOwner): void {
    this.#checkReading();
    this.#in.beginEcho(owner);
  }

  /**
   * Asks a running {@linkcode FramedConn.echo} to end: it returns the frame it is in, sends FIN, and drops what comes
   * until the peer's end. Between frames FIN is sent at once.
   */
  finish(): void {
    this.#in.finishEcho();
  }

  /** Sends FIN after the writes before it: the peer reads to a clean end, and may still send. Idempotent. */
  async closeWrite(): Promise<void> {
    await this.#writer.end();
  }

  /** Sends FIN, then drops bytes until the peer's end, so that no reset destroys what is on its way to it. */
  async finishWriting(): Promise<void> {
    using _reader = this.#reader();
    await this.#writer.end();
    await this.#in.dropRest();
  }

  /**
   * Hands the wire to the caller, who knows every byte that is still to come; nothing else works after that.
   *
   * @throws {UsageError} `closed`, when bytes have come that nobody received, or something is pending.
   */
  detach(): Wire {
    if (this.#in.closeReason !== undefined || this.#isReading || this.#in.hasBegun || this.inFrame || this.isWriting) {
      throw new UsageError("closed", "Cannot detach the connection: it is closed, or not between two frames");
    }
    this.#in.closeReason = new UsageError("closed", "Cannot use the connection: it was detached");
    this.#writer.close(this.#in.closeReason);
    return this.#in.wire;
  }

  /**
   * Closes at once; a pending `receive`, `echo` or `send` rejects with `reason`, by default a {@linkcode UsageError}
   * with the code `closed`. Idempotent.
   */
  close(reason: Error = new UsageError("closed", "Cannot use the connection: it is closed")): void {
    if (this.#in.closeReason !== undefined) return;
    this.#in.closeReason = reason;
    this.#in.wire.close();
    this.#in.abandon();
    this.#writer.close(reason);
    this.#in.tellOwner(reason);
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

  get #isReading(): boolean {
    return this.#reading || this.#in.isEchoing;
  }

  /** Two readers would tear frames apart. */
  #checkReading(): void {
    if (this.#in.closeReason !== undefined) throw this.#in.closeReason;
    if (this.#isReading) {
      throw new UsageError("closed", "Cannot receive: another receive of this connection is pending");
    }
  }

  /** Takes the read side until it is disposed of. */
  #reader(): Disposable {
    this.#checkReading();
    this.#reading = true;
    return { [Symbol.dispose]: () => this.#reading = false };
  }

  get #received(): Messages {
    return this.#messages ??= new Messages(this.#in.scanner, this.#in);
  }
}
