/**
 * What stands between a connection and its echo session in the modes `identify` and `auth`: a dialogue for each client,
 * over one store.
 *
 * @module
 */
import { MonotonicClock } from "../auth/clock.ts";
import { PENALTIES, PENALTY_WINDOW, REVOCATION_POLL } from "../base/limits.ts";
import { delay } from "../base/delay.ts";
import { AuthDialogue, IdentifyDialogue, type Identity, type ServerDialogue } from "../protocol/server_dialogue.ts";
import type { ReplyLanguage } from "../protocol/reply_texts.ts";
import { SessionKeeper } from "../protocol/session_keeper.ts";
import { watchRevocations } from "../store/revocations.ts";
import type { UserStore } from "../store/store.ts";
import { addressKey } from "./admission.ts";
import { PasswordQueue } from "./password_queue.ts";
import type { Peer } from "./peer.ts";
import { Penalties } from "./penalties.ts";
import type { ServiceLog } from "./log.ts";
import type { Stats } from "./stats.ts";

/** Admits clients. */
export interface Gate {
  /** Language of the replies. */
  readonly language: ReplyLanguage;
  /** A dialogue with a new client. */
  open(peer: Peer): ServerDialogue;
  /** Does what a message of the client asks for; where the address has failed before, after those before it. */
  inTurn<T>(peer: Peer, work: () => Promise<T>): Promise<T>;
  /** Counts a failed log-in, and resolves when its client has waited long enough, or at `signal`. */
  failed(peer: Peer, signal: AbortSignal): Promise<void>;
  /** The client is in: its address starts from nothing again. */
  admitted(peer: Peer, identity: Identity): Promise<void>;
  /** Whether the session is still valid: it may have been revoked while it was being opened. */
  isStillValid(peer: Peer, identity: Identity): Promise<boolean>;
  /** The client has left: its session was in use until now. */
  sessionEnded(identity: Identity): Promise<void>;
  /** Tells, as it is noticed, whose sessions are over; until `signal`. */
  revocations(signal: AbortSignal): AsyncIterable<(identity: Identity) => Promise<boolean>>;
}

/** What a {@linkcode Gate} needs. */
export interface GateOptions {
  readonly store: UserStore;
  readonly log: ServiceLog;
  readonly stats: Stats;
  readonly language: ReplyLanguage;
  /** Passwords and tokens may cross an unencrypted network. */
  readonly allowInsecure: boolean;
  /** Failed log-ins until a connection is closed. */
  readonly maxAttempts: number;
}

/** The gate of mode `identify`: known by address. */
export function identifyGate({ store, language, log }: GateOptions): Gate {
  return {
    language,
    open: (peer) =>
      new IdentifyDialogue({
        findHost: async () => (await store.getHost(peer.address))?.name ?? null,
        putHost: (name) => store.putHost(peer.address, name, Date.now()),
      }, { language }),
    inTurn: (_peer, work) => work(),
    failed: () => Promise.resolve(),
    isStillValid: () => Promise.resolve(true),
    admitted: async (peer) => await quietly(log, store.touchHost(peer.address, Date.now())),
    sessionEnded: () => Promise.resolve(),
    async *revocations(): AsyncGenerator<never> {/* nothing to revoke */},
  };
}

/** The gate of mode `auth`: known by password or token. */
export async function authGate(options: GateOptions): Promise<Gate> {
  const { store, log, language, allowInsecure, maxAttempts } = options;
  const clock = new MonotonicClock(() => Date.now(), await newestTime(store));
  const now = (): number => clock.now();
  const randomBytes = (count: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(count));
  const passwords = new PasswordQueue();
  const penalties = new Penalties();
  options.stats.passwordQueue = () => passwords.length;
  const services = {
    findUser: (name: string) => store.findUser(name),
    createUser: (name: string, verifier: string) => store.createUser({ name, verifier, createdAt: now() }),
    sessions: new SessionKeeper({ store, now, randomBytes }),
    passwords,
    randomBytes,
    mock: { key: new Uint8Array(await store.getOrCreateSecret("mock-salt", 32)) },
  };
  const since = await store.version();
  return {
    language,
    open: (peer) => new AuthDialogue(services, { language, secure: peer.isSecure || allowInsecure, maxAttempts }),
    inTurn: (peer, work) => peer.isExempt ? work() : penalties.inTurn(addressKey(peer.address), work),
    async failed(peer, signal) {
      if (peer.isExempt) return;
      const key = addressKey(peer.address);
      const count = await store.countAttempt(key, now(), PENALTY_WINDOW).catch(() => 1);
      const waited = delay(PENALTIES[Math.min(count, PENALTIES.length) - 1] ?? 0, signal);
      penalties.failed(key, waited);
      await waited;
    },
    async admitted(peer) {
      if (peer.isExempt) return;
      const key = addressKey(peer.address);
      penalties.clear(key);
      await quietly(log, store.clearAttempts(key));
    },
    isStillValid: async (_peer, { session }) =>
      session === undefined || await store.findSession(session.id).catch(() => 0) !== null,
    sessionEnded: async ({ session }) => await quietly(log, session && store.touchSession(session.id, now())),
    async *revocations(signal) {
      const onError = (error: Error): void => log.error("error", { error: error.message });
      for await (const found of watchRevocations(store, { since, signal, everyMs: REVOCATION_POLL, onError })) {
        const users = new Set(found.users);
        const families = new Set(found.families);
        yield async ({ name, session }) => {
          if (users.has(name) || (session !== undefined && families.has(session.family))) return true;
          if (found.complete || session === undefined) return false;
          return await store.findSession(session.id) === null;
        };
      }
    },
  };
}

/** What is noted beside the way of a session must not end it. */
async function quietly(log: ServiceLog, work: Promise<unknown> | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    log.error("error", { error: error instanceof Error ? error.message : String(error) });
  }
}

/** The latest time the store knows, for a clock that does not run backwards from one start of the server to the next. */
async function newestTime(store: UserStore): Promise<number> {
  const sessions = await store.listSessions();
  // Not as arguments of one call: 120,000 of them are too many.
  return sessions.reduce((newest, { lastUsedAt }) => Math.max(newest, lastUsedAt), 0);
}
