/**
 * Carries a dialogue out over a connection: its replies are sent, its log lines written, its waits waited.
 *
 * @module
 */
import { ProtocolError } from "../base/errors.ts";
import type { FramedConn } from "../framed_conn.ts";
import type { Framing } from "../framing/framing.ts";
import { MAX_DIALOGUE_FRAME } from "../base/limits.ts";
import { formatReply, type ReplyCode } from "../protocol/replies.ts";
import { replyText, type ReplyTextKey } from "../protocol/reply_texts.ts";
import type { DialogueEvent, Effect, Identity } from "../protocol/server_dialogue.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Peer } from "./peer.ts";
import type { LogLevel, ServiceLog } from "./log.ts";
import type { Stats } from "./stats.ts";

/** What a conversation runs over. */
export interface ConverseOptions {
  readonly conn: FramedConn;
  readonly peer: Peer;
  readonly authenticator: Authenticator;
  readonly framing: Framing;
  readonly log: ServiceLog;
  readonly stats: Stats;
  /** Ends waits early. */
  readonly signal: AbortSignal;
  /** Told before the reply that admits the client leaves: whoever has it no longer counts as unauthenticated. */
  readonly onAccepted?: () => void;
}

/** How a conversation ended. */
export type Outcome =
  | { readonly type: "accepted"; readonly identity: Identity }
  /** The dialogue wants the connection closed; the last reply is on its way. */
  | { readonly type: "closed" }
  /** The client left. */
  | { readonly type: "disconnected" };

/**
 * Talks until the client is accepted, refused or gone.
 *
 * @throws What {@linkcode FramedConn.receive} and `send` throw. A message over the limit is answered with 552 before.
 */
export async function converse(options: ConverseOptions): Promise<Outcome> {
  const { peer, authenticator, framing } = options;
  const dialogue = authenticator.open(peer);
  let outcome = await carryOut(await dialogue.greeting(), options);
  while (outcome === undefined) {
    const received = await receive(options);
    if (received === null) return DISCONNECTED;
    const message = framing.hasBoundaries ? received : withoutLineEnd(received);
    outcome = await inTurn(options, async () => await carryOut(await dialogue.receive(message), options));
  }
  return outcome;
}

const DISCONNECTED: Outcome = { type: "disconnected" };

/** Does `work` when it is this client's turn, unless it has left by then: who waits no longer must not take a place. */
async function inTurn(
  { conn, peer, authenticator }: ConverseOptions,
  work: () => Promise<Outcome | undefined>,
): Promise<Outcome | undefined> {
  const begun = Promise.withResolvers<void>();
  let hasBegun = false;
  let hasLeft = false;
  const turn = authenticator.inTurn(peer, async () => {
    hasBegun = true;
    begun.resolve();
    return hasLeft ? DISCONNECTED : await work();
  });
  hasLeft = !hasBegun && await leavesBefore(Promise.race([begun.promise, turn]), conn);
  return hasLeft ? DISCONNECTED : await turn;
}

/** Whether the client leaves before `work` is done. A client that has ended its side counts as one that has left. */
async function leavesBefore(work: Promise<unknown>, conn: FramedConn): Promise<boolean> {
  const done = work.then(() => false);
  return await Promise.race([done, conn.arrival().then((hasCome) => hasCome ? done : true)]);
}

async function carryOut(effects: readonly Effect[], options: ConverseOptions): Promise<Outcome | undefined> {
  const { conn, peer, authenticator, framing, log, stats, signal } = options;
  if (effects.some(({ type }) => type === "accept")) options.onAccepted?.();
  for (const effect of effects) {
    switch (effect.type) {
      case "reply":
        await send(conn, framing, effect.message);
        break;
      case "log":
        if (LOGINS.has(effect.event)) stats.count(stats.logins, effect.event);
        log[LEVELS[effect.event]](effect.event, { peer: peer.text, ...effect.fields });
        break;
      case "failure":
        // The wait goes on for the others of its address.
        if (await leavesBefore(authenticator.failed(peer, signal), conn)) return DISCONNECTED;
        break;
      case "close":
        return { type: "closed" };
      case "accept":
        await authenticator.admitted(peer, effect.identity);
        return { type: "accepted", identity: effect.identity };
    }
  }
  return undefined;
}

/** Says why the server ends the connection, in the words of the dialogue. */
export async function sendClosingReply(
  { conn, framing, authenticator }: Pick<ConverseOptions, "conn" | "framing" | "authenticator">,
  code: ReplyCode,
  key: ReplyTextKey,
): Promise<void> {
  await send(conn, framing, formatReply(code, replyText(key, authenticator.language, { max: MAX_DIALOGUE_FRAME })));
}

/** Without boundaries a reply is a line, so that a person can read it. */
async function send(conn: FramedConn, framing: Framing, reply: string): Promise<void> {
  await conn.send(framing.hasBoundaries ? reply : `${reply}\n`);
}

async function receive(options: ConverseOptions): Promise<Uint8Array | null> {
  try {
    return await options.conn.receive();
  } catch (error) {
    if (error instanceof ProtocolError && error.code === "frame_too_large") {
      await sendClosingReply(options, 552, "frame_too_large");
    }
    throw error;
  }
}

/** Without boundaries a message is what one read returned, less a line end: good enough for a person at `nc`. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length;
  return bytes.subarray(0, bytes[end - 1] === 0x0d ? end - 1 : end);
}

/** Events that tell how a log-in ended. */
export const LOGINS: ReadonlySet<DialogueEvent> = new Set<DialogueEvent>([
  "identified",
  "host_named",
  "logged_in",
  "login_failed",
  "registered",
  "session_resumed",
  "busy",
]);

const LEVELS: Readonly<Record<DialogueEvent, LogLevel>> = {
  identified: "info",
  host_named: "info",
  logged_in: "info",
  login_failed: "warn",
  registered: "info",
  session_resumed: "info",
  session_revoked: "info",
  session_reused: "warn",
  session_not_stored: "error",
  refused_insecure: "warn",
  mistake: "debug",
  too_many_attempts: "warn",
  too_many_mistakes: "warn",
  busy: "warn",
  storage_failed: "error",
  registration_refused: "warn",
};
