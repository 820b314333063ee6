/**
 * A conversation with a server that outlives its connection: what is lost is told, tried again, and sent again.
 *
 * @module
 */
import { NetworkError, ProtocolError, TimeoutError, UsageError } from "../base/errors.ts";
import type { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import { delay } from "../base/delay.ts";
import { withImpression } from "../net/sniff.ts";
import { ReplyTimer } from "./reply_timer.ts";
import { closedByPeer } from "./pipeline.ts";
import { type Echo, EchoMatcher } from "./echo_matcher.ts";

/** First and longest wait between two attempts to reconnect, in ms; each is twice the one before. */
const RECONNECT_DELAY: readonly [number, number] = [250, 30_000];

/** What a conversation tells while it goes on. */
export type ConversationEvent =
  | { readonly type: "echo"; readonly echo: Echo }
  | { readonly type: "unexpected"; readonly payload: Uint8Array }
  | { readonly type: "lost"; readonly error: Error }
  | { readonly type: "retry"; readonly attempt: number; readonly delayMs: number }
  | { readonly type: "reconnected"; readonly resent: number };

/** What a {@linkcode Conversation} needs. */
export interface ConversationOptions {
  /** Opens a connection on which echoes can begin; called again after a loss. */
  readonly connect: () => Promise<FramedConn>;
  /** The framing of the connections. */
  readonly framing: Framing;
  /** Longest wait for an echo, in ms. */
  readonly timeout: number;
  /** Whether a lost connection is opened again, with growing pauses. */
  readonly reconnect: boolean;
  /** Told what happens. */
  readonly onEvent: (event: ConversationEvent) => void;
}

/** Message after message, each answered by its echo before the next is sent. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #matcher: EchoMatcher;
  readonly #ended = new AbortController();
  #conn: FramedConn;
  #replyTimer: ReplyTimer;
  #answered = Promise.withResolvers<void>();
  #count = 0;
  /** Attempts to reconnect since the last echo: a server that takes a message and leaves is not asked four times a second. */
  #attempts = 0;

  /** Connects, and begins to listen. */
  static async open(options: ConversationOptions): Promise<Conversation> {
    return new Conversation(await options.connect(), options);
  }

  private constructor(conn: FramedConn, options: ConversationOptions) {
    this.#options = options;
    this.#matcher = new EchoMatcher(options.framing);
    this.#conn = conn;
    this.#replyTimer = new ReplyTimer(conn, options.timeout);
    this.finished = this.#run();
    this.finished.catch(() => {/* whoever awaits it, or the next say(), is told */});
  }

  /** Resolves after {@linkcode Conversation.close}; rejects with what ended the conversation otherwise. */
  readonly finished: Promise<void>;

  /** Echoes so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Sends a message; resolves when its echo is there, however many connections that takes.
   *
   * @throws {UsageError} `payload_not_encodable`
   * @throws What ends the conversation: with `reconnect` off, the loss of the connection.
   */
  async say(message: Uint8Array): Promise<void> {
    this.#options.framing.encode(message);
    this.#answered = Promise.withResolvers();
    this.#matcher.expect(message, performance.now());
    if (message.length === 0 && !this.#options.framing.hasBoundaries) this.#take(message);
    else await this.#send(message);
    await Promise.race([this.#answered.promise, this.finished]);
  }

  /** Ends the conversation. */
  close(): void {
    this.#ended.abort();
    this.#replyTimer.stop();
    this.#conn.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      const error = await this.#listen();
      if (this.#ended.signal.aborted) return;
      this.#replyTimer.stop();
      this.#conn.close();
      if (!this.#options.reconnect || !isLoss(error)) throw error;
      this.#options.onEvent({ type: "lost", error });
      await this.#reconnect();
      if (this.#ended.signal.aborted) return;
    }
  }

  /** Takes what comes until the connection ends; resolves to why it did. */
  async #listen(): Promise<unknown> {
    try {
      for await (const payload of this.#conn) this.#take(payload);
      return withImpression(closedByPeer(this.#matcher.pendingCount), this.#conn, this.#options.framing);
    } catch (error) {
      return withImpression(error, this.#conn, this.#options.framing);
    }
  }

  #take(payload: Uint8Array): void {
    const { echoes, unexpected } = this.#matcher.feed(payload, performance.now());
    for (const echo of echoes) {
      this.#count++;
      this.#attempts = 0;
      this.#replyTimer.stop();
      this.#options.onEvent({ type: "echo", echo });
      this.#answered.resolve();
    }
    if (unexpected.length > 0) this.#options.onEvent({ type: "unexpected", payload: unexpected });
  }

  async #send(message: Uint8Array): Promise<void> {
    this.#replyTimer.start();
    try {
      await this.#conn.send(message);
    } catch (error) {
      // A connection that cannot be written to ends for the reader as well, who opens the next one and sends again.
      if (error instanceof UsageError && error.code !== "closed") throw error;
    }
  }

  async #reconnect(): Promise<void> {
    const [shortest, longest] = RECONNECT_DELAY;
    for (;;) {
      const attempt = ++this.#attempts;
      const delayMs = Math.min(shortest * 2 ** (attempt - 1), longest);
      this.#options.onEvent({ type: "retry", attempt, delayMs });
      await delay(delayMs, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      try {
        this.#conn = await this.#options.connect();
      } catch (error) {
        if (error instanceof NetworkError || error instanceof TimeoutError) continue;
        throw error;
      }
      if (this.#ended.signal.aborted) return this.#conn.close();
      this.#replyTimer = new ReplyTimer(this.#conn, this.#options.timeout);
      this.#matcher.restart(performance.now());
      this.#options.onEvent({ type: "reconnected", resent: this.#matcher.pendingCount });
      for (const message of this.#matcher.pending) await this.#send(message);
      return;
    }
  }
}

/** Whether the connection is gone without the server having said anything wrong. */
function isLoss(error: unknown): error is Error {
  return error instanceof NetworkError || (error instanceof ProtocolError && error.code === "truncated_frame");
}
