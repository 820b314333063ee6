/**
 * The examined server: where it is, how it frames and echoes, and how a client gets as far as an echo.
 *
 * @module
 */
import type { Framing } from "../../framing/framing.ts";
import { dial, type Target } from "../../net/dial.ts";
import { Channel } from "./channel.ts";
import { type EchoStyle, EXACT } from "./echo_style.ts";
import { Peer } from "../grading/peer.ts";
import { RelayedStream } from "./relay.ts";

/** Ways a client leaves. */
export type Leave = "leave-close" | "leave-half-close" | "leave-mid-frame" | "leave-reset";

/** The server does not serve a client that has done nothing yet. */
export class NotServed extends Error {
  override readonly name = "NotServed";
  /** `refused`: nothing listens any more. `silent`: it listens and does not answer. */
  readonly how: "refused" | "silent";
  /** How the last client left, where that is all that has happened since somebody was served. */
  readonly after: Leave | undefined;

  constructor(how: "refused" | "silent", after: Leave | undefined) {
    super(`Cannot examine the server: it is ${how}`);
    this.how = how;
    this.after = after;
  }
}

/** What an {@linkcode ServerUnderTest} is made from. */
export interface ServerUnderTestSpec {
  readonly target: Target;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** Longest wait for a reply of a server that is silent, in ms; more where the way is long. */
const PATIENCE = 1000;

/** Longest wait for a connection, in ms. */
const CONNECTING = 5000;

/** The server as the checks see it. */
export class ServerUnderTest {
  readonly signal: AbortSignal;
  target: Target;
  /** `undefined` until it is found out. */
  framing: Framing | undefined;
  style: EchoStyle = EXACT;
  /** What it says before it is spoken to. */
  greeting: Uint8Array = new Uint8Array(0);
  /** Whether what it says comes in frames of that framing. */
  isFramed = true;
  /** Whether it has said nothing at all. */
  isSilent = false;
  /** Whether it sends back what it gets, once a client is let in. */
  echoes = false;
  /** Whether it answers one message a connection. */
  answersOnce = false;
  /** Gets a new connection as far as the echo; `undefined` where there is nothing before it. */
  enter: ((channel: Channel) => Promise<boolean>) | undefined;
  /** What has been asked to find out the framing, so that a server that dies of a question is not asked it again. */
  readonly asked = new Set<string>();
  /** How the last client left, where nothing else went wrong since. */
  lastLeave: Leave | undefined;
  /** Ports our connections came from. */
  readonly ourPorts = new Set<number>();
  #roundTrip = 0;
  #session: Channel | undefined;

  constructor({ target, signal }: ServerUnderTestSpec) {
    this.target = target;
    this.signal = signal;
  }

  /** Longest wait for a reply, in ms. */
  get patience(): number {
    return PATIENCE + 4 * this.#roundTrip;
  }

  /** Time after which a reply that comes at once would have come, in ms. */
  get moment(): number {
    return 60 + 4 * this.#roundTrip;
  }

  /**
   * A bare connection.
   *
   * @throws {NotServed} when it is refused.
   */
  async connect(): Promise<Peer> {
    const before = performance.now();
    try {
      const peer = await connect(this.target, this.signal);
      this.#roundTrip = Math.max(this.#roundTrip, Math.min(250, performance.now() - before));
      if (peer.localPort !== undefined) this.ourPorts.add(peer.localPort);
      return peer;
    } catch {
      this.signal.throwIfAborted();
      throw new NotServed("refused", this.lastLeave);
    }
  }

  /**
   * A connection on which nothing was said but the server's greeting, and the dialogue if there is one.
   *
   * @throws {NotServed} when it is refused, or stays silent where it used to speak.
   */
  async open(): Promise<Channel> {
    return await this.#enter(await this.connect());
  }

  /**
   * The same, on a connection that is reset when it is closed; `undefined` where there is no way to.
   *
   * @throws {NotServed}
   */
  async openToReset(): Promise<Channel | undefined> {
    const { target, signal } = this;
    const stream = target.transport === "tcp" ? await RelayedStream.connect(target.host, target.port) : undefined;
    if (stream !== undefined) return await this.#enter(new Peer(stream, { signal }));
    // Refused, or no way to start another process: a connection of our own tells.
    (await this.connect()).close();
    return undefined;
  }

  async #enter(peer: Peer): Promise<Channel> {
    const channel = new Channel(this, peer);
    const isIn = this.enter !== undefined
      ? await this.enter(channel)
      : this.greeting.length === 0 || await channel.isGreeted();
    if (!isIn) throw await this.#unserved(channel);
    return channel;
  }

  /**
   * The connection of the check before, where that left it in order; otherwise a new one that was answered.
   *
   * @throws {NotServed}
   */
  async session(): Promise<Channel> {
    if (this.#session?.isInOrder && !this.answersOnce) return this.#session;
    this.#session?.close();
    const channel = await this.open();
    this.#session = channel;
    if (this.answersOnce || !this.echoes) return channel;
    if (!(await channel.ask("served?")).isEcho) throw await this.#unserved(channel);
    this.lastLeave = undefined;
    return channel;
  }

  /** Leaves the connection that {@linkcode session} keeps, as a client does that has got its answers. */
  leave(): void {
    const wasInOrder = this.#session?.isInOrder === true;
    this.#session?.close();
    this.#session = undefined;
    if (wasInOrder) this.lastLeave = "leave-close";
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
      if (this.echoes && this.answersOnce && !(await channel.ask("served?")).isEcho) {
        throw await this.#unserved(channel);
      }
      return undefined;
    } catch (error) {
      if (error instanceof NotServed) return error;
      throw error;
    }
  }

  /** Why the connection that {@linkcode session} keeps is not answered any more; `undefined` when it is. */
  async stillServes(): Promise<NotServed | undefined> {
    const channel = this.#session;
    if (channel === undefined || !this.echoes || this.answersOnce) return undefined;
    return (await channel.ask("still served?")).isEcho ? undefined : await this.#unserved(channel);
  }

  async #unserved(channel: Channel): Promise<NotServed> {
    channel.close();
    if (this.#session === channel) this.#session = undefined;
    // A program that is ending may have accepted still, or its system for it: then such a connection ends at once.
    for (let attempt = 1; attempt <= 3; attempt++) {
      try {
        using peer = await this.connect();
        if (!await peer.ends(this.moment)) break;
      } catch (error) {
        if (error instanceof NotServed) return error;
        throw error;
      }
    }
    return new NotServed("silent", this.lastLeave);
  }
}

/**
 * Connects.
 *
 * @throws What {@linkcode dial} throws, and `signal`'s reason.
 */
export async function connect(target: Target, signal: AbortSignal): Promise<Peer> {
  signal.throwIfAborted();
  const conn = await dial(target, { timeout: CONNECTING, signal });
  const { localAddr } = conn;
  return new Peer(conn, { signal, ..."port" in localAddr ? { localPort: localAddr.port } : {} });
}
