/**
 * Clients that are not let in. In a siege they are most of what comes, so little is done for each.
 *
 * @module
 */
import { MAX_DIALOGUE_FRAME } from "../base/limits.ts";
import { utf8 } from "../base/bytes.ts";
import type { Framing } from "../framing/framing.ts";
import type { Socket } from "../net/wire.ts";
import { formatReply } from "../protocol/replies.ts";
import { replyText } from "../protocol/reply_texts.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Denial } from "./connection_limiter.ts";
import type { ServiceLog } from "./log.ts";
import type { Peer } from "./peer.ts";

/** Lines for refused connections in a second; more are told as a number. A line is a third of what a refusal costs. */
const MOST_LINES = 50;

/** How to turn clients away. */
export interface RefusalOptions {
  readonly log: ServiceLog;
  readonly framing: Framing;
  readonly authenticator?: Authenticator;
}

/** Turns connections away, with a word where the mode has words. */
export class Refusals {
  readonly #log: ServiceLog;
  readonly #word: Uint8Array | undefined;
  #lines = 0;
  /** By limit: how many there were without a line, and who was the last. */
  readonly #untold = new Map<Denial, { readonly count: number; readonly peer: string }>();
  #since = -Infinity;

  constructor({ log, framing, authenticator }: RefusalOptions) {
    this.#log = log;
    if (authenticator === undefined) return;
    const reply = formatReply(
      421,
      replyText("too_many_connections", authenticator.language, { max: MAX_DIALOGUE_FRAME }),
    );
    this.#word = framing.hasBoundaries ? framing.encode(utf8(reply)) : utf8(`${reply}\n`);
  }

  refuse(conn: Socket, peer: Peer, denial: Denial): void {
    this.tell(performance.now());
    if (++this.#lines <= MOST_LINES) this.#log.warn("refuse", { peer: peer.text, limit: denial });
    else this.#untold.set(denial, { count: (this.#untold.get(denial)?.count ?? 0) + 1, peer: peer.text });
    if (peer.isTls || this.#word === undefined) return conn.close();
    void conn.write(this.#word).catch(() => {/* it is gone already */}).finally(() => conn.close());
  }

  /** Tells how many had no line of their own. @param now From `performance.now()`; the end of a second, or of all. */
  tell(now: number = Infinity): void {
    if (now - this.#since < 1000) return;
    this.#since = now;
    this.#lines = 0;
    for (const [limit, { count, peer }] of this.#untold) this.#log.warn("refuse_more", { peer, limit, count });
    this.#untold.clear();
  }
}
