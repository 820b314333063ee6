/**
 * A client's connection, as a grader holds it: every byte is kept as it came, and every way to be rude is at hand.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import type { Framing } from "../../framing/framing.ts";
import { firstFrame } from "../../framing/first_frame.ts";
import { Patience } from "../grading/active_timeout.ts";
import { delay } from "../../base/delay.ts";
import { detectFraming, explainLength, type LengthMistake } from "./detect.ts";

/** Unread bytes at which a client is no longer listened to. */
const MAX_UNREAD = 8 * 1024 * 1024;

/** Silence after which a client has said what it had to say, in ms. Parts of a message that one program sends follow within less. */
const QUIET = 200;

/** How a connection was left. */
export type Ending = "end" | "reset";

/** What came in answer. `wire` is all of it, `text` the payload as text. */
export type Received =
  | {
    readonly kind: "whole";
    readonly wire: Uint8Array;
    readonly text: string;
    readonly payload: Uint8Array;
    readonly framing: Framing;
  }
  | {
    readonly kind: "wrong";
    readonly wire: Uint8Array;
    readonly mistake: LengthMistake | undefined;
    readonly framing: Framing | undefined;
  }
  | { readonly kind: "over"; readonly by: Ending; readonly wire: Uint8Array }
  | { readonly kind: "silence"; readonly wire: Uint8Array };

/** What is known of the message that is to come. */
export interface Expectation {
  /** Unknown before the first message. */
  readonly framing: Framing | undefined;
  /** What the message should contain, where the grader typed it. */
  readonly typed: string | undefined;
  /** Longest wait, in ms. */
  readonly wait: number;
}

/** A connection to the examined client. */
export class Peer implements Disposable {
  readonly #conn: Deno.Conn;
  #unread = new Uint8Array(0);
  #over: Ending | undefined;
  #changed = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    // What is written in pieces has to arrive in pieces.
    if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
  }

  /** How the client left, once it has. */
  get over(): Ending | undefined {
    return this.#over;
  }

  /** Bytes that came and were not taken. */
  get unread(): Uint8Array {
    return this.#unread;
  }

  /** Begins to read. What comes is kept until it is taken. */
  listen(): this {
    this.#pump();
    return this;
  }

  /** Closes without reading to the end: what is unread makes the system answer with a reset (RFC 1122, 4.2.2.13). */
  async reset(wait: number): Promise<void> {
    await new Patience(wait).sees(this.#conn.read(new Uint8Array(1)).catch(() => null));
    this[Symbol.dispose]();
  }

  /** Writes all of it; false when the client is gone or takes nothing for `wait` ms. */
  async send(bytes: Uint8Array, wait: number): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length;) {
        const written = this.#conn.write(bytes.subarray(at));
        if (!await new Patience(wait).sees(written)) return false;
        at += await written;
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Writes the pieces one by one, `gap` ms apart, so that each arrives by itself. */
  async sendPieces(pieces: readonly Uint8Array[], gap: number): Promise<void> {
    for (const piece of pieces) {
      await delay(gap);
      if (!await this.send(piece, 1000)) return;
    }
  }

  /** Ends the sending side. */
  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite().catch(() => {/* the client is gone */});
  }

  /** The next message, or what came instead of it. Of a whole message the bytes are taken. */
  async receive({ framing, typed, wait }: Expectation): Promise<Received> {
    const patience = new Patience(wait);
    for (;;) {
      const found = framing === undefined ? undefined : this.#whole(framing, typed);
      if (found !== undefined) return found;
      // Without a framing, and with bytes that do not fit, only the end of what comes tells more.
      const isOdd = this.#unread.length > 0 &&
        (framing === undefined || this.#hasAll(typed) || isBroken(framing, this.#unread));
      if (this.#over !== undefined) return this.#rest(framing, typed);
      if (!await patience.sees(this.#changed.promise, isOdd ? QUIET : wait)) return this.#rest(framing, typed);
    }
  }

  /** Resolves to true once the client has left, to false after `wait` ms. */
  async leaves(wait: number): Promise<boolean> {
    const patience = new Patience(wait);
    while (this.#over === undefined) {
      if (!await patience.sees(this.#changed.promise)) return false;
      this.#unread = new Uint8Array(0);
    }
    return true;
  }

  /** Returns every whole message as it comes, until the client leaves or is silent for `wait` ms. */
  async echo(framing: Framing, wait: number): Promise<void> {
    for (;;) {
      const message = await this.receive({ framing, typed: undefined, wait });
      if (message.kind !== "whole") return;
      if (!await this.send(framing.encode(message.payload), wait)) return;
    }
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  /** The message at the front, where it is whole and the one that was typed; of `raw`, everything. */
  #whole(framing: Framing, typed: string | undefined): Received | undefined {
    const bytes = this.#unread;
    if (!framing.hasBoundaries) {
      return this.#hasAll(typed) || (typed === undefined && bytes.length > 0)
        ? this.#take(framing, bytes.length, bytes)
        : undefined;
    }
    const frame = firstFrame(framing, bytes, MAX_UNREAD);
    if (frame.type !== "frame") return undefined;
    const isTyped = typed === undefined ? frame.used === bytes.length : textOf(frame.payload).includes(typed);
    return isTyped ? this.#take(framing, frame.used, frame.payload) : undefined;
  }

  /** What to make of the bytes after a silence or at the end. */
  #rest(framing: Framing | undefined, typed: string | undefined): Received {
    const wire = this.#unread;
    if (wire.length === 0) {
      return this.#over === undefined ? { kind: "silence", wire } : { kind: "over", by: this.#over, wire };
    }
    if (framing === undefined) {
      const found = detectFraming(wire, typed);
      if (found === undefined || found.mistake !== undefined) {
        return { kind: "wrong", wire, mistake: found?.mistake, framing: found?.framing };
      }
      framing = found.framing;
    }
    const mistake = explainLength(framing, wire, typed);
    const frame = firstFrame(framing, wire, MAX_UNREAD);
    // Another text than the one typed is the client's affair: it may add a name, or answer.
    if (mistake === undefined && frame.type === "frame") return this.#take(framing, frame.used, frame.payload);
    return { kind: "wrong", wire, mistake, framing };
  }

  #take(framing: Framing, length: number, payload: Uint8Array): Received {
    const wire = this.#unread.slice(0, length);
    this.#unread = this.#unread.slice(length);
    return { kind: "whole", wire, text: textOf(payload), payload: payload.slice(), framing };
  }

  #hasAll(typed: string | undefined): boolean {
    return typed !== undefined && this.#unread.length > 0 && textOf(this.#unread).includes(typed);
  }

  async #pump(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let read = await this.#conn.read(buffer); read !== null; read = await this.#conn.read(buffer)) {
        this.#unread = concat(this.#unread, buffer.subarray(0, read));
        this.#notify();
        if (this.#unread.length > MAX_UNREAD) break;
      }
      this.#over = "end";
    } catch {
      this.#over = "reset";
    }
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Whether no more bytes can make a frame of these. */
function isBroken(framing: Framing, bytes: Uint8Array): boolean {
  const scanner = framing.scanner(MAX_UNREAD);
  scanner.scan(bytes, 0, bytes.length);
  return scanner.error !== undefined || scanner.frames > 0;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
