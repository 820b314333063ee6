/**
 * The dialogue that some servers begin with, over a connection.
 *
 * @module
 */
import { NetworkError, TimeoutError } from "../base/errors.ts";
import type { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import { LOGIN_PATIENCE } from "../base/limits.ts";
import type { ClientDialogue, DialogueResult } from "../protocol/client_dialogue.ts";
import { withImpression } from "../net/sniff.ts";
import { ReplyTimer } from "./reply_timer.ts";
import { withTimeout } from "../base/timeout.ts";

/** What {@linkcode runDialogue} needs beside the dialogue. */
interface LoginOptions {
  readonly framing: Framing;
  /** Longest wait for a reply, in ms; a server that makes a guesser wait gets {@linkcode LOGIN_PATIENCE} more. */
  readonly timeout: number;
}

/**
 * Talks until the dialogue is done; what follows on the connection is echoed.
 *
 * @throws What {@linkcode ClientDialogue.receive} throws.
 * @throws {NetworkError} `closed_by_peer`, when the server ends the connection without a word.
 * @throws {TimeoutError} when a reply does not come in time.
 */
export async function runDialogue(
  conn: FramedConn,
  dialogue: ClientDialogue,
  { framing, timeout }: LoginOptions,
): Promise<DialogueResult> {
  if (await withTimeout(conn.arrival(), timeout) === undefined) {
    throw new TimeoutError(`Cannot log in: the server says nothing within ${timeout} ms`, {
      details: { ms: timeout, action: "wait for the greeting of" },
    });
  }
  for (let isGreeting = true;; isGreeting = false) {
    // No penalty holds the greeting up.
    const replyTimer = new ReplyTimer(conn, isGreeting ? timeout : timeout + LOGIN_PATIENCE);
    replyTimer.start();
    const reply = await conn.receiveText().catch((error) => {
      throw withImpression(error, conn, framing);
    }).finally(() => replyTimer.stop());
    if (reply === null) {
      throw new NetworkError("closed_by_peer", "Connection closed by the server before the log-in", {
        details: { pending: 0 },
      });
    }
    const step = await dialogue.receive(framing.hasBoundaries ? reply : reply.replace(/\r?\n$/, ""));
    if (step.type === "done") return step.result;
    await conn.send(framing.hasBoundaries ? step.message : `${step.message}\n`);
  }
}
