/**
 * What the server's dialogues ask of the world. Every call may reject with a `StorageError`, or a `ConfigError` of code
 * `bad_store`: the dialogue then says so and closes.
 *
 * @module
 */
import type { Bytes } from "../base/bytes.ts";
import type { UserName } from "../auth/names.ts";
import type { Mock } from "../auth/scram.ts";
import type { SessionToken, SessionVerdict } from "../auth/tokens.ts";
import type { Verifier } from "../auth/verifier.ts";
import type { SessionRef } from "./effects.ts";

/** A user as the dialogue needs it. */
export interface KnownUser {
  /** In PostgreSQL's format. */
  readonly verifier: string;
  readonly disabled: boolean;
}

/** A token to be sent, once. */
export interface IssuedToken {
  /** The token as it travels: secret. */
  readonly token: string;
  /** In ms since 1970. */
  readonly expires: number;
  readonly session: SessionRef;
}

/** How an attempt to resume a session ended. */
export type Resumption =
  | {
    readonly outcome: "resumed";
    readonly name: UserName;
    readonly session: SessionRef;
    /** Absent where the successor could not be stored: the client keeps the token it has. */
    readonly issued?: IssuedToken;
  }
  | {
    readonly outcome: "refused";
    readonly reason: "unknown" | SessionVerdict;
    /** Whose token it is, for the log. */
    readonly user?: string;
  };

/** What a client has sealed with its token. */
export interface OpenedToken {
  readonly token: SessionToken;
  readonly text: string;
  /** Seals the answer: with that the server proves that it knows the token. */
  answer(text: string): Promise<string>;
}

/** Sessions behind tokens; `SessionKeeper` is the implementation. */
export interface SessionService {
  /** Begins a session. `refused`: the user was removed, disabled or given another verifier since it was looked up. */
  create(user: UserName, verifier: string): Promise<IssuedToken | "refused">;
  /** Looks once more where no session is to be made; answers the store's version at that time, as `Identity.since`. */
  confirm(user: UserName, verifier: string): Promise<number | "refused">;
  /** Takes a token and gives its successor. */
  resume(token: SessionToken): Promise<Resumption>;
  /** Opens what was sealed with the token of this open half, `undefined` where it was not. */
  open(open: string, sealed: string, nonce: Bytes): Promise<OpenedToken | undefined>;
  /** Ends the session. The user's name, or `undefined` when the token is not, or no longer, good for anything. */
  revoke(token: SessionToken): Promise<string | undefined>;
}

/** PBKDF2 on the server: one at a time, few in a queue. */
export interface PasswordService {
  /** Whether the password is the verifier's; `busy` when the queue is full. */
  check(password: string, verifier: Verifier): Promise<boolean | "busy">;
  /** The verifier of a new password with a fresh salt; `busy` when the queue is full. */
  make(password: string): Promise<Verifier | "busy">;
}

/** What {@linkcode AuthDialogue} needs. */
export interface AuthServices {
  /** The client is being told whether somebody has the name that it asked for. */
  nameTold(): void;
  findUser(name: UserName): Promise<KnownUser | null>;
  /**
   * `refused`: too many users have registered of late, or there are too many. `not_invited`: there is an `invitation` that is
   * none, was used or has expired; a good one is used up with the user that is created.
   */
  createUser(
    name: UserName,
    verifier: string,
    invitation?: string,
  ): Promise<"created" | "taken" | "refused" | "not_invited">;
  readonly sessions: SessionService;
  readonly passwords: PasswordService;
  /** Cryptographically random bytes. */
  randomBytes(count: number): Bytes;
  /** The secret that unknown users' salts come from, and the iteration count of new verifiers. */
  readonly mock: Mock;
}

/** What {@linkcode IdentifyDialogue} needs; each is about the address of the one client. */
export interface IdentifyServices {
  /** The name the address is known by. */
  findHost(): Promise<string | null>;
  /** Stores the name; resolves once it is safe. */
  putHost(name: UserName): Promise<unknown>;
}
