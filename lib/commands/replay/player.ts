/**
 * One recorded connection, played to a server.
 *
 * @module
 */
import { withTimeout } from "../../base/timeout.ts";
import type { Framing } from "../../framing/framing.ts";
import type { Dialed } from "../../net/dial.ts";
import type { TraceData, TraceEnd } from "../capture/trace.ts";
import { Comparison } from "./comparison.ts";
import { FrameFinder } from "./frame_finder.ts";

/** Bytes that may wait to be compared, recorded or received; then both wait. */
const MAX_AHEAD = 4 * 1024 * 1024;

const READ_BUFFER = 64 * 1024;

/** How to play. */
interface PlayerOptions {
  readonly connection: number;
  /** `undefined`: to be found out. */
  readonly framing: Framing | undefined;
  /** Longest silence of a server whose reply is waited for, in ms. */
  readonly timeout: number;
}

/** How the server's direction stands: `open` until it ends. */
type ServerEnd = "open" | "half-close" | "reset";

export class Player {
  readonly connection: number;
  readonly comparison: Comparison;
  readonly #conn: Dialed;
  readonly #timeout: number;
  readonly #sent: FrameFinder;
  readonly #reading: Promise<void>;
  #sentBytes = 0;
  #end: ServerEnd = "open";
  /** Whether the server has failed to answer: the rest is not played. */
  #hasGivenUp = false;
  #isUnread = false;
  #isClosed = false;
  #recordedEnd: TraceEnd["how"] | undefined;
  #moved = Promise.withResolvers<void>();

  constructor(conn: Dialed, { connection, framing, timeout }: PlayerOptions) {
    this.connection = connection;
    this.comparison = new Comparison(framing);
    this.#conn = conn;
    this.#timeout = timeout;
    this.#sent = new FrameFinder(framing);
    this.#reading = this.#read();
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** How the server's direction stands. */
  get end(): ServerEnd {
    return this.#end;
  }

  /** Whether the server kept a connection open that it closed when it was recorded. */
  get isStillOpen(): boolean {
    return this.#recordedEnd === "half-close" && this.#end === "open" && this.comparison.missing === 0;
  }

  /** Whether the server stopped reading: the rest was not sent. */
  get isUnread(): boolean {
    return this.#isUnread;
  }

  /** Sends what the client sent; before that, the replies that it had by then have come. */
  async send({ bytes }: TraceData): Promise<void> {
    // In the middle of a frame the client did not wait: another server may answer only when the frame is whole.
    if (this.#sent.isWhole) await this.#repliesWithin(0);
    this.#sent.add(bytes);
    if (this.#hasGivenUp || this.#end === "reset") return;
    try {
      for (let at = 0; at < bytes.length;) {
        const written = await withTimeout(this.#conn.write(bytes.subarray(at)), this.#timeout);
        if (written === undefined) {
          this.#hasGivenUp = this.#isUnread = true;
          return;
        }
        at += written;
        this.#sentBytes += written;
      }
    } catch {
      this.#over("reset");
    }
  }

  /** This is what the server replied. */
  async expect({ bytes, masked }: TraceData): Promise<void> {
    this.comparison.expect(bytes, masked);
    this.#move();
    if (this.comparison.missing > MAX_AHEAD) await this.#repliesWithin(MAX_AHEAD / 2);
  }

  /** A side ended here. */
  async ended({ from, how }: TraceEnd): Promise<void> {
    if (from === "server") {
      this.#recordedEnd = how;
      return;
    }
    if (how === "half-close") {
      if (this.#end !== "reset" && !this.#hasGivenUp) await this.#conn.closeWrite().catch(() => this.#over("reset"));
      return;
    }
    await this.#repliesWithin(0);
    this.#close();
  }

  /** Waits for what is still to come, and closes. */
  async finish(): Promise<void> {
    await this.#repliesWithin(0);
    if (this.#recordedEnd === "half-close") await this.#silence(() => this.#end !== "open");
    this.#close();
    await this.#reading;
  }

  /** Closes at once. */
  async abandon(): Promise<void> {
    this.#close();
    await this.#reading;
  }

  /** Waits until no more than so many bytes of the replies are missing, or no more can be hoped for. */
  async #repliesWithin(bytes: number): Promise<void> {
    if (!await this.#silence(() => this.comparison.missing <= bytes || this.#end !== "open")) this.#hasGivenUp = true;
  }

  /** Whether it holds before the server is silent for too long. */
  async #silence(holds: () => boolean): Promise<boolean> {
    while (!holds()) {
      if (this.#hasGivenUp || this.#isClosed) return false;
      const moved = this.#moved.promise.then(() => true);
      if (await withTimeout(moved, this.#timeout) !== true) return false;
    }
    return true;
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BUFFER);
    try {
      for (;;) {
        // What was not recorded, or not yet, is not heaped up.
        while (this.comparison.extra > MAX_AHEAD && !this.#isClosed) await this.#moved.promise;
        const read = await this.#conn.read(buffer);
        if (read === null) break;
        this.comparison.receive(buffer.slice(0, read));
        this.#move();
      }
      this.#over("half-close");
    } catch {
      if (!this.#isClosed) this.#over("reset");
    }
  }

  #over(how: ServerEnd): void {
    if (this.#end === "open") this.#end = how;
    this.#move();
  }

  #close(): void {
    if (!this.#isClosed) this.#conn.close();
    this.#isClosed = true;
    this.#move();
  }

  #move(): void {
    const moved = this.#moved;
    this.#moved = Promise.withResolvers();
    moved.resolve();
  }
}
