/**
 * Returning frames to the peer: what is found good of a read goes back from the buffer it was read into.
 *
 * @module
 */
import { connectionError } from "../base/system_errors.ts";
import type { Scanner } from "../framing/framing.ts";
import type { BufferPool } from "./buffers.ts";
import type { EchoOwner, EchoSink, LargeBuffers } from "./echo_sink.ts";
import type { FairQueue } from "./fair_queue.ts";
import { Inbound } from "./inbound.ts";
import type { Wire } from "./wire.ts";
import type { WireWriter } from "./wire_writer.ts";

/**
 * What comes in, and goes back as long as an echo runs; where the wire echoes by itself, it is asked what goes back. One
 * object with the receiving side: one of its own takes an idle connection 80 bytes more.
 */
export class EchoingInbound extends Inbound implements EchoSink {
  readonly #writer: WireWriter;
  readonly #turns: FairQueue | undefined;
  #owner: EchoOwner | undefined;
  #isFinishing = false;
  /** Whether an echo runs: from its beginning until the peer's end, or an error. */
  isEchoing = false;
  /** Whether what may have come waits for its turn to be read. */
  isWaiting = false;

  constructor(
    wire: Wire,
    { writer, turns, ...options }: {
      readonly pool: BufferPool;
      readonly scanner: Scanner;
      readonly writer: WireWriter;
      readonly turns: FairQueue | undefined;
    },
  ) {
    super(wire, options);
    this.#writer = writer;
    this.#turns = turns;
  }

  get large(): LargeBuffers {
    return this;
  }

  /** Echoes until the peer's end. */
  beginEcho(owner: EchoOwner): void {
    this.#owner = owner;
    this.isEchoing = true;
    this.#turns?.join();
    void this.#echo();
  }

  /** Ends after the frame that has begun; between frames FIN is sent at once. */
  finishEcho(): void {
    this.#isFinishing = true;
    if (!this.inFrame && !this.#writer.isWriting) this.#writer.end().catch(() => {/* the reader learns it too */});
  }

  /** Tells the owner, once, how it ended. */
  tellOwner(error: unknown): void {
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.echoed(error);
  }

  /** Drops what comes until the peer's end. That may be a flood as well: where others wait for their turn, it does, too. */
  async dropRest(): Promise<void> {
    try {
      for (;;) {
        this.start = this.end;
        const read = await this.read();
        if (this.closeReason !== undefined) throw this.closeReason;
        if (read === null) return;
        this.bytesIn += read;
        this.end = read;
        await this.#turns?.spend(read);
      }
    } catch (error) {
      throw this.closeReason ?? connectionError(error);
    }
  }

  received(bytes: Uint8Array, start: number, end: number): number {
    this.count(bytes, start, end);
    if (!this.#writer.begin()) return start; // something else is being written
    const good = this.#good(bytes, start, end);
    if (good === start) this.#writer.took(0);
    return good;
  }

  sent(bytes: number): void {
    this.#writer.took(bytes);
  }

  ended(rest: Uint8Array | null): void {
    try {
      if (rest !== null) this.put(rest);
      else if (!this.took(null)) return this.#endEcho();
    } catch (error) {
      return this.#endEcho(error);
    }
    void this.#echo();
  }

  failed(error: Error): void {
    this.#endEcho(error);
  }

  /**
   * Reads, returns what is good of it, and so on; its end goes to the owner. Every promise that waits for another one
   * costs an idle connection 0.1 to 0.6 KiB, so there is one level of waiting while it reads, and none where the wire
   * echoes by itself.
   */
  async #echo(): Promise<void> {
    const turns = this.#turns;
    let turn = 0;
    try {
      for (;;) {
        const from = this.start;
        this.start = this.#good(this.bytes, from, this.end);
        if (this.start > from) {
          const bytes = this.bytes.subarray(from, this.start);
          await (this.#writer.tryWrite(bytes) ?? this.#writer.write(bytes));
        }
        if (this.scanner.error !== undefined) throw this.scanner.error;
        if (this.#isFinishing && !this.scanner.inFrame) {
          await this.#writer.end();
          await this.dropRest();
          return this.#endEcho();
        }
        if (this.hasBegun) {
          if (!await this.fill()) return this.#endEcho();
          continue;
        }
        if (this.wire.echo !== undefined && this.letGo()) return this.wire.echo(this);
        if (turns !== undefined) {
          turns.release(turn, this.start - from);
          turn = turns.tryAcquire();
          if (turn === 0) {
            this.isWaiting = true;
            turn = await turns.acquire();
            this.isWaiting = false;
            if (this.closeReason !== undefined) throw this.closeReason;
          }
        }
        if (!this.took(await this.read())) return this.#endEcho();
      }
    } catch (error) {
      this.#endEcho(error);
    } finally {
      turns?.release(turn);
    }
  }

  /** @param error Undefined at the peer's end. */
  #endEcho(error?: unknown): void {
    this.isEchoing = false;
    this.#turns?.leave();
    this.tellOwner(error === undefined ? undefined : this.closeReason ?? connectionError(error));
  }

  /** Up to where bytes may go back. While finishing: where the frame that has begun ends, or the bytes do. */
  #good(bytes: Uint8Array, start: number, end: number): number {
    return this.#isFinishing ? this.scanner.endFrame(bytes, start, end) : this.scanner.scan(bytes, start, end);
  }
}
