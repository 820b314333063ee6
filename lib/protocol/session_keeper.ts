/**
 * Sessions behind tokens: the policy of `lib/auth/tokens.ts` applied to a store. Clock and randomness come from outside.
 *
 * @module
 */
import { equal } from "../auth/crypto.ts";
import { IV_BYTES, openSealed, seal } from "../auth/sealed_token.ts";
import type { Bytes } from "../base/bytes.ts";
import { FAMILY_BYTES } from "../base/limits.ts";
import { checkUserName, type UserName } from "../auth/names.ts";
import {
  familyOf,
  firstToken,
  formatToken,
  halvesOf,
  hashSecret,
  isGenuine,
  judgeSession,
  nextToken,
  SEED_BYTES,
  sessionExpiry,
  type SessionRecord,
  type SessionToken,
  type SessionVerdict,
  wholeOf,
} from "../auth/tokens.ts";
import { StorageError } from "../base/errors.ts";
import { ROTATION_GRACE, SESSIONS_PER_USER } from "../base/limits.ts";
import type { IssuedToken, KnownUser, OpenedToken, Resumption, SessionService } from "./services.ts";

/** A stored family with whose it is. */
export interface KeptSession extends SessionRecord {
  readonly id: string;
  readonly user: string;
}

/** The part of a user store that sessions are kept in. */
export interface SessionStore {
  findUser(name: string): Promise<KnownUser | null>;
  version(): Promise<number>;
  createSession(
    session: Pick<KeptSession, "id" | "user" | "secretHash" | "createdAt">,
    conditions: { readonly max: number; readonly verifier?: string },
  ): Promise<"created" | "refused">;
  findSession(id: string): Promise<KeptSession | null>;
  rotateSession(
    id: string,
    next: Pick<KeptSession, "generation" | "secretHash">,
    conditions: { readonly now: number; readonly graceMs: number },
  ): Promise<{ readonly outcome: "rotated" | "moved"; readonly session: KeptSession } | { readonly outcome: "gone" }>;
  revokeSession(id: string): Promise<boolean>;
}

/** What a {@linkcode SessionKeeper} needs. */
export interface SessionKeeperOptions {
  readonly store: SessionStore;
  /** Milliseconds since 1970: `SteadyClock`. */
  readonly now: () => number;
  /** Cryptographically random bytes. */
  readonly randomBytes: (count: number) => Bytes;
  /** Secret that tokens are made with; the same for all servers on the store. */
  readonly key: Bytes;
}

/** See the module. */
export class SessionKeeper implements SessionService {
  readonly #options: SessionKeeperOptions;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  async create(user: UserName, verifier: string): Promise<IssuedToken | "refused"> {
    const { store, now, randomBytes, key } = this.#options;
    const createdAt = now();
    const family = familyOf(createdAt, randomBytes(FAMILY_BYTES));
    const token = await firstToken(key, { family, seed: randomBytes(SEED_BYTES) });
    const session = { id: token.family, user, secretHash: await hashSecret(token), createdAt };
    const outcome = await store.createSession(session, { max: SESSIONS_PER_USER, verifier });
    return outcome === "refused" ? outcome : issued(token, { createdAt, lastUsedAt: createdAt });
  }

  async confirm(user: UserName, verifier: string): Promise<number | "refused"> {
    const { store } = this.#options;
    // In this order: what is revoked in between is looked for once more.
    const version = await store.version();
    const found = await store.findUser(user);
    return found === null || found.disabled || found.verifier !== verifier ? "refused" : version;
  }

  async resume(token: SessionToken): Promise<Resumption> {
    const { store, now: clock, key } = this.#options;
    const kept = await store.findSession(token.family);
    if (kept === null) return { outcome: "refused", reason: "unknown" };
    const secretHash = await hashSecret(token);
    const refused = (reason: SessionVerdict): Resumption => ({ outcome: "refused", reason, user: kept.user });
    if (!await isGenuine(key, token)) return refused("wrong_secret");
    const checked = checkUserName(kept.user);
    if ("fault" in checked) return { outcome: "refused", reason: "unknown" };
    const { name } = checked;
    const session = { id: kept.id };
    const next = await nextToken(key, token);
    // Each time around another server was faster, and the token has become an older one.
    for (let current = kept;;) {
      const now = clock();
      const verdict = judgeSession(current, { generation: token.generation, secretHash, now });
      if (verdict === "reused") await store.revokeSession(current.id);
      if (verdict === "grace" && await this.#leadsTo(current, next)) {
        return { outcome: "resumed", name, session, issued: issued(next, { ...current, lastUsedAt: now }) };
      }
      if (verdict !== "valid") return refused(verdict === "grace" ? "wrong_secret" : verdict);
      const rotation = await this.#rotate(next, now);
      if (rotation === "not_stored") return { outcome: "resumed", name, session };
      if (rotation.outcome === "gone") return { outcome: "refused", reason: "unknown" };
      if (rotation.outcome === "rotated") {
        return { outcome: "resumed", name, session, issued: issued(next, rotation.session) };
      }
      current = rotation.session;
    }
  }

  async open(open: string, sealed: string, nonce: Bytes): Promise<OpenedToken | undefined> {
    const { key, randomBytes } = this.#options;
    const token = await wholeOf(key, open);
    if (token === undefined) return undefined;
    const shared = halvesOf(token).key;
    const text = await openSealed(shared, sealed, { by: "client", nonce });
    if (text === undefined) return undefined;
    const answer = (plain: string): Promise<string> =>
      seal(shared, plain, { by: "server", nonce, iv: randomBytes(IV_BYTES) });
    return { token, text, answer };
  }

  async revoke(token: SessionToken): Promise<string | undefined> {
    const { store, key } = this.#options;
    const kept = await store.findSession(token.family);
    if (kept === null || !await isGenuine(key, token)) return undefined;
    return await store.revokeSession(kept.id) ? kept.user : undefined;
  }

  /** Whether the chain from `token` ends at the current one: who has stolen the server's key can make others. */
  async #leadsTo(kept: KeptSession, token: SessionToken): Promise<boolean> {
    let last = token;
    while (last.generation < kept.generation) last = await nextToken(this.#options.key, last);
    return equal(await hashSecret(last), kept.secretHash);
  }

  /** A token whose successor cannot be stored stays the current one: who is logged in is not locked out by a full disk. */
  async #rotate(
    next: SessionToken,
    now: number,
  ): Promise<Awaited<ReturnType<SessionStore["rotateSession"]>> | "not_stored"> {
    try {
      const replacement = { generation: next.generation, secretHash: await hashSecret(next) };
      return await this.#options.store.rotateSession(next.family, replacement, { now, graceMs: ROTATION_GRACE });
    } catch (error) {
      if (error instanceof StorageError && error.code === "cannot_write") return "not_stored";
      throw error;
    }
  }
}

function issued(token: SessionToken, times: Pick<KeptSession, "createdAt" | "lastUsedAt">): IssuedToken {
  return { token: formatToken(token), expires: sessionExpiry(times), session: { id: token.family } };
}
