/**
 * What stands between a connection and its echo session in the modes `identify` and `auth`: a dialogue for each client,
 * over one store.
 *
 * @module
 */
import { hmac } from "../auth/crypto.ts";
import { utf8 } from "../base/bytes.ts";
import { hashInvitation } from "../auth/invitations.ts";
import type { Clocks } from "../auth/clock.ts";
import { MAX_USERS, REVOCATION_POLL } from "../base/limits.ts";
import {
  AuthDialogue,
  IdentifyDialogue,
  type Identity,
  type Registration,
  type ServerDialogue,
} from "../protocol/server_dialogue.ts";
import type { ReplyLanguage } from "../protocol/reply_texts.ts";
import { SessionKeeper } from "../protocol/session_keeper.ts";
import { watchRevocations } from "../store/revocations.ts";
import type { Revocations, UserStore } from "../store/store.ts";
import { addressKey } from "./admission.ts";
import { PasswordQueue } from "./password_queue.ts";
import type { Peer } from "./peer.ts";
import { KeptClock } from "./kept_clock.ts";
import { LoginLimits } from "./login_limits.ts";
import type { ServiceLog } from "./log.ts";
import type { Stats } from "./stats.ts";

/** Admits clients. */
export interface Authenticator {
  /** Language of the replies. */
  readonly language: ReplyLanguage;
  /** A dialogue with a new client. */
  open(peer: Peer): ServerDialogue;
  /**
   * Does what a message of the client asks for. A guess at a password waits for those before it, from the same address and
   * at the same account, and for their penalties; of an address that has failed of late, so does every message.
   */
  inTurn<T>(peer: Peer, work: () => Promise<T>): Promise<T>;
  /** Counts a failed log-in, and resolves when its client has waited long enough, or at `signal`. */
  failed(peer: Peer, signal: AbortSignal): Promise<void>;
  /** The client is in: the failures of its address with this account are forgotten. */
  admitted(peer: Peer, identity: Identity): Promise<void>;
  /** Whether the session is still valid: it may have been revoked while it was being opened. */
  isStillValid(peer: Peer, identity: Identity): Promise<boolean>;
  /** The client has left: its session was in use until now. */
  sessionEnded(identity: Identity): Promise<void>;
  /** Tells, as it is noticed, whose sessions are over; until `signal`. */
  revocations(signal: AbortSignal): AsyncIterable<(identity: Identity) => Promise<boolean>>;
}

/** What a {@linkcode Authenticator} needs. */
export interface AuthenticatorOptions {
  readonly store: UserStore;
  readonly log: ServiceLog;
  readonly stats: Stats;
  readonly language: ReplyLanguage;
  /** Passwords and tokens may cross an unencrypted network. */
  readonly allowInsecure: boolean;
  /** Failed log-ins until a connection is closed. */
  readonly maxAttempts: number;
  /** Whether strangers may register. Default: `open`. */
  readonly registration?: Registration;
  /** Default: those of the machine. */
  readonly clocks?: Clocks;
}

