/**
 * Sessions behind tokens: the policy of `lib/auth/tokens.ts` applied to a store. Clock and randomness come from outside.
 *
 * @module
 */
import { equal } from "../auth/crypto.ts";
import type { Bytes } from "../base/bytes.ts";
import { checkUserName, type UserName } from "../auth/names.ts";
import {
  formatToken,
  hashSecret,
  judgeSession,
  makeToken,
  sessionExpiry,
  type SessionRecord,
  type SessionToken,
  TOKEN_ID_BYTES,
  TOKEN_SECRET_BYTES,
} from "../auth/tokens.ts";
import { StorageError } from "../base/errors.ts";
import { ROTATION_GRACE, SESSIONS_PER_USER } from "../base/limits.ts";
import type { IssuedToken, Resumption, SessionService } from "./services.ts";

/** A stored token with whose it is. */
export interface KeptSession extends SessionRecord {
  readonly id: string;
  readonly family: string;
  readonly user: string;
}

/** The part of a user store that sessions are kept in. */
export interface SessionStore {
  createSession(
    session: {
      readonly id: string;
      readonly user: string;
      readonly secretHash: Uint8Array;
      readonly createdAt: number;
    },
    conditions: { readonly max: number; readonly verifier?: string },
  ): Promise<"created" | "refused">;
  findSession(id: string): Promise<KeptSession | null>;
  rotateSession(
    oldId: string,
    next: { readonly id: string; readonly secretHash: Uint8Array },
    conditions: { readonly now: number; readonly graceMs: number },
  ): Promise<{ readonly outcome: "rotated" | "reused"; readonly session: KeptSession } | { readonly outcome: "gone" }>;
  revokeSession(id: string): Promise<boolean>;
}

/** What a {@linkcode SessionKeeper} needs. */
export interface SessionKeeperOptions {
  readonly store: SessionStore;
  /** Milliseconds since 1970, never running backwards: `MonotonicClock`. */
  readonly now: () => number;
  /** Cryptographically random bytes. */
  readonly randomBytes: (count: number) => Bytes;
}

/** See the module. */
export class SessionKeeper implements SessionService {
  readonly #options: SessionKeeperOptions;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  async create(user: UserName, verifier: string): Promise<IssuedToken | "refused"> {
    const token = this.#newToken();
    const now = this.#options.now();
    const session = { id: token.id, user, secretHash: await hashSecret(token), createdAt: now };
    const outcome = await this.#options.store.createSession(session, { max: SESSIONS_PER_USER, verifier });
    if (outcome === "refused") return "refused";
    return issued(token, { family: token.id, createdAt: now, lastUsedAt: now });
  }

  async resume(token: SessionToken): Promise<Resumption> {
    const { store, now: clock } = this.#options;
    const now = clock();
    const kept = await store.findSession(token.id);
    if (kept === null) return { outcome: "refused", reason: "unknown" };
    const verdict = judgeSession(kept, { secretHash: await hashSecret(token), now });
    if (verdict === "reused") await store.revokeSession(kept.family);
    if (verdict !== "valid" && verdict !== "grace") return { outcome: "refused", reason: verdict, user: kept.user };
    const checked = checkUserName(kept.user);
    if ("fault" in checked) return { outcome: "refused", reason: "unknown" };
    const { name } = checked;
    const next = this.#newToken();
    const rotation = await this.#rotate(kept, next, now);
    if (rotation === "not_stored") {
      return { outcome: "resumed", name, session: { id: kept.id, family: kept.family } };
    }
    if (rotation.outcome === "gone") return { outcome: "refused", reason: "unknown" };
    if (rotation.outcome === "reused") return { outcome: "refused", reason: "reused", user: kept.user };
    const successor = issued(next, rotation.session);
    return { outcome: "resumed", name, session: successor.session, issued: successor };
  }

  async revoke(token: SessionToken): Promise<string | undefined> {
    const { store } = this.#options;
    const kept = await store.findSession(token.id);
    if (kept === null || !equal(await hashSecret(token), kept.secretHash)) return undefined;
    return await store.revokeSession(kept.id) ? kept.user : undefined;
  }

  /** A token whose successor cannot be stored stays the current one: who is logged in is not locked out by a full disk. */
  async #rotate(
    kept: KeptSession,
    next: SessionToken,
    now: number,
  ): Promise<Awaited<ReturnType<SessionStore["rotateSession"]>> | "not_stored"> {
    try {
      const replacement = { id: next.id, secretHash: await hashSecret(next) };
      return await this.#options.store.rotateSession(kept.id, replacement, { now, graceMs: ROTATION_GRACE });
    } catch (error) {
      if (error instanceof StorageError && error.code === "cannot_write") return "not_stored";
      throw error;
    }
  }

  #newToken(): SessionToken {
    const { randomBytes } = this.#options;
    return makeToken(randomBytes(TOKEN_ID_BYTES), randomBytes(TOKEN_SECRET_BYTES));
  }
}

function issued(
  token: SessionToken,
  { family, createdAt, lastUsedAt }: Pick<KeptSession, "family" | "createdAt" | "lastUsedAt">,
): IssuedToken {
  const expires = sessionExpiry({ createdAt, lastUsedAt });
  return { token: formatToken(token), expires, session: { id: token.id, family } };
}
