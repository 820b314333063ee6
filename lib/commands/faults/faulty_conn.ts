/**
 * A connection with faults in it: what is read from it, or written to it, passes through them.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import type { Socket } from "../../net/wire.ts";
import { closeAfter } from "./close_after.ts";
import { coalesce } from "./coalesce.ts";
import { frames, type FramesOptions } from "./frames.ts";
import { latency } from "./latency.ts";
import { type Direction, type Piece, PieceQueue, ResetStrike, type StreamFault } from "./pieces.ts";
import type { FaultPlan } from "./plan.ts";
import { Random } from "./random.ts";
import { rate } from "./rate.ts";
import { resetAfter } from "./reset_after.ts";
import type { Way } from "./settings.ts";
import { split } from "./split.ts";
import { stall } from "./stall.ts";

/** Bytes that may wait to be written: what a system takes ahead, too. */
const SEND_BUFFER = 64 * 1024;

const READ_BUFFER = 64 * 1024;

const WAYS: readonly Way[] = ["down", "up"];

interface FaultyConnOptions {
  readonly plan: FaultPlan;
  /** The connection's number, from 1. */
  readonly connection: number;
  /** When it came, as `performance.now()` has it; now, unless given. */
  readonly began?: number;
  /** The way of what is read from it, and of what is written to it; without one, that stays as it is. */
  readonly read?: Way;
  readonly write?: Way;
  /** Told of a reset on purpose: whoever stands between two connections resets the other one, too. */
  readonly onReset?: () => void;
  /** Told once the connection below is closed. */
  readonly onClose?: () => void;
  /** Longest time in which what was written still leaves after a close, in ms; default 30 s, as with most systems. */
  readonly linger?: number;
}

export class FaultyConn implements Socket {
  readonly #conn: Socket;
  readonly #options: FaultyConnOptions;
  readonly #closing = new AbortController();
  /** Both are there from when there first was a fault for that way. */
  #incoming: AsyncIterator<Piece> | undefined;
  #outgoing: PieceQueue | undefined;
  /** Resolves when all that was to be written has been, or nothing can be any more. */
  #written = Promise.resolve();
  /** Before it nothing passes. */
  #ready: Promise<void> | undefined;
  #unread = new Uint8Array(0);
  #lost: Error | undefined;
  readonly #giveUp: Record<"read" | "write", (error: Error) => void> = { read: () => {}, write: () => {} };
  #isShut = false;

