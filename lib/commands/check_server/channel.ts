/**
 * A connection of the grader with messages on it.
 *
 * @module
 */
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { concat } from "../../base/bytes.ts";
import { firstFrame } from "../../framing/first_frame.ts";
import { shown, textOf, utf8, wordsOf } from "./bytes.ts";
import { CHANGED, echoLength, type EchoStyle, isEchoOf } from "./echo_style.ts";
import type { GraderConnection } from "../grading/grader_connection.ts";
import { type Evidence, message } from "./messages.ts";

/** What came back for a message. */
export interface Answer {
  /** Whether it is the echo, whole and right. */
  readonly isEcho: boolean;
  /** `echo`; another frame; an unfinished one; what is no frame; nothing. */
  readonly type: "echo" | "other" | "incomplete" | "wrong" | "nothing";
  /** All that came, as it came. */
  readonly wire: Uint8Array;
  /** Of the first frame; empty where there is none. */
  readonly payload: Uint8Array;
  /** Whether the server ended the connection. */
  readonly ended: boolean;
  /** For the finding. */
  readonly received: Evidence;
}

/** What a channel has to know of the server, as far as that has been found out. */
interface ChannelSettings {
  readonly framing: Framing | undefined;
  readonly style: EchoStyle;
  /** Longest wait for a reply, in ms. */
  readonly patience: number;
  /** Time after which a reply that comes at once would have come, in ms. */
  readonly moment: number;
  /** Whether the server is at work, or would be if it had a processor, where that can be seen. */
  readonly isHeldUp?: (() => Promise<boolean>) | undefined;
  /** How often each text was all that was said until a pause. */
  readonly heard: Map<string, number>;
  /** What ends a line for it, as its own lines end. */
  readonly lineEnd: "\n" | "\r\n";
  /** Puts a message into what the server expects, where that is more than the message. */
  readonly wrap?: ((payload: Uint8Array) => Uint8Array) | undefined;
}

/** Longest text that is remembered, in UTF-16 units: a server may send without end. */
const MOST_REMEMBERED = 1000;

/** Times after which a text that was all is taken for all without a pause. */
const OFTEN = 2;

/** Frames that are taken for one saying at most: a server may send without end. */
const MOST_FRAMES = 20;

const LINE_FEED = utf8("\n");

/** Time for an answer that was on its way while the server was looked at, in ms. */
const ON_ITS_WAY = 200;

/** Messages over a {@linkcode GraderConnection}. */
export class Channel {
  readonly peer: GraderConnection;
  readonly #settings: ChannelSettings;
  #inOrder = true;

  constructor(settings: ChannelSettings, peer: GraderConnection) {
    this.#settings = settings;
    this.peer = peer;
  }

  /** The framing; `raw` while it is not known. */
  get framing(): Framing {
    return this.#settings.framing ?? framingFrom("raw");
  }

  /** Whether everything sent was answered, and nothing went wrong. */
  get isInOrder(): boolean {
    return this.#inOrder && this.peer.isOpen;
  }

  /** Sends a message and waits for its echo. */
  async ask(message: string | Uint8Array): Promise<Answer> {
    const payload = typeof message === "string" ? utf8(message) : message;
    return await this.exchange([this.frame(payload)], payload);
  }

  /** A message as it is sent for its echo. */
  frame(payload: Uint8Array): Uint8Array {
    return this.framing.encode(this.#settings.wrap?.(payload) ?? payload);
  }

  /**
   * Sends pieces, each in a segment of its own, and waits for the echo of `payload`.
   *
   * @param patience Longest silence, in ms.
   */
  async exchange(
    pieces: readonly Uint8Array[],
    payload: Uint8Array,
    patience: number = this.#settings.patience,
  ): Promise<Answer> {
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await this.#gap(pieces.length);
      if (!await this.peer.send(piece, patience)) break;
    }
    return await this.echoOf(payload, patience);
  }

