/**
 * A client's connection, as a grader holds it: every byte is kept as it came, and every way to be rude is at hand.
 *
 * @module
 */
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { firstFrame } from "../../framing/first_frame.ts";
import { ActiveTimeout } from "../../base/active_timeout.ts";
import type { GraderConnection } from "../grading/grader_connection.ts";
import { detectFraming, explainLength, type LengthMistake } from "./detect.ts";
import { type Encoded, textIn } from "./encodings.ts";

/** Unread bytes at which a client is no longer listened to. */
const MAX_UNREAD = 1024 * 1024;

/** Silence after which a client has said what it had to say, in ms. Parts of a message that one program sends follow within less. */
const QUIET = 200;

/** What is in no form that is known is taken as it comes. */
const RAW = framingFrom("raw");

/** How a connection was left. */
export type Ending = "end" | "reset";

/** What came in answer. `wire` is all of it, `text` the payload as text. */
export type Received =
  | {
    readonly kind: "whole";
    readonly wire: Uint8Array;
    readonly text: string;
    /** What the text is written in, as far as what was typed tells. */
    readonly encoding: Encoded["encoding"];
    readonly payload: Uint8Array;
    readonly framing: Framing;
    /** What it should contain, where that is known. */
    readonly typed: string | undefined;
    /** Whether it is in a form that is not known: all that came. */
    readonly isForeign: boolean;
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
interface Expectation {
  /** Unknown before the first message. */
  readonly framing: Framing | undefined;
  /** What the message should contain, where the grader typed it. */
  readonly typed: string | undefined;
  /** Longest wait, in ms. */
  readonly wait: number;
}

/** A connection to the examined client: messages over a {@linkcode GraderConnection}. */
export class ClientConnection implements Disposable {
  readonly peer: GraderConnection;

  constructor(peer: GraderConnection) {
    this.peer = peer;
  }

  /** Writes the pieces one by one, `gap` ms apart at least, so that each is read by itself. */
  async sendPieces(pieces: readonly Uint8Array[], gap: number): Promise<void> {
    for (const piece of pieces) {
      await this.peer.isRead(gap);
      if (!await this.peer.send(piece, 1000)) return;
    }
  }

  /** The next message, or what came instead of it. Of a whole message the bytes are taken. */
  async receive({ framing, typed, wait }: Expectation): Promise<Received> {
    const { peer } = this;
    for (const end = new ActiveTimeout(wait);;) {
      const found = framing === undefined ? undefined : this.#whole(framing, typed);
      if (found !== undefined) return found;
      // Without a framing, and with bytes that do not fit, only the end of what comes tells more.
      const { length } = peer.waiting;
      const isOdd = length > 0 && (framing === undefined || this.#hasAll(typed) || isBroken(framing, peer.waiting));
      if (!peer.isOpen || length > MAX_UNREAD) return this.#rest(framing, typed);
      const more = peer.receive((bytes) => bytes.length > length, isOdd ? QUIET : wait);
      if (!await end.settles(more, isOdd ? QUIET : wait) || peer.waiting.length === length) {
        if (peer.isOpen) return this.#rest(framing, typed);
      }
    }
  }

  /** Resolves to true once the client has left, to false after `wait` ms. */
  async leaves(wait: number): Promise<boolean> {
    return await this.peer.ends(wait);
  }

  /** Returns every whole message as it comes, until the client leaves or is silent for `wait` ms. */
  async echo(framing: Framing, wait: number): Promise<void> {
    for (;;) {
      const message = await this.receive({ framing, typed: undefined, wait });
      if (message.kind !== "whole") return;
      if (!await this.peer.send(framing.encode(message.payload), wait)) return;
    }
  }

  [Symbol.dispose](): void {
    this.peer.close();
  }

  /** The message at the front, where it is whole and the one that was typed; of `raw`, everything. */
  #whole(framing: Framing, typed: string | undefined): Received | undefined {
    const bytes = this.peer.waiting;
    if (!framing.hasBoundaries) {
      return this.#hasAll(typed) || (typed === undefined && bytes.length > 0)
        ? this.#take({ framing, typed }, bytes.length, bytes)
        : undefined;
    }
    const frame = firstFrame(framing, bytes, MAX_UNREAD);
    if (frame.type !== "frame") return undefined;
    const isTyped = typed === undefined
      ? frame.used === bytes.length
      : textIn(frame.payload, typed).text.includes(typed);
    return isTyped ? this.#take({ framing, typed }, frame.used, frame.payload) : undefined;
  }

  /** What to make of the bytes after a silence or at the end. */
  #rest(framing: Framing | undefined, typed: string | undefined): Received {
    const wire = this.peer.waiting.slice();
    const { state } = this.peer;
    if (wire.length === 0) {
      return state === "open"
        ? { kind: "silence", wire }
        : { kind: "over", by: state === "reset" ? "reset" : "end", wire };
    }
    if (framing === undefined) {
      // Some clients send a text of their own, whatever is typed.
      const found = detectFraming(wire, typed) ?? detectFraming(wire);
      if (found === undefined && wire.length >= (typed?.length ?? 0)) {
        return { ...this.#take({ framing: RAW, typed }, wire.length, wire), isForeign: true };
      }
      if (found === undefined || found.mistake !== undefined) {
        return { kind: "wrong", wire, mistake: found?.mistake, framing: found?.framing };
      }
      framing = found.framing;
    }
    const mistake = explainLength(framing, wire, typed);
    const frame = firstFrame(framing, wire, MAX_UNREAD);
    // Another text than the one typed is the client's affair: it may add a name, or answer.
    if (mistake === undefined && frame.type === "frame") {
      return this.#take({ framing, typed }, frame.used, frame.payload);
    }
    return { kind: "wrong", wire, mistake, framing };
  }

  #take({ framing, typed }: Taken, length: number, payload: Uint8Array): Received & { kind: "whole" } {
    const message = { kind: "whole", ...textIn(payload, typed), payload: payload.slice(), framing, typed } as const;
    return { ...message, wire: this.peer.take(length), isForeign: false };
  }

  #hasAll(typed: string | undefined): boolean {
    return typed !== undefined && this.peer.waiting.length > 0 &&
      textIn(this.peer.waiting, typed).text.includes(typed);
  }
}

/** How a message is taken. */
interface Taken {
  readonly framing: Framing;
  readonly typed: string | undefined;
}

/** Whether no more bytes can make a frame of these. */
function isBroken(framing: Framing, bytes: Uint8Array): boolean {
  const scanner = framing.scanner(MAX_UNREAD);
  scanner.scan(bytes, 0, bytes.length);
  return scanner.error !== undefined || scanner.frames > 0;
}
