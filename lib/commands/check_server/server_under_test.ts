/**
 * The examined server: where it is, how it frames and echoes, and how a client gets as far as an echo.
 *
 * @module
 */
import { type Framing, framingFrom } from "../../framing/framing.ts";
import { EchoError } from "../../base/errors.ts";
import type { Target } from "../../net/dial.ts";
import { Channel } from "./channel.ts";
import { looksLike } from "../../net/sniff.ts";
import { CHANGED, type EchoStyle, EXACT, isMadeOf, isSameStyle, packedAs, styleOf } from "./echo_style.ts";
import { GraderConnection } from "../grading/grader_connection.ts";
import { connect, CONNECTING } from "./connect.ts";
import { RelayedStream } from "./relay.ts";
import { delay } from "../../base/delay.ts";
import { HAS_PROC } from "../grading/processes.ts";
import { type Leave, NotServed } from "./not_served.ts";
import type { ServerUnderTestSpec } from "./server_spec.ts";

/** Longest wait for a reply of a server that is silent, in ms; more where the way is long. */
const PATIENCE = 1000;

/** What takes longer for an answer, in ms, does so on purpose. */
const SLOW = 400;

/** Longest wait for a connection in a process of its own, which has to start first, in ms. */
const RELAYING = 6000;

/** Longest header there is, in bytes. */
const WIDEST_HEADER = 64;

/** Messages whose echoes show how a server echoes: what is constant in the replies is not the message. */
export const WORDS = ["Qwerty 1", "Zxcvbn 22"] as const;

/** Who the grader is where a name is taken that was not asked for. */
const NAME = "Checker";

/** What a server says to what is no JSON, in JSON. */
const COMPLAINT = /err|bad|invalid|json|unknown|not |ошиб|невер|формат/i;

/** The server as the checks see it. */
export class ServerUnderTest implements Disposable {
  readonly signal: AbortSignal;
  target: Target;
  /** `undefined` until it is found out. */
  framing: Framing | undefined;
  style: EchoStyle = EXACT;
  /** What its replies are packed into. */
  packedAs: "JSON" | "pickle" | undefined;
  /** What it says before it is spoken to. */
  greeting: Uint8Array = new Uint8Array(0);
  /** Whether the framing is the user's word. */
  isGiven = false;
  /** Whether what it says comes in frames of that framing. */
  isFramed = true;
  /** Whether it has said nothing at all. */
  isSilent = false;
  /** What it answers a message with where that is no echo. */
  wrongReply: string | undefined;
  /** Whether it sends back what it gets, once a client is let in. */
  echoes = false;
  /** Whether it answers one message a connection. */
  answersOnce = false;
  /** Whether the first message of a connection is taken for a name. */
  takesName = false;
  /** The header that it takes to count its own bytes, too, where it answers that alone. */
  countsItself: string | undefined;
  /** What it expects instead of messages that the grader knows. */
  foreign: "skip_length_line" | "skip_length_colon" | "skip_wants_json" | "skip_unknown_header" | undefined;
  /** Puts a message into what it expects, where that is more than the message. */
  wrap: ((payload: Uint8Array) => Uint8Array) | undefined;
  /** The width of the header that it was seen to wait for, in bytes. */
  headerWidth: number | undefined;
  /** What it printed before it was started anew. */
  lastWords = "";
  /** Whether it was spoken to in objects. */
  hasBeenPacked = false;
  /** Whether it ended connections on which a message in another framing had come. */
  hangsUp = false;
  /** How long it took for an answer in a long conversation, and for getting as far as that, in ms. */
  pace = 0;
  entry = 0;
  /** Whether each reply holds all the messages before. */
  accumulates = false;
  /** Gets a new connection as far as the echo; `undefined` where there is nothing before it. */
  enter: ((channel: Channel) => Promise<boolean>) | undefined;
  /** What has been asked to find out the framing, so that a server that dies of a question is not asked it again. */
  readonly asked = new Set<string>();
  /** Whether each silence so far was seen to be for good. */
  isSilenceSure = true;
  /** What it answered to questions that it is asked once. */
  readonly replies = new Map<string, string>();
  /** How the last client left, where nothing else went wrong since. */
  lastLeave: Leave | undefined;
  /** Whether it was seen to wait for its keyboard alone where an answer was due. */
  awaitsKeyboard = false;
  /** Whether it was at work before anybody had come. */
  isBusyAlone = false;
  /** Connections since it was started. */
  connections = 0;
  /** An answer to a message in that framing which brings the message back, and is not framed so. */
  oddReply: { readonly framing: Framing; readonly text: string } | undefined;
  /** Whether it was seen to be at work for nothing: that it is says nothing any more. */
  isSpinning = false;
  /** Whether nobody was served while it was. */
  isStuckSpinning = false;
  /** What it said until a pause, and how often. */
  readonly heard = new Map<string, number>();
  /** Ports our connections came from. */
  readonly ourPorts = new Set<number>();
  /** All connections that were made: what a check broke off on may be open still. */
  readonly #peers = new Set<GraderConnection>();
  #roundTrip = 0;
  #pending: GraderConnection | undefined;
  #session: Channel | undefined;
  /** Whether the first message of a connection has been answered before. */
  #hasServed = false;
  readonly #spec: ServerUnderTestSpec;
  /** How long it sleeps between two looks at its clients, in ms. */
  readonly #turn: number;