  /** Waits for the echo of `payload`, and takes it. */
  async echoOf(payload: Uint8Array, patience: number = this.#settings.patience): Promise<Answer> {
    const { framing, peer } = this;
    const isRaw = !framing.hasBoundaries;
    const wanted = echoLength(payload, this.#settings.style);
    await this.#receive(
      (bytes) => isRaw ? bytes.length >= wanted : firstFrame(framing, bytes).type !== "incomplete",
      patience,
    );
    if (isRaw && this.#settings.style === CHANGED) await peer.receive(() => false, this.#settings.moment / 2);
    const wire = peer.waiting.slice();
    const first = firstFrame(framing, wire);
    const payloadOf = first.type === "frame" ? first.payload : new Uint8Array(0);
    const isEcho = first.type === "frame" && isEchoOf(payload, isRaw ? wire : first.payload, this.#settings.style);
    if (isEcho) peer.take(isRaw ? wire.length : first.used);
    else this.#inOrder = false;
    const type = isEcho
      ? "echo"
      : wire.length === 0
      ? "nothing"
      : first.type === "frame"
      ? isRaw && wire.length < wanted ? "incomplete" : "other"
      : first.type;
    return { isEcho, type, wire, payload: payloadOf, ended: !peer.isOpen, received: this.#told(wire, patience) };
  }

  /** Asks once more after something else had come: forgets that, and counts as in order where this is answered. */
  async isEchoAgain(message: string): Promise<boolean> {
    this.peer.take();
    this.#inOrder = true;
    return (await this.ask(message)).isEcho;
  }

  /** Waits for what the server says first, and takes it; false when it says nothing. */
  async isGreeted(): Promise<boolean> {
    const message = await this.hear();
    return message !== undefined;
  }

  /** The next message, whatever it is; `undefined` when none comes. Without boundaries: what comes until a pause. */
  async listen(patience: number = this.#settings.patience): Promise<string | undefined> {
    const bytes = await this.#message(patience);
    return bytes === undefined ? undefined : wordsOf(bytes);
  }

  /** What is said in a dialogue: among lines a question may be several, or have no end. */
  async hear(patience: number = this.#settings.patience): Promise<string | undefined> {
    const bytes = await this.hearBytes(patience);
    return bytes === undefined ? undefined : wordsOf(bytes);
  }

  /** The same, as it came; several frames one behind the other, as lines. */
  async hearBytes(patience: number): Promise<Uint8Array | undefined> {
    const { framing, peer } = this;
    if (/^(?:line|crlf)$/.test(framing.name)) return await this.#untilPause(patience);
    const first = await this.#message(patience);
    if (first === undefined || !framing.hasBoundaries) return first;
    const heard = [first];
    while (heard.length < MOST_FRAMES && !this.#isAll(textOf(heard.at(-1) ?? first))) {
      await peer.receive((bytes) => firstFrame(framing, bytes).type === "frame", this.#settings.moment / 2);
      const next = firstFrame(framing, peer.waiting);
      if (next.type !== "frame") break;
      peer.take(next.used);
      heard.push(next.payload);
    }
    const last = textOf(heard.at(-1) ?? first);
    // These were followed by more.
    for (const said of heard.slice(0, -1)) this.#settings.heard.set(`${textOf(said)}\n`, 0);
    this.#remember(last);
    return concat(...heard.flatMap((payload, at) => at === 0 ? [payload] : [LINE_FEED, payload]));
  }

  async #message(patience: number): Promise<Uint8Array | undefined> {
    const { framing, peer } = this;
    if (!framing.hasBoundaries) return await this.#untilPause(patience);
    await this.#receive((bytes) => firstFrame(framing, bytes).type !== "incomplete", patience);
    const first = firstFrame(framing, peer.waiting);
    if (first.type !== "frame") return undefined;
    peer.take(first.used);
    return first.payload;
  }

  /** What a line end behind the last message brings, where nothing else has come: a server that reads lines. */
  async hearLine(patience: number = this.#settings.patience): Promise<string | undefined> {
    const { peer } = this;
    if (this.framing.hasBoundaries || !peer.isOpen || !await peer.send(utf8(this.#settings.lineEnd), patience)) {
      return undefined;
    }
    const bytes = await this.#untilPause(patience);
    return bytes === undefined ? undefined : textOf(bytes);
  }

  /** What comes until a pause. */
  async #untilPause(patience: number): Promise<Uint8Array | undefined> {
    const { peer } = this;
    await this.#receive((bytes) => bytes.length > 0, patience);
    if (peer.waiting.length === 0) return undefined;
    // More of it may be on its way: a server that prints line by line.
    let length = 0;
    while (length < peer.waiting.length && !this.#isAll(textOf(peer.waiting))) {
      length = peer.waiting.length;
      await peer.receive((bytes) => bytes.length > length, this.#settings.moment / 2);
    }
    const bytes = peer.take();
    this.#remember(textOf(bytes));
    return bytes;
  }

  #remember(text: string): void {
    const { heard } = this.#settings;
    if (text.length <= MOST_REMEMBERED) heard.set(text, (heard.get(text) ?? 0) + 1);
  }

  /** Whether that was all each time it was said, and never the beginning of more. */
  #isAll(text: string): boolean {
    const { heard } = this.#settings;
    return (heard.get(text) ?? 0) >= OFTEN && ![...heard.keys()].some((one) => one !== text && one.startsWith(text));
  }

  /** Answers a question: without boundaries with a line end where the question had one. */
  async reply(message: string, question: string): Promise<boolean> {
    return await this.send(
      !this.framing.hasBoundaries && question.endsWith("\n") ? `${message}${this.#settings.lineEnd}` : message,
    );
  }

  /** Sends a message without waiting. */
  async send(message: string): Promise<boolean> {
    return await this.peer.send(this.framing.encode(utf8(message)), this.#settings.patience);
  }

  /** Something went wrong here: nobody goes on with this connection. */
  spoil(): void {
    this.#inOrder = false;
  }

  close(): void {
    this.peer.close();
  }

  /** The same; after the other side, where that closes first: who does so keeps the port for a minute (TIME_WAIT). */
  async left(isAfter: boolean): Promise<void> {
    if (isAfter) await this.peer.ends(this.#settings.patience);
    this.close();
  }

  /** Waits, and once more for a server that is busy. What others have of the processor is not its time: see the connection. */
  async #receive(isEnough: (bytes: Uint8Array) => boolean, patience: number): Promise<void> {
    const { peer } = this;
    const isOver = async (ms: number): Promise<boolean> =>
      isEnough(await peer.receive(isEnough, ms)) || !peer.isOpen || peer.isAwaited;
    const { isHeldUp } = this.#settings;
    if (await isOver(patience) || isHeldUp === undefined) return;
    if (await isHeldUp() && await isOver(patience)) return;
    await peer.receive(isEnough, ON_ITS_WAY);
  }

  #told(wire: Uint8Array, patience: number): Evidence {
    if (wire.length > 0) return this.peer.isOpen ? shown(wire) : message("ended_after", { bytes: shown(wire) });
    if (this.peer.state === "reset") return message("was_reset");
    return this.peer.isOpen ? message("nothing_within", { ms: Math.round(patience) }) : message("ended");
  }

  /** Long enough for what was sent to be read before the next piece comes; many pieces wait less each. */
  async #gap(pieces: number): Promise<void> {
    await this.peer.isRead(pieces > 6 ? 8 : 25);
  }
}
