/**
 * Returning frames to the peer: what is found good of a read goes back from the buffer it was read into.
 *
 * @module
 */
import { connectionError } from "../base/system_errors.ts";
import type { Scanner } from "../framing/framing.ts";
import type { EchoOwner, EchoSink, LargeBuffers } from "./echo_sink.ts";
import type { FairQueue } from "./fair_queue.ts";
import type { Inbound } from "./inbound.ts";
import type { Wire } from "./wire.ts";
import type { WireWriter } from "./wire_writer.ts";

/** The echo of one connection; where the wire echoes by itself, it is asked what goes back. */
export class FrameEcho implements EchoSink {
  readonly #wire: Pick<Wire, "echo">;
  readonly #in: Inbound;
  readonly #writer: WireWriter;
  readonly #scanner: Scanner;
  readonly #turns: FairQueue | undefined;
  #owner: EchoOwner | undefined;
  #isFinishing = false;
  /** From the beginning until the peer's end, or an error. */
  isRunning = false;
  /** Whether what may have come waits for its turn to be read. */
  isWaiting = false;

  constructor(
    wire: Pick<Wire, "echo">,
    { inbound, writer, scanner, turns }: {
      readonly inbound: Inbound;
      readonly writer: WireWriter;
      readonly scanner: Scanner;
      readonly turns: FairQueue | undefined;
    },
  ) {
    this.#wire = wire;
    this.#in = inbound;
    this.#writer = writer;
    this.#scanner = scanner;
    this.#turns = turns;
  }

  get large(): LargeBuffers {
    return this.#in;
  }

  /** Echoes until the peer's end. */
  begin(owner: EchoOwner): void {
    this.#owner = owner;
    this.isRunning = true;
    this.#turns?.join();
    void this.#run();
  }

  /** Ends after the frame that has begun; between frames FIN is sent at once. */
  finish(): void {
    this.#isFinishing = true;
    if (!this.#in.inFrame && !this.#writer.isWriting) this.#writer.end().catch(() => {/* the reader learns it too */});
  }

  /** Tells the owner, once, how it ended. */
  tell(error: unknown): void {
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.echoed(error);
  }

  received(bytes: Uint8Array, start: number, end: number): number {
    this.#in.count(bytes, start, end);
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
      if (rest !== null) this.#in.put(rest);
      else if (!this.#in.took(null)) return this.#end();
    } catch (error) {
      return this.#end(error);
    }
    void this.#run();
  }

  failed(error: Error): void {
    this.#end(error);
  }

  /**
   * Reads, returns what is good of it, and so on; its end goes to the owner. Every promise that waits for another one
   * costs an idle connection 0.1 to 0.6 KiB, so there is one level of waiting while it reads, and none where the wire
   * echoes by itself.
   */
  async #run(): Promise<void> {
    const turns = this.#turns;
    let turn = 0;
    try {
      for (;;) {
        const from = this.#in.start;
        this.#in.start = this.#good(this.#in.bytes, from, this.#in.end);
        if (this.#in.start > from) {
          const bytes = this.#in.bytes.subarray(from, this.#in.start);
          await (this.#writer.tryWrite(bytes) ?? this.#writer.write(bytes));
        }
        if (this.#scanner.error !== undefined) throw this.#scanner.error;
        if (this.#isFinishing && !this.#scanner.inFrame) {
          await this.#writer.end();
          await this.#in.dropRest(turns);
          return this.#end();
        }
        if (this.#in.hasBegun) {
          if (!await this.#in.fill()) return this.#end();
          continue;
        }
        if (this.#wire.echo !== undefined && this.#in.letGo()) return this.#wire.echo(this);
        if (turns !== undefined) {
          turns.release(turn, this.#in.start - from);
          turn = turns.tryAcquire();
          if (turn === 0) {
            this.isWaiting = true;
            turn = await turns.acquire();
            this.isWaiting = false;
            if (this.#in.closeReason !== undefined) throw this.#in.closeReason;
          }
        }
        if (!this.#in.took(await this.#in.read())) return this.#end();
      }
    } catch (error) {
      this.#end(error);
    } finally {
      turns?.release(turn);
    }
  }

  /** @param error Undefined at the peer's end. */
  #end(error?: unknown): void {
    this.isRunning = false;
    this.#turns?.leave();
    this.tell(error === undefined ? undefined : this.#in.closeReason ?? connectionError(error));
  }

  /** Up to where bytes may go back. While finishing: where the frame that has begun ends, or the bytes do. */
  #good(bytes: Uint8Array, start: number, end: number): number {
    return this.#isFinishing ? this.#scanner.endFrame(bytes, start, end) : this.#scanner.scan(bytes, start, end);
  }
}
