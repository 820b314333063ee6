/**
 * The receiving side of a connection.
 *
 * @module
 */
import { connectionError } from "../base/system_errors.ts";
import { type Scanner, truncated } from "../framing/framing.ts";
import { type BufferPool, ReadBuffer } from "./buffers.ts";
import { OPENING } from "./sniff.ts";
import { isClientHello } from "./tls.ts";
import type { Wire } from "./wire.ts";

/** What comes in: its bytes, how many there were, and whether they end inside a frame. */
export class Inbound extends ReadBuffer {
  readonly wire: Wire;
  readonly scanner: Scanner;
  /** Bytes, headers included. */
  bytesIn = 0;
  /** Why nothing is read any more. */
  closeReason: Error | undefined;
  /** A read that {@linkcode Inbound.arrival} began and nobody has waited for to its end. */
  #early: Promise<boolean> | undefined;
  /** A character a byte: an array of bytes takes 0.3 KiB. */
  #opening = "";

  constructor(wire: Wire, { pool, scanner }: { readonly pool: BufferPool; readonly scanner: Scanner }) {
    super(pool);
    this.wire = wire;
    this.scanner = scanner;
  }

  /** The first bytes of the first read, at most {@linkcode OPENING}. */
  get opening(): Uint8Array {
    const bytes = new Uint8Array(this.#opening.length);
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.#opening.charCodeAt(at);
    return bytes;
  }

  /** Whether they begin TLS. Asked of each connection that ends. */
  get opensTls(): boolean {
    return this.#opening.startsWith("\x16") && isClientHello(this.opening);
  }

  /** Whether the bytes that came in so far end inside a frame. */
  get inFrame(): boolean {
    return this.scanner.inFrame || this.end > this.start;
  }

  /** Whether a read has begun that {@linkcode Inbound.fill} is to wait for. */
  get hasBegun(): boolean {
    return this.#early !== undefined;
  }

  /** Reads, unless that has begun: `true` with bytes, `false` with the peer's end. The next `fill` is told the same. */
  arrival(): Promise<boolean> {
    this.#early ??= fill(this);
    return this.#early.catch(() => false);
  }

  /** Reads once behind the unread bytes, unless that has begun already. False at a clean end. */
  fill(): Promise<boolean> {
    const early = this.#early;
    this.#early = undefined;
    return early ?? fill(this);
  }

  /** Reads behind the unread bytes; {@linkcode Inbound.took} is to be told of it. */
  read(): Promise<number | null> {
    return this.wire.read(this.room(this.scanner.inFrame));
  }

  override callOff(): void {
    if (!this.inFrame) this.wire.callOff?.();
  }

  /** What a read brought; nothing where it was called off. False at a clean end. */
  took(read: number | null): boolean {
    if (this.closeReason !== undefined) throw this.closeReason;
    if (read === 0) return true;
    if (read === null) {
      if (this.inFrame) throw truncated(this.scanner.frames);
      this.rest();
      return false;
    }
    this.count(this.bytes, this.end, this.end + read);
    this.end += read;
    return true;
  }

  /** Counts bytes that came in. */
  count(bytes: Uint8Array, start: number, end: number): void {
    this.bytesIn += end - start;
    if (this.reads++ > 0) return;
    // A call with `...` takes 1.4 µs, five times as long.
    this.#opening = Reflect.apply(
      String.fromCharCode,
      undefined,
      bytes.subarray(start, Math.min(end, start + OPENING)),
    );
  }
}

/** One level of waiting, down to the wire: each costs an idle connection 0.6 KiB. */
async function fill(inbound: Inbound): Promise<boolean> {
  try {
    return inbound.took(await inbound.read());
  } catch (error) {
    throw inbound.closeReason ?? connectionError(error);
  }
}