  constructor(conn: Socket, options: FaultyConnOptions) {
    this.#conn = conn;
    this.#options = options;
    const { plan, connection, began, read, write } = options;
    for (const [way, start] of [[read, this.#startReading], [write, this.#startWriting]] as const) {
      if (way === undefined) continue;
      const direction = plan.direction(connection, way, { closing: this.#closing.signal, began });
      const look = (): void => {
        if (Object.keys(direction.settings).length === 0) return;
        off();
        start.call(this, direction);
      };
      const off = direction.onChange(look);
      this.#closing.signal.addEventListener("abort", off);
      look();
    }
  }

  get remoteAddr(): Deno.Addr {
    return this.#conn.remoteAddr;
  }

  /**
   * Strikes what strikes at the beginning, whichever way it was set for: refuses, or waits. Resolves to false where the
   * connection is refused.
   */
  async accept(): Promise<boolean> {
    const { plan, connection, began } = this.#options;
    const ways = WAYS.map((way) => plan.direction(connection, way, { closing: this.#closing.signal, began }));
    for (const { way, settings, strike } of ways) {
      if (!new Random(`${plan.seed} ${connection} ${way} refuse`).hits(settings.refuse, connection)) continue;
      strike({ fault: "refuse" });
      this.reset();
      return false;
    }
    const [slowest] = ways.toSorted((a, b) => (b.settings.acceptDelay ?? 0) - (a.settings.acceptDelay ?? 0));
    const ms = slowest?.settings.acceptDelay;
    if (ms === undefined) return true;
    slowest?.strike({ fault: "accept-delay", ms });
    await delay(ms, this.#closing.signal);
    return true;
  }

  /** {@linkcode FaultyConn.accept}, which whatever is read or written from now on waits for. */
  acceptFirst(): this {
    this.#ready = this.accept().then(() => {
      this.#ready = undefined;
    });
    return this;
  }

  async read(into: Uint8Array): Promise<number | null> {
    await this.#ready;
    this.#check();
    if (this.#incoming === undefined) return await this.#unlessLost("read", this.#conn.read(into));
    while (this.#unread.length === 0) {
      const result = await this.#unlessLost("read", this.#incoming.next());
      if (result.done === true) return null;
      this.#unread = result.value.bytes.slice();
    }
    const part = this.#unread.subarray(0, into.length);
    into.set(part);
    this.#unread = this.#unread.subarray(part.length);
    return part.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#ready;
    this.#check();
    if (this.#outgoing === undefined) return await this.#unlessLost("write", this.#conn.write(bytes));
    await this.#outgoing.push({ bytes: bytes.slice(), at: performance.now() });
    this.#check();
    return bytes.length;
  }

  async closeWrite(): Promise<void> {
    await this.#ready;
    this.#check();
    if (this.#outgoing === undefined) return await this.#conn.closeWrite();
    this.#outgoing.end();
    await this.#written;
    this.#check();
  }

  /** What was written still leaves, as it would from a system's buffer. */
  close(): void {
    this.#lose(new Deno.errors.BadResource("the connection is closed"));
    this.#closing.abort();
    this.#outgoing?.end();
    // To a peer that does not read nothing leaves, ever: only closing ends such a write.
    const timer = setTimeout(() => this.#shut(), this.#options.linger ?? 30_000);
    void this.#written.then(() => {
      clearTimeout(timer);
      this.#shut();
    });
  }

  setNoDelay(on?: boolean): void {
    this.#conn.setNoDelay?.(on);
  }

  setKeepAlive(on?: boolean): void {
    this.#conn.setKeepAlive?.(on);
  }

  #startReading(direction: Direction): void {
    this.#incoming = throughAll(this.#reads(), direction, this.#options.plan.options)[Symbol.asyncIterator]();
  }

  #startWriting(direction: Direction): void {
    this.#outgoing = new PieceQueue(SEND_BUFFER);
    this.#written = this.#writeAll(throughAll(this.#outgoing, direction, this.#options.plan.options));
  }

  async *#reads(): AsyncGenerator<Piece> {
    for (;;) {
      const buffer = new Uint8Array(READ_BUFFER);
      const read = await this.#conn.read(buffer);
      if (read === null) return;
      yield { bytes: buffer.subarray(0, read), at: performance.now() };
    }
  }

  /** Never rejects: whoever writes next is told. */
  async #writeAll(pieces: AsyncIterable<Piece>): Promise<void> {
    try {
      for await (const { bytes } of pieces) {
        for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
      }
      await this.#conn.closeWrite();
    } catch (error) {
      if (error instanceof ResetStrike) this.reset();
      else this.#lose(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    // After an early end, what is still written is lost on its way.
    this.#outgoing?.discard();
  }

  /**
   * What comes of a read or a write, unless the connection ends before: that is why, then. In Deno 2.7.11 a write to a peer
   * that reads nothing outlives even a close.
   */
  async #unlessLost<T>(way: "read" | "write", work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#giveUp[way] = reject;
    work.then(resolve, reject);
    try {
      return await promise;
    } catch (error) {
      if (error instanceof ResetStrike) this.reset();
      throw this.#lost ?? error;
    }
  }

  #check(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    this.#giveUp.read(this.#lost);
    this.#giveUp.write(this.#lost);
  }

  /** Resets it, once. */
  reset(): void {
    if (this.#isShut) return;
    this.#lose(new Deno.errors.ConnectionReset("the connection was reset on purpose"));
    this.#closing.abort();
    this.#outgoing?.discard();
    this.#options.plan.options.reset(this.#conn);
    this.#shut();
    this.#options.onReset?.();
  }

  #shut(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    this.#conn.close();
    this.#options.onClose?.();
  }
}

/** In the order in which bytes pass them. */
function throughAll(pieces: AsyncIterable<Piece>, direction: Direction, options: FramesOptions): AsyncIterable<Piece> {
  const faults: readonly StreamFault[] = [
    frames(options),
    ...[coalesce, latency, split, rate, stall, closeAfter, resetAfter],
  ];
  return faults.reduce((through, fault) => fault(through, direction), pieces);
}
