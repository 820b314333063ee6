/**
 * A connection that does what a test tells it: reads by script, takes few bytes at a time, fails on demand. It keeps
 * what it was asked for.
 *
 * @module
 */
import type { Wire } from "../../lib/framed_conn.ts";
import { concat } from "../../lib/base/bytes.ts";

/** What a read gives: bytes (in as many reads as the buffers need), the peer's end, or an error. */
export type Arrival = Uint8Array | null | Error;

/** How a {@linkcode FakeWire} takes bytes. */
export interface FakeWireOptions {
  /** Most bytes a write takes. */
  readonly writeSize?: number;
  /** Error of the write with this number, counted from 1, and of all after it. */
  readonly failWriteAt?: number;
  /** Writes wait for {@linkcode FakeWire.release}. */
  readonly holdWrites?: boolean;
}

/** See the module. */
export class FakeWire implements Wire {
  /** Sizes of the buffers that reads were asked to fill. */
  readonly asked: number[] = [];
  /** What each write took. */
  readonly writes: Uint8Array[] = [];
  closes = 0;
  closedWrites = 0;
  readonly #options: FakeWireOptions;
  readonly #arrivals: Arrival[];
  #waiting: { into: Uint8Array; resolve: (read: number | null) => void; reject: (error: Error) => void } | undefined;
  #held = Promise.withResolvers<void>();
  #quiet = Promise.withResolvers<void>();

  constructor(arrivals: readonly Arrival[] = [], options: FakeWireOptions = {}) {
    this.#arrivals = [...arrivals];
    this.#options = options;
    if (!options.holdWrites) this.#held.resolve();
  }

  /** All bytes written so far. */
  get written(): Uint8Array {
    return concat(...this.writes);
  }

  /** Resolves once a read waits for more than has arrived: everything before it has been dealt with. */
  get quiet(): Promise<void> {
    return this.#quiet.promise;
  }

  /** Something arrives. */
  arrive(...arrivals: readonly Arrival[]): void {
    this.#arrivals.push(...arrivals);
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#quiet = Promise.withResolvers();
    this.read(waiting.into).then(waiting.resolve, waiting.reject);
    this.asked.pop();
  }

  /** Lets held writes go. */
  release(): void {
    this.#held.resolve();
  }

  read(into: Uint8Array): Promise<number | null> {
    this.asked.push(into.length);
    const next = this.#arrivals.shift();
    if (next === undefined) {
      this.#quiet.resolve();
      return new Promise((resolve, reject) => this.#waiting = { into, resolve, reject });
    }
    if (next === null) return Promise.resolve(null);
    if (next instanceof Error) return Promise.reject(next);
    const read = Math.min(next.length, into.length);
    into.set(next.subarray(0, read));
    if (read < next.length) this.#arrivals.unshift(next.subarray(read));
    return Promise.resolve(read);
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#held.promise;
    const { failWriteAt = Infinity, writeSize = Infinity } = this.#options;
    if (this.writes.length + 1 >= failWriteAt) throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
    const taken = bytes.slice(0, writeSize);
    this.writes.push(taken);
    return taken.length;
  }

  closeWrite(): Promise<void> {
    this.closedWrites++;
    return Promise.resolve();
  }

  close(): void {
    this.closes++;
    this.#waiting?.reject(new Deno.errors.Interrupted("operation canceled"));
    this.#waiting = undefined;
  }
}

/** A perfect echo server at the other end: what is written can be read. */
export class EchoWire extends FakeWire {
  override async write(bytes: Uint8Array): Promise<number> {
    const written = await super.write(bytes);
    this.arrive(bytes.slice(0, written));
    return written;
  }
}
