/**
 * What the server keeps: users, sessions, hosts, failed log-ins, secrets. Any number of stores, in one process or in
 * several, may be open on the same data at once; each call is atomic and sees what every call finished before it did.
 *
 * Times are milliseconds since the epoch and come from the caller; no store reads a clock. Names, addresses and ids are
 * compared exactly, code unit by code unit. What a call has acknowledged by resolving survives a crash of the process and
 * of the machine, but for the calls that say otherwise.
 *
 * Every call can reject with a `StorageError` (`cannot_write`, `cannot_read`: full disk, read-only directory, failing
 * disk, locked for too long; the change was not made and the store stays usable), a `ConfigError` (`bad_store`: the data
 * turned out to be damaged) or a `UsageError` (`closed`: the call came after {@linkcode UserStore.close}).
 *
 * @module
 */

/** A user who can log in. */
export interface User {
  readonly name: string;
  /** PostgreSQL's format: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. The store never looks inside. */
  readonly verifier: string;
  /** A disabled user has no sessions and gets none. */
  readonly disabled: boolean;
  readonly createdAt: number;
}

/** A {@linkcode User} to be created. */
export interface NewUser {
  readonly name: string;
  readonly verifier: string;
  readonly createdAt: number;
  /** Default: `false`. */
  readonly disabled?: boolean;
}

/** Conditions of {@linkcode UserStore.createUser}. */
export interface UserConditions {
  /** Users there may be, the new one included. Default: any number. */
  readonly max?: number;
  /**
   * Hash of an invitation that is used up with the user: at the user's `createdAt` it must be open. Looked at first.
   */
  readonly invitation?: string;
}

/**
 * A session: a *family* of tokens, of which the current one, the newest *generation*, is stored. A log-in begins it at
 * generation 0, each rotation leads to the next, and revocation ends all of it.
 */
export interface Session {
  /** The family's. */
  readonly id: string;
  readonly user: string;
  /** Of the current token. */
  readonly generation: number;
  /** Hash of the current token's secret; the secret itself is never stored. */
  readonly secretHash: Uint8Array;
  /** When the family began: rotation does not put absolute expiry off. */
  readonly createdAt: number;
  /** When the current token was issued or last reported by {@linkcode UserStore.touchSession}. */
  readonly lastUsedAt: number;
  /** When the generations before the current one were replaced, newest first; those that were within the grace then. */
  readonly replaced: readonly number[];
}

/** A {@linkcode Session} to be created. */
export type NewSession = Pick<Session, "id" | "user" | "secretHash" | "createdAt">;

/** Conditions of {@linkcode UserStore.createSession}. */
export interface SessionConditions {
  /** Sessions a user may have; those begun first make room. */
  readonly max: number;
  /**
   * The verifier that the log-in was checked against: when the user has another one by now, the session is refused.
   * Without it, a log-in that was on its way during a password change would survive that change.
   */
  readonly verifier?: string;
}

/** The token that takes another's place. */
export type NextToken = Pick<Session, "generation" | "secretHash">;

/** Conditions of {@linkcode UserStore.rotateSession}. */
export interface RotationConditions {
  readonly now: number;
  /** How long {@linkcode Session.replaced} remembers a replacement, in ms; of `FAMILY_TOKENS` at most. */
  readonly graceMs: number;
}

/** What {@linkcode UserStore.rotateSession} did. */
export type Rotation =
  /** `session` is as it is now, with the new token. */
  | { readonly outcome: "rotated"; readonly session: Session }
  /** The token before `next` is not the current one: nothing was changed. */
  | { readonly outcome: "moved"; readonly session: Session }
  /** There is no such session: it never was, or it was revoked. */
  | { readonly outcome: "gone" };

/** Whose failure to log in it was. */
export interface Attempt {
  /** An empty one is nobody's: it has no count. */
  readonly address: string;
  /** Likewise. */
  readonly account: string;
}

/** Failures within a window. */
export interface AttemptCounts {
  readonly address: number;
  readonly account: number;
}

/** A client known by its address. */
export interface Host {
  readonly address: string;
  readonly name: string;
  readonly createdAt: number;
  readonly seenAt: number;
}

/** What was revoked between two looks, by whichever process. */
export interface Revocations {
  /** What to ask for next time. */
  readonly version: number;
  /** Users whose sessions all ended: password changed, disabled, removed, or revoked. */
  readonly users: readonly string[];
  /** Families that ended one by one: log-out, revocation, reuse of a replaced token. */
  readonly families: readonly string[];
  /** `false` when the record does not reach back that far: then any session may have ended, look each one up. */
  readonly complete: boolean;
}

/** What a store adds that several servers share over a network. */
export interface Fleet {
  /** Why the data cannot be reached now. */
  trouble(): string | undefined;
  /** Calls `listener` when something was revoked, or may have been unnoticed, until it is disposed of. Not all is told. */
  onRevoked(listener: () => void): Disposable;
  /**
   * Takes the turns of these keys, if none of them is held back or taken: then they are taken until
   * {@linkcode Fleet.endTurn}, or for `forMs`. A key that was never held back has no turns: everybody may go on. Answers
   * as well whether there are failures that {@linkcode UserStore.clearAttempts} would forget: most have none.
   */
  takeTurn(
    keys: readonly string[],
    turn: { readonly by: string; readonly forMs: number; readonly attempt: Attempt },
  ): Promise<{ readonly waitMs: number; readonly isTaken: boolean; readonly hasFailed: boolean }>;
  /** Gives turns back. */
  endTurn(keys: readonly string[], by: string): Promise<void>;
  /** Nobody takes a turn of this key for `ms`; it has turns for `keepMs` at least. */
  holdBack(key: string, wait: { readonly ms: number; readonly keepMs: number }): Promise<void>;
}