  constructor(spec: ServerUnderTestSpec) {
    this.#spec = spec;
    this.target = spec.target;
    this.signal = spec.signal;
    this.pace = this.#turn = spec.pauses?.turn ?? 0;
  }

  /** What is known of it, with connections of its own; its process, which is at something else as well, is not looked at. */
  forked(): ServerUnderTest {
    const { target, signal } = this;
    return Object.assign(new ServerUnderTest({ target, signal }), this, { connections: 0 });
  }

  /** Whether it is at work, or would be if it had a processor, where that tells that an answer may come. */
  get isHeldUp(): ServerUnderTestSpec["isHeldUp"] {
    return this.isSpinning ? undefined : this.#spec.isHeldUp;
  }

  /** Longest wait for a reply, in ms. */
  get patience(): number {
    return Math.max(PATIENCE, 2 * this.pace, 4 * this.#turn) + 4 * this.#roundTrip;
  }

  /** Whether it takes its time for each answer; and for each client before that. */
  get isSlow(): boolean {
    return this.pace > SLOW;
  }

  get isSlowToEnter(): boolean {
    return this.entry > SLOW;
  }

  /** Time after which a reply that comes at once would have come, in ms. */
  get moment(): number {
    return Math.max(60, 2 * this.#turn) + 4 * this.#roundTrip;
  }

  /**
   * A bare connection.
   *
   * @param isAtOnce Whether the end of the connection before is not waited for: that the server survives it is known.
   * @throws {NotServed} when it is refused.
   */
  async connect({ isAtOnce = false, timeout = CONNECTING } = {}): Promise<GraderConnection> {
    if (!isAtOnce) await this.#survives();
    const before = performance.now();
    try {
      const peer = await connect(this.target, { ...this.#spec, timeout });
      this.#roundTrip = Math.max(this.#roundTrip, Math.min(250, performance.now() - before));
      this.connections++;
      if (peer.port !== undefined) this.ourPorts.add(peer.port);
      this.#peers.add(peer);
      return peer;
    } catch (error) {
      this.signal.throwIfAborted();
      // A queue that is full lets connections wait: somebody listens there.
      const isRefused = error instanceof EchoError && error.code === "refused";
      throw new NotServed(isRefused ? "refused" : "silent", this.lastLeave);
    }
  }

  /**
   * A connection on which nothing was said but the server's greeting, and the dialogue if there is one.
   *
   * @throws {NotServed} when it is refused, or stays silent where it used to speak.
   */
  async open(options?: { readonly isAtOnce?: boolean }): Promise<Channel> {
    const peer = this.#pending ?? await this.connect(options);
    this.#pending = undefined;
    return await this.#enter(peer);
  }

  /** Who comes while the server dies of the one before is accepted by its system, or refused: neither says what it died of. */
  async #survives(): Promise<void> {
    const hasLeft = [...this.#peers].filter(({ isClosed }) => isClosed);
    for (const peer of hasLeft) this.#peers.delete(peer);
    if (hasLeft.length === 0) return;
    if (await this.#spec.endsSoon?.()) throw new NotServed("refused", this.lastLeave);
    if (this.isStuckSpinning && await this.#spec.spins?.()) throw new NotServed("silent", this.lastLeave);
  }

  /** Keeps a connection on which nothing was said and the greeting is unread: {@linkcode open} goes on with it. */
  keepUnused(peer: GraderConnection): void {
    this.#pending = peer;
  }

  /** Learns from the replies to {@linkcode WORDS} whether, and how, it echoes. */
  learn(replies: readonly string[]): void {
    const [first = "", second = ""] = replies;
    this.packedAs = packedAs(first);
    const looks = looksLike(new TextEncoder().encode(first));
    const [one, two] = WORDS.map((word, at) => styleOf(word, replies[at] ?? ""));
    this.accumulates = one !== undefined && two !== undefined && !isSameStyle(one, two) &&
      second.indexOf(WORDS[0]) >= 0 && second.indexOf(WORDS[0]) < second.indexOf(WORDS[1]);
    const isSame = one !== undefined && two !== undefined && isSameStyle(one, two);
    const isChanged = first !== second && WORDS.every((word, at) => isMadeOf(word, replies[at] ?? ""));
    this.echoes = (isSame || this.accumulates || isChanged) && (looks === null || looks === "text");
    this.wrongReply = this.echoes ? undefined : first;
    if (!this.echoes && this.packedAs === "JSON" && COMPLAINT.test(first)) this.foreign = "skip_wants_json";
    if (one === undefined || !isSame && !this.accumulates) this.style = isChanged ? CHANGED : EXACT;
    // Before the first answer of a connection there is nothing to accumulate: the prefix is messages of before.
    else if (this.accumulates) this.style = isSameStyle({ ...one, prefix: "" }, EXACT) ? EXACT : { ...one, prefix: "" };
    else this.style = isSameStyle(one, EXACT) ? EXACT : one;
  }

  /** Whether what has been sent to it waits for its operator. */
  async isLeftToOperator(): Promise<boolean> {
    return this.awaitsKeyboard = await this.#spec.readsKeyboard?.() ?? false;
  }

  /** Looks for the width of the header that it waits for. */
  async seesHeader(): Promise<void> {
    this.headerWidth ??= await this.#spec.wants?.(WIDEST_HEADER);
  }

  /** What it has printed, also before it was started anew. */
  get words(): string {
    return this.lastWords + (this.#spec.prints?.() ?? "");
  }

  /** What ends a line for it, as its own lines end. */
  get lineEnd(): "\n" | "\r\n" {
    return this.greeting.at(-2) === 0x0d ? "\r\n" : "\n";
  }

  /** Takes it for one that reads lines. */
  readsLines(): void {
    this.framing = framingFrom(this.lineEnd === "\n" ? "line" : "crlf");
  }

  /** Waits until it has done what there is to do, where that can be seen; else `ms`. */
  async settles(ms: number): Promise<void> {
    if (!await this.#spec.isAtRest?.("any")) await delay(ms);
  }

  /** Whether each check needs a connection of its own. */
  get isFreshEach(): boolean {
    return this.answersOnce || this.accumulates;
  }
  /**
   * The same, on a connection that is reset when it is closed; `undefined` where there is no way to.
   *
   * @throws {NotServed}
   */
  async openToReset(): Promise<Channel | undefined> {
    const { target, signal } = this;
    if (HAS_PROC) return await this.#enter(await this.connect());
    await this.#survives();
    const stream = target.transport === "tcp"
      ? await RelayedStream.connect(target.host, target.port, { ms: RELAYING })
      : undefined;
    if (stream !== undefined) {
      const peer = new GraderConnection(stream, { signal });
      this.#peers.add(peer);
      return await this.#enter(peer);
    }
    // Refused, or no way to start another process: a connection of our own tells.
    (await this.connect()).close();
    return undefined;
  }

  async #enter(peer: GraderConnection): Promise<Channel> {
    const channel = new Channel(this, peer);
    const begun = performance.now();
    const isIn = this.enter !== undefined
      ? await this.enter(channel)
      : this.greeting.length === 0 || await channel.isGreeted();
    this.entry = performance.now() - begun;
    if (!isIn) throw await this.#unserved(channel);
    return channel;
  }

  /**
   * The connection of the check before, where that left it in order; otherwise a new one that was answered, where that does
   * not take long.
   *
   * @throws {NotServed}
   */
  async session(): Promise<Channel> {
    if (this.#session?.isInOrder && !this.isFreshEach) return this.#session;
    // Of a program that is dying the connection is reset, which takes its end.
    if (this.#session?.peer.isOpen === false) await this.#spec.endsSoon?.();
    await this.#session?.left(this.answersOnce);
    const channel = await this.open();
    this.#session = channel;
    if (this.isFreshEach || this.isSlow || !this.echoes) return channel;
    if (!(await channel.ask("served?")).isEcho && !await this.#hasTakenName(channel)) {
      throw await this.#unserved(channel);
    }
    this.lastLeave = undefined;
    this.#hasServed = true;
    return channel;
  }

  /** Whether the second message of a connection is answered where the first was not. */
  async #hasTakenName(channel: Channel): Promise<boolean> {
    if (this.enter !== undefined || this.#hasServed || !channel.peer.isOpen || channel.peer.isUnread) return false;
    if (!await channel.isEchoAgain("served again?")) return false;
    this.saysName();
    return true;
  }

  /** From now on the first message of each connection is a name, whatever is said to that. */
  saysName(): void {
    this.takesName = true;
    this.enter = async (next) => {
      if (this.greeting.length > 0 && !await next.isGreeted()) return false;
      await next.send(NAME);
      await next.listen(4 * this.moment);
      return next.peer.isOpen;
    };
  }

  /** Leaves the connection that {@linkcode session} keeps, as a client does that has got its answers. */
  leave(): void {
    const wasInOrder = this.#session?.isInOrder === true;
    this.#session?.close();
    this.#session = undefined;
    if (wasInOrder) this.lastLeave = "leave-close";
  }

  /** Closes every connection. */
  end(): void {
    this.leave();
    this.#pending = undefined;
    for (const peer of this.#peers) peer.close();
    this.#peers.clear();
  }

  [Symbol.dispose](): void {
    this.end();
  }

  /** Makes `channel` the one that {@linkcode session} goes on with. */
  keep(channel: Channel): void {
    if (this.#session !== channel) this.#session?.close();
    this.#session = channel;
  }

  /** Why a new client is not served; `undefined` when it is, and its connection is kept. */
  async refusal(): Promise<NotServed | undefined> {
    this.leave();
    try {
      const channel = await this.session();
      if (this.echoes && (this.isFreshEach || this.isSlow) && !(await channel.ask("served?")).isEcho) {
        throw await this.#unserved(channel);
      }
      this.lastLeave = undefined;
      return undefined;
    } catch (error) {
      if (error instanceof NotServed) return error;
      throw error;
    }
  }

  /** Why the connection that {@linkcode session} keeps is not answered any more; `undefined` when it is. */
  async stillServes(): Promise<NotServed | undefined> {
    const channel = this.#session;
    if (channel === undefined || !this.echoes || this.isFreshEach) return undefined;
    return (await channel.ask("still served?")).isEcho ? undefined : await this.#unserved(channel);
  }

  async #unserved(channel: Channel): Promise<NotServed> {
    channel.close();
    if (this.#session === channel) this.#session = undefined;
    // A program that is ending may have accepted still, or its system for it: then such a connection ends at once.
    for (let attempt = 1; attempt <= 3; attempt++) {
      try {
        // Who refuses does so at once; of a full queue no more can be learned.
        using peer = await this.connect({ timeout: this.patience / 4 });
        if (!await peer.ends(this.moment)) break;
      } catch (error) {
        if (error instanceof NotServed) return error;
        throw error;
      }
    }
    return new NotServed("silent", this.lastLeave);
  }
}
