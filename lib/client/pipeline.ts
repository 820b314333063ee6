/**
 * Many messages over one connection, without waiting for each echo before the next message, in bounded memory.
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { NetworkError, ProtocolError, UsageError } from "../base/errors.ts";
import type { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import { withImpression } from "../net/sniff.ts";
import { ReplyTimer } from "./reply_timer.ts";
import { type Echo, EchoMatcher } from "./echo_matcher.ts";

/** Pipe mode of the client: messages, and payload bytes, on their way at once. */
const PIPE_WINDOW = 2048;

/** Payload bytes the client lets be on their way at once in pipe mode; one larger message still travels alone. */
const PIPE_WINDOW_BYTES = 1024 * 1024;

/** How a {@linkcode pipeline} runs. */
interface PipelineOptions {
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
  options: PipelineOptions,
): AsyncGenerator<Echo, void> {
  for await (const echoes of pipelineBatches(conn, oneByOne(messages), options)) yield* echoes;
}

async function* oneByOne(
  messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<readonly Uint8Array[]> {
  for await (const message of messages) yield [message];
}

/** {@linkcode pipeline} for many messages at once: a write and a read carry as many of them as they can. */
export async function* pipelineBatches(
  conn: FramedConn,
  batches: AsyncIterable<readonly Uint8Array[]>,
  { framing, timeout }: PipelineOptions,
): AsyncGenerator<readonly Echo[], void> {
  const matcher = new EchoMatcher(framing);
  const replyTimer = new ReplyTimer(conn, timeout);
  const taken = new Turnstile();
  const sender = new Sender(conn, matcher, taken);
  const sending = sender.run(batches);
  let reading: Promise<Uint8Array[] | null> | undefined;
  try {
    for (;;) {
      // Without boundaries nothing comes for an empty message.
      const isNothing = !framing.hasBoundaries && matcher.pendingCount > 0 && matcher.pendingBytes === 0;
      if (!isNothing) reading ??= owned(conn.receiveAll());
      // A server that leaves is noticed at once, whatever the input does.
      if (matcher.pendingCount === 0) {
        const isDone = await Promise.race([sender.nothingLeft(), reading?.then(() => undefined)]);
        if (isDone === true) break;
        if (isDone === false) continue;
      }
      // Only the server's silence counts, not the time that input or consumer take.
      replyTimer.start();
      const payloads = isNothing ? [new Uint8Array(0)] : await reading ?? null;
      replyTimer.stop();
      if (!isNothing) reading = undefined;
      if (payloads === null) throw closedByPeer(matcher.pendingCount);
      const now = performance.now();
      const { echoes, unexpected } = framing.hasBoundaries
        ? matcher.feedAll(payloads, now)
        : matcher.feed(concat(...payloads), now);
      if (echoes.length > 0) {
        taken.pass();
        yield echoes;
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

/** A promise whose failure is told to whoever awaits it, if anybody does. */
function owned<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {/* told there */});
  return promise;
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
  async run(batches: AsyncIterable<readonly Uint8Array[]>): Promise<void> {
    try {
      for await (const batch of batches) {
        for (let at = 0; at < batch.length && !this.#stopped;) {
          const fits = this.#room(batch, at);
          if (fits === 0) await this.#taken.wait();
          else await this.#send(batch.slice(at, at += fits));
        }
        if (this.#stopped) return;
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

  async #send(messages: readonly Uint8Array[]): Promise<void> {
    const now = performance.now();
    this.#matcher.expectAll(messages, now);
    this.#moved.pass();
    try {
      if (messages.length === 1) await this.#conn.send(messages[0] ?? new Uint8Array(0));
      else await this.#conn.sendAll(messages);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (messages.length > 1) {
        // One of them cannot be sent, and none was: those before it go.
        for (const _ of messages) this.#matcher.withdraw();
        for (const message of messages) await this.#send([message]);
      }
      // It never left: the echoes of those before it are still to come. Where there are none, nothing else would come.
      this.#matcher.withdraw();
      if (this.#matcher.pendingCount === 0) this.#conn.close(error);
      throw error;
    }
  }

  /** How many messages of the batch have room in the window. */
  #room(batch: readonly Uint8Array[], from: number): number {
    const { pendingCount } = this.#matcher;
    let { pendingBytes } = this.#matcher;
    let count = 0;
    for (; from + count < batch.length && pendingCount + count < PIPE_WINDOW; count++) {
      pendingBytes += batch[from + count]?.length ?? 0;
      if (pendingBytes > PIPE_WINDOW_BYTES && pendingCount + count > 0) break;
    }
    return count;
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

/** The server left while `pending` messages had no answer. */
export function closedByPeer(pending: number): NetworkError {
  const missing = pending === 1 ? "1 message has" : `${pending} messages have`;
  return new NetworkError("closed_by_peer", `Connection closed by the server: ${missing} no answer`, {
    details: { pending },
  });
}

/** So many bytes came that answer no message. */
export function unexpectedData(bytes: number): ProtocolError {
  return new ProtocolError("bad_reply", `Cannot match ${bytes} bytes from the server to a message`, {
    details: { bytes },
  });
}
