/**
 * The sending side of a connection.
 *
 * @module
 */
import { NetworkError, UsageError } from "../base/errors.ts";
import { Mutex } from "../base/mutex.ts";
import { connectionError } from "../base/system_errors.ts";

/**
 * Writes one after the other, in the order of the calls, each until the system took all of it.
 *
 * @example
 * ```ts
 * import { WireWriter } from "./wire_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const taken: number[] = [];
 * const wire = {
 *   write: (bytes: Uint8Array) => Promise.resolve(taken.push(...bytes.subarray(0, 2)) && Math.min(2, bytes.length)),
 *   closeWrite: () => Promise.resolve(),
 * };
 * const writer = new WireWriter(wire);
 * await Promise.all([writer.send(Uint8Array.of(1, 2, 3)), writer.send(Uint8Array.of(4, 5))]);
 * assertEquals([taken, writer.bytes, writer.writes], [[1, 2, 3, 4, 5], 5, 2]);
 * ```
 */
export class WireWriter {
  readonly #wire: Pick<Deno.Conn, "write" | "closeWrite">;
  readonly #held = new Mutex();
  /** What was begun and is not done yet: told at close, as Deno 2.7.11 may leave it pending until the peer leaves. */
  #begun: Set<(reason: unknown) => void> | undefined;
  #taking: Promise<number> | undefined;
  #isEnded = false;
  #closeReason: Error | undefined;
  #bytes = 0;
  #writes = 0;

  constructor(wire: Pick<Deno.Conn, "write" | "closeWrite">) {
    this.#wire = wire;
  }

  /** Bytes the system took. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes that have been taken whole. */
  get writes(): number {
    return this.#writes;
  }

  /** Whether a write is waiting for the peer. */
  get isHeld(): boolean {
    return this.#held.isHeld;
  }

  /**
   * As {@linkcode WireWriter.write}, but given up at close.
   *
   * @throws {UsageError} `closed`, after `end` or `close`.
   * @throws {NetworkError} `reset`, when the peer is gone.
   */
  async send(bytes: Uint8Array): Promise<void> {
    await this.#whileOpen(this.write(bytes));
  }

  /** Resolves when all of `bytes` has been taken, after all that was to be written before. Throws as `send` does. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.isHeld) await this.wait();
    else this.take();
    try {
      await this.writeRest(bytes, 0);
    } catch (error) {
      throw this.#closeReason ?? connectionError(error);
    } finally {
      this.release();
    }
  }

  /** Keeps others from writing, until {@linkcode WireWriter.release}; only where {@linkcode WireWriter.isHeld} is false. */
  take(): void {
    this.#check();
    this.#held.take();
  }

  /** The same where it is true: resolves after all who came before. */
  wait(): Promise<void> {
    this.#check();
    return this.#held.wait();
  }

  /** Lets the next one write. */
  release(): void {
    this.#held.release();
  }

  /** One write, by whoever holds the writing: how many bytes the system took, to be told to {@linkcode WireWriter.took}. */
  attempt(bytes: Uint8Array): Promise<number> {
    return this.#taking = this.#wire.write(bytes);
  }

  /** Counts `written` of `wanted` bytes; whether that was all. */
  took(written: number, wanted: number): boolean {
    this.#bytes += written;
    if (written === wanted) this.#writes++;
    return written === wanted;
  }

  /** Writes `bytes` from `at` on, by whoever holds the writing. */
  async writeRest(bytes: Uint8Array, at: number): Promise<void> {
    let rest = at === 0 ? bytes : bytes.subarray(at);
    for (let isDone = this.took(0, rest.length); !isDone;) {
      if (this.#closeReason !== undefined) throw this.#closeReason;
      const written = await this.attempt(rest);
      if (written === 0) throw new NetworkError("reset", "Connection lost: it takes no more bytes");
      isDone = this.took(written, rest.length);
      rest = rest.subarray(written);
    }
  }

  /** Resolves when all that was to be written by now has been, or rejects with the reason of a close before that. */
  async flushed(): Promise<void> {
    if (!this.isHeld) return;
    await this.#whileOpen(this.#held.wait());
    this.release();
  }

  /** Sends FIN after the writes before it; nothing can be written any more. Idempotent. */
  async end(): Promise<void> {
    if (this.#isEnded || this.#closeReason !== undefined) return;
    this.#isEnded = true;
    try {
      await this.flushed();
      await this.#wire.closeWrite();
    } catch (error) {
      if (this.#closeReason === undefined) throw connectionError(error);
    }
  }

  /** Gives up what is pending, with `reason`; the wire itself is its owner's to close. */
  close(reason: Error): void {
    this.#closeReason = reason;
    for (const giveUp of this.#begun ?? []) giveUp(reason);
  }

  /**
   * Resolves when nothing is being written any more: after a close, Deno 2.7.11 keeps the descriptor for as long as a write
   * is pending, until the peer reads or leaves.
   */
  async released(): Promise<void> {
    await this.#taking?.catch(() => {/* whoever wrote was told */});
  }

  #check(): void {
    if (this.#closeReason !== undefined) throw this.#closeReason;
    if (this.#isEnded) throw new UsageError("closed", "Cannot send: the sending side is closed");
  }

  /** The outcome of `work`, or the reason of a close that comes before it. */
  #whileOpen<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const begun = this.#begun ??= new Set();
      begun.add(reject);
      work.then(resolve, reject).finally(() => begun.delete(reject));
    });
  }
}
