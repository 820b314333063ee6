/**
 * What a dialogue wants done. It does nothing itself: whoever owns the connection carries the effects out, in order.
 *
 * @module
 */
import type { UserName } from "../auth/names.ts";

/** Who the client is, once it is known. */
export interface Identity {
  readonly name: UserName;
  /** The session behind a token, to end the connection when it is revoked. Absent where none was made. */
  readonly session?: SessionRef;
  /** Where there is no session: the store's version at which the user was right. What was revoked later ends the connection. */
  readonly since?: number;
}

/** A session, by the id of its family of tokens. */
export interface SessionRef {
  readonly id: string;
}

/** How a client logged in, or tried to. */
export type Mechanism = "scram" | "token" | "plain" | "register";

/** What is written to the log. Fields never hold a password, token, verifier, proof or nonce. */
export type DialogueEvent =
  | "identified"
  | "host_named"
  | "logged_in"
  | "login_failed"
  | "registered"
  | "session_resumed"
  | "session_revoked"
  | "session_reused"
  | "session_not_stored"
  | "refused_insecure"
  | "mistake"
  | "too_many_attempts"
  | "too_many_mistakes"
  | "busy"
  | "storage_failed"
  | "registration_refused";

/** Fields of a log line. */
export type LogFields = Readonly<Record<string, string | number>>;

/** One thing to do. */
export type Effect =
  /** Send this message. */
  | { readonly type: "reply"; readonly message: string }
  /** The dialogue is over: what follows is echoed. */
  | { readonly type: "accept"; readonly identity: Identity }
  /** A log-in failed: count it for address and account, and wait as the failures demand before going on with the effects. */
  | { readonly type: "failure" }
  /** The dialogue is over: close, after what was sent before. */
  | { readonly type: "close" }
  | { readonly type: "log"; readonly event: DialogueEvent; readonly fields: LogFields };

/** The server's side of a dialogue. One call at a time: the next message waits for the effects of the one before. */
export interface ServerDialogue {
  /** The name whose password the next message is a guess at, known or not; `undefined` where it is none. */
  readonly account?: string | undefined;
  /** The first effects, before the client has said anything. */
  greeting(): Promise<Effect[]>;
  /**
   * The effects of one message of the client, as text or as bytes still to be decoded.
   *
   * @throws {UsageError} `closed` after `accept` or `close`, or while an earlier message is being answered.
   */
  receive(message: string | Uint8Array): Promise<Effect[]>;
}