/** Where users, sessions and hosts are kept. */
export interface UserStore extends AsyncDisposable {
  /** Where several servers share the data over a network. */
  readonly fleet?: Fleet;

  /** Of any number of concurrent calls for one name exactly one answers `created`; a taken name is left as it is. `full`: there are `max`. */
  createUser(user: NewUser, conditions?: UserConditions): Promise<"created" | "taken" | "full" | "not_invited">;
  /** Keeps invitations, by their hashes, each good for one user and until `expires`. */
  addInvitations(hashes: readonly string[], expires: number): Promise<void>;
  /**
   * Keeps the latest time of which the store was ever told, and answers it. What is further ahead of `now` than anything
   * lasts was told by a wrong clock, and is forgotten. Servers that share a database over a network have its time kept.
   */
  keepTime(now: number): Promise<number>;
  /** Forgets all invitations, or those that expired before a time; answers how many there were. */
  removeInvitations(expiredBefore?: number): Promise<number>;
  /** The user of exactly that name. */
  findUser(name: string): Promise<User | null>;
  /** All users by name. */
  listUsers(): Promise<User[]>;
  /** Changes the password and revokes all sessions of the user, both or neither. `false`: there is no such user. */
  setVerifier(name: string, verifier: string): Promise<boolean>;
  /** Disables the user and revokes all sessions, both or neither; or enables again. `false`: there is no such user. */
  setDisabled(name: string, disabled: boolean): Promise<boolean>;
  /** Removes the user with all sessions. `false`: there was no such user. */
  removeUser(name: string): Promise<boolean>;

  /**
   * Begins a family, if the user is as `conditions` say, all in one step. When the user then has more than `max`, the ones
   * begun first end (before them those begun after this one, more than `CLOCK_SKEW` later: by a clock that was wrong),  (without a notice in
   * {@linkcode UserStore.revocationsSince}: nobody is to be thrown out). Drops, for all users, what began longer ago than
   * `SESSION_RETENTION`. `refused`: the user was removed or disabled, or has another verifier by now.
   */
  createSession(session: NewSession, conditions: SessionConditions): Promise<"created" | "refused">;
  /** The session of that id; judging its times and comparing its hash is the caller's part. */
  findSession(id: string): Promise<Session | null>;
  /**
   * Makes `next` the current token of the session, if its generation follows on the current one: so of several calls one
   * rotates, and the others are `moved` and answered with what it has led to.
   */
  rotateSession(id: string, next: NextToken, conditions: RotationConditions): Promise<Rotation>;
  /** Notes a use of the current token. Needs not survive a crash of the machine; an unknown id is no error. */
  touchSession(id: string, now: number): Promise<void>;
  /** Revokes the session. `false`: there is none. */
  revokeSession(id: string): Promise<boolean>;
  /** Revokes all sessions of the user; answers how many ended. */
  revokeUser(name: string): Promise<number>;
  /** The sessions of one user or of all; by user, then by age, oldest first. */
  listSessions(user?: string): Promise<Session[]>;
  /** What was revoked after `version`, in the order of the happening, each user and family once. Cheap: meant for polling. */
  revocationsSince(version: number): Promise<Revocations>;
  /** The version of now: `revocationsSince` it answers what happens from here on. It only grows. */
  version(): Promise<number>;

  /** The host of exactly that address. */
  getHost(address: string): Promise<Host | null>;
  /** Stores the name; a known address keeps its `createdAt`. Of two concurrent calls the later one wins. */
  putHost(address: string, name: string, now: number): Promise<Host>;
  /** Notes a visit and answers the host. Where the data cannot be written, this fails while `getHost` still answers. */
  touchHost(address: string, now: number): Promise<Host | null>;
  /** All hosts by address. */
  listHosts(): Promise<Host[]>;
  /** `false`: there is no such host. */
  renameHost(address: string, name: string): Promise<boolean>;
  /** `false`: there was no such host. */
  forgetHost(address: string): Promise<boolean>;

  /**
   * Notes a failure at `now` and answers how many there are in `(now - windowMs, now]` from its address, and for its account,
   * this one included. Of all together the newest `ATTEMPTS_KEPT` are kept. Needs not survive a crash of the machine.
   */
  countAttempt(attempt: Attempt, now: number, windowMs: number): Promise<AttemptCounts>;
  /** Forgets the failures of this address with this account. */
  clearAttempts(attempt: Attempt): Promise<void>;

  /** The secret of that name; the first call, of whichever process, makes it of so many random bytes. */
  getOrCreateSecret(name: string, bytes: number): Promise<Uint8Array>;

  /** Finishes the calls made so far and lets go of the data. Idempotent; later calls of other methods are refused. */
  close(): Promise<void>;
}