/** The authenticator of mode `identify`: known by address. */
export function openIdentifier({ store, language, log }: AuthenticatorOptions): Authenticator {
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

/** The authenticator of mode `auth`: known by password or token. */
export async function openAuthenticator(options: AuthenticatorOptions): Promise<Authenticator> {
  const { store, log, language, allowInsecure, maxAttempts, registration = "open" } = options;
  const { clocks = { wall: () => Date.now(), steady: () => performance.now() } } = options;
  const clock = new KeptClock(store, clocks);
  await quietly(log, clock.keep());
  const { now } = clock;
  const randomBytes = (count: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(count));
  const passwords = new PasswordQueue();
  const limits = new LoginLimits({ store, now });
  options.stats.passwordQueue = () => passwords.length;
  const mock = { key: new Uint8Array(await store.getOrCreateSecret("mock-salt", 32)) };
  const key = new Uint8Array(await store.getOrCreateSecret("session-token", 32));
  const services = {
    findUser: (name: string) => store.findUser(name),
    sessions: new SessionKeeper({ store, now, randomBytes, key }),
    passwords,
    randomBytes,
    mock,
  };
  const talks = new WeakMap<Peer, Talk>();
  const attemptOf = (peer: Peer) => ({
    address: peer.isExempt ? "" : addressKey(peer.address),
    account: talks.get(peer)?.account ?? "",
  });
  let since = await store.version();
  let looks = 0;
  return {
    language,
    open(peer) {
      const dialogue = new AuthDialogue({
        ...services,
        nameTold: () => limits.nameTold(attemptOf(peer).address),
        async createUser(name, verifier, code) {
          if (!limits.mayRegister(attemptOf(peer).address)) return "refused";
          const hash = code === undefined ? undefined : await hashInvitation(code);
          if (code !== undefined && hash === undefined) return "not_invited";
          const invited = hash === undefined ? {} : { invitation: hash };
          const outcome = await store.createUser({ name, verifier, createdAt: now() }, { max: MAX_USERS, ...invited });
          return outcome === "full" ? "refused" : outcome;
        },
      }, { language, secure: peer.isSecure || allowInsecure, maxAttempts, registration });
      talks.set(peer, { dialogue, account: "", mayHaveFailed: true, looks });
      return dialogue;
    },
    async inTurn(peer, work) {
      const talk = talks.get(peer);
      const name = talk?.dialogue.account;
      // Not the name itself: people type passwords at the wrong prompt.
      const account = name === undefined ? "" : (await hmac(mock.key, utf8(`account ${name}`))).toBase64();
      if (talk !== undefined) Object.assign(talk, { account, looks });
      return await limits.inTurn(attemptOf(peer), (mayHaveFailed) => {
        if (talk !== undefined) talk.mayHaveFailed = mayHaveFailed;
        return work();
      });
    },
    failed: (peer, signal) => limits.failed(attemptOf(peer), signal),
    async admitted(peer) {
      if (talks.get(peer)?.mayHaveFailed !== false) await quietly(log, store.clearAttempts(attemptOf(peer)));
    },
    async isStillValid(peer, { name, session, since: decidedAt }) {
      // Since before the session was made no revocation was noticed: whatever is noticed from here on finds the client.
      if (talks.get(peer)?.looks === looks) return true;
      try {
        if (session !== undefined) return await store.findSession(session.id) !== null;
        const { users, complete } = await store.revocationsSince(decidedAt ?? 0);
        return complete && !users.includes(name);
      } catch (error) {
        log.error("error", { error: String(error) });
        return false;
      }
    },
    sessionEnded: async ({ session }) => await quietly(log, session && store.touchSession(session.id, now())),
    async *revocations(signal) {
      const onError = (error: unknown): void => log.error("revocations_unwatched", { error: String(error) });
      const onRecovery = (): void => log.warn("revocations_watched");
      const watched = {
        ...store.fleet && { fleet: store.fleet },
        async revocationsSince(version: number): Promise<Revocations> {
          const found = await store.revocationsSince(version);
          await quietly(log, clock.look());
          return found;
        },
      };
      for await (
        const found of watchRevocations(watched, { since, signal, everyMs: REVOCATION_POLL, onError, onRecovery })
      ) {
        looks++;
        const users = new Set(found.users);
        const families = new Set(found.families);
        yield async ({ name, session }) => {
          if (users.has(name) || (session !== undefined && families.has(session.id))) return true;
          if (found.complete) return false;
          return session === undefined
            ? await store.findUser(name).then((user) => user === null || user.disabled)
            : await store.findSession(session.id) === null;
        };
        // Not before all sessions were looked at: who begins anew after an error begins with these.
        since = found.version;
      }
      await quietly(log, clock.keep());
    },
  };
}

/** A client in its dialogue. */
interface Talk {
  readonly dialogue: ServerDialogue;
  account: string;
  /** Whether there may be failures of its address with its account. */
  mayHaveFailed: boolean;
  /** How many revocations had been noticed when its last message came. */
  looks: number;
}

/** What is noted beside the way of a session must not end it. */
async function quietly(log: ServiceLog, work: Promise<unknown> | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    log.error("error", { error: error instanceof Error ? error.message : String(error) });
  }
}
