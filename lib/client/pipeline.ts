/**
 * Many messages over one connection, without waiting for each echo before the next message, in bounded memory.
 *
 * @module
 */
import { NetworkError, ProtocolError, UsageError } from "../base/errors.ts";
import type { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import { withImpression } from "../net/sniff.ts";
import { ReplyTimer } from "./reply_timer.ts";
import { type Echo, EchoMatcher } from "./echo_matcher.ts";

/** Pipe mode of the client: messages, and payload bytes, on their way at once. */
const PIPE_WINDOW = 256;

/** Payload bytes the client lets be on their way at once in pipe mode; one larger message still travels alone. */
const PIPE_WINDOW_BYTES = 1024 * 1024;

/** How a {@linkcode pipeline} runs. */
export interface PipelineOptions {
  readonly framing: Framing;
  /** Longest silence while an echo is missing, in ms. */
  readonly timeout: number;
}

/**
 * Sends `messages` and yields their echoes in order, as the consumer takes them: at most {@linkcode PIPE_WINDOW}
 * messages and {@linkcode PIPE_WINDOW_BYTES} bytes are on their way. Closes the connection at the end.
 *
 * @throws {NetworkError} `closed_by_peer`, `reset`, when the connection ends before the last echo.
 * @throws {TimeoutError} when no echo comes in time.
 * @throws {ProtocolError} `bad_reply`, when something comes that answers no message.
 */
export async function* pipeline(
  conn: FramedConn,
  messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { framing, timeout }: PipelineOptions,
): AsyncGenerator<Echo, void> {
  const matcher = new EchoMatcher(framing);
  const replyTimer = new ReplyTimer(conn, timeout);
  const taken = new Turnstile();
  const sender = new Sender(conn, matcher, taken);
  const sending = sender.run(messages);
  try {
    for (;;) {
      if (matcher.pendingCount === 0 && await sender.nothingLeft()) break;
      // Only the server's silence counts, not the time that input or consumer take.
      replyTimer.start();
      const payload = framing.hasBoundaries || matcher.pendingBytes > 0 ? await conn.receive() : new Uint8Array(0);
      replyTimer.stop();
      if (payload === null) throw closedByPeer(matcher.pendingCount);
      const { echoes, unexpected } = matcher.feed(payload, performance.now());
      for (const echo of echoes) {
        taken.pass();
        yield echo;
      }
      if (unexpected.length > 0) throw unexpectedData(unexpected.length);
    }
    await sending;
  } catch (error) {
    throw withImpression(error, conn, framing);
  } finally {
    replyTimer.stop();
    sender.stop();
    conn.close();
  }
}

/** Sends message after message as long as the window has room. */
class Sender {
  readonly #conn: FramedConn;
  readonly #matcher: EchoMatcher;
  readonly #taken: Turnstile;
  readonly #moved = new Turnstile();
  #ended = false;
  #stopped = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(conn: FramedConn, matcher: EchoMatcher, taken: Turnstile) {
    this.#conn = conn;
    this.#matcher = matcher;
    this.#taken = taken;
  }

  /** Never rejects; a failure is told by {@linkcode Sender.nothingLeft}. */
  async run(messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    try {
      for await (const message of messages) {
        while (!this.#stopped && !this.#hasRoom(message)) await this.#taken.wait();
        if (this.#stopped) return;
        this.#matcher.expect(message, performance.now());
        this.#moved.pass();
        await this.#send(message);
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#ended = true;
      this.#moved.pass();
    }
  }

  /** Waits until a message is on its way (false) or all have been sent (true). */
  async nothingLeft(): Promise<boolean> {
    while (this.#matcher.pendingCount === 0 && !this.#ended) await this.#moved.wait();
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#matcher.pendingCount === 0;
  }

  stop(): void {
    this.#stopped = true;
    this.#taken.pass();
  }

  async #send(message: Uint8Array): Promise<void> {
    try {
      await this.#conn.send(message);
    } catch (error) {
      // It never left: the echoes of those before it are still to come. Where there are none, nothing else would come.
      if (error instanceof UsageError) {
        this.#matcher.withdraw();
        if (this.#matcher.pendingCount === 0) this.#conn.close(error);
      }
      throw error;
    }
  }

  #hasRoom(message: Uint8Array): boolean {
    const { pendingCount, pendingBytes } = this.#matcher;
    return pendingCount === 0 ||
      (pendingCount < PIPE_WINDOW && pendingBytes + message.length <= PIPE_WINDOW_BYTES);
  }
}

/** Lets the one who waits go on when somebody passes. */
class Turnstile {
  #waiting = Promise.withResolvers<void>();

  wait(): Promise<void> {
    return this.#waiting.promise;
  }

  pass(): void {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers();
  }
}

/** The connection ended before so many messages had an echo. */
export function closedByPeer(pending: number): NetworkError {
  return new NetworkError("closed_by_peer", `Connection closed by the server: ${pending} messages have no answer`, {
    details: { pending },
  });
}

/** So many bytes came that answer no message. */
export function unexpectedData(bytes: number): ProtocolError {
  return new ProtocolError("bad_reply", `Cannot match ${bytes} bytes from the server to a message`, {
    details: { bytes },
  });
}
