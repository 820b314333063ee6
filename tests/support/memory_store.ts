/**
 * A {@linkcode UserStore} in memory: for tests that need a store and no file, and to keep the conformance suite honest. Stores over the same {@linkcode MemoryData} are like stores of several processes on one directory.
 *
 * @module
 */
import { UsageError } from "../../lib/base/errors.ts";
import { ATTEMPTS_KEPT, CLOCK_SKEW, REVOCATIONS_KEPT, SESSION_RETENTION } from "../../lib/base/limits.ts";
import { isInvitationOpen, latestPossible } from "../../lib/store/invitations.ts";
import { rotated } from "../../lib/store/rotation.ts";
import type {
  Attempt,
  AttemptCounts,
  Host,
  NewSession,
  NewUser,
  NextToken,
  Revocations,
  Rotation,
  RotationConditions,
  Session,
  SessionConditions,
  User,
  UserConditions,
  UserStore,
} from "../../lib/store/store.ts";

/** What stores can share. Maps keep the order of insertion, so sessions are in the order of their making. */
export class MemoryData {
  readonly users = new Map<string, User>();
  readonly sessions = new Map<string, Session>();
  readonly hosts = new Map<string, Host>();
  readonly secrets = new Map<string, Uint8Array>();
  readonly invitations = new Map<string, number>();
  latest = 0;
  attempts: (Attempt & { at: number })[] = [];
  revocations: { version: number; user?: string; family?: string }[] = [];
}

/** A store over `data`. Every method runs to its end without waiting, which makes it atomic. */
export class MemoryStore implements UserStore {
  readonly #data: MemoryData;
  #closed = false;

  constructor(data = new MemoryData()) {
    this.#data = data;
  }

  createUser(
    { name, verifier, createdAt, disabled = false }: NewUser,
    { max = Infinity, invitation }: UserConditions = {},
  ): Promise<"created" | "taken" | "full" | "not_invited"> {
    return this.#run(({ users, invitations }) => {
      if (invitation !== undefined && !isInvitationOpen(invitations.get(invitation) ?? 0, createdAt)) {
        return "not_invited";
      }
      if (users.size >= max) return "full";
      if (users.has(name)) return "taken";
      users.set(name, { name, verifier, disabled, createdAt });
      if (invitation !== undefined) invitations.delete(invitation);
      return "created";
    });
  }

  addInvitations(hashes: readonly string[], expires: number): Promise<void> {
    return this.#run(({ invitations }) => {
      for (const hash of hashes) invitations.set(hash, expires);
    });
  }

  keepTime(now: number): Promise<number> {
    return this.#run((data) => data.latest = data.latest > latestPossible(now) ? now : Math.max(data.latest, now));
  }

  removeInvitations(expiredBefore: number = Infinity): Promise<number> {
    return this.#run(({ invitations }) => {
      const gone = [...invitations].filter(([, expires]) => expires < expiredBefore);
      for (const [hash] of gone) invitations.delete(hash);
      return gone.length;
    });
  }

  findUser(name: string): Promise<User | null> {
    return this.#run(({ users }) => users.get(name) ?? null);
  }

  listUsers(): Promise<User[]> {
    return this.#run(({ users }) => sorted(users, (user) => user.name));
  }

  setVerifier(name: string, verifier: string): Promise<boolean> {
    return this.#run(() => this.#change(name, { verifier }, true));
  }

  setDisabled(name: string, disabled: boolean): Promise<boolean> {
    return this.#run(() => this.#change(name, { disabled }, disabled));
  }

  removeUser(name: string): Promise<boolean> {
    return this.#run(({ users }) => {
      if (!users.delete(name)) return false;
      this.#endUser(name);
      return true;
    });
  }

  createSession(session: NewSession, { max, verifier }: SessionConditions): Promise<"created" | "refused"> {
    return this.#run(({ users, sessions }) => {
      const owner = users.get(session.user);
      if (owner === undefined || owner.disabled) return "refused";
      if (verifier !== undefined && owner.verifier !== verifier) return "refused";
      this.#drop((old) => old.createdAt < session.createdAt - SESSION_RETENTION);
      const age = ({ createdAt }: Session): number =>
        createdAt > session.createdAt + CLOCK_SKEW ? -Infinity : createdAt;
      const own = [...sessions.values()].filter((old) => old.user === session.user).reverse()
        .sort((a, b) => age(b) - age(a) || 0);
      const surplus = new Set(own.slice(max - 1));
      this.#drop((old) => surplus.has(old));
      sessions.set(session.id, { ...session, generation: 0, lastUsedAt: session.createdAt, replaced: [] });
      return "created";
    });
  }

  findSession(id: string): Promise<Session | null> {
    return this.#run(({ sessions }) => sessions.get(id) ?? null);
  }

  rotateSession(id: string, next: NextToken, conditions: RotationConditions): Promise<Rotation> {
    return this.#run(({ sessions }) => {
      const old = sessions.get(id);
      if (old === undefined) return { outcome: "gone" };
      if (old.generation !== next.generation - 1) return { outcome: "moved", session: old };
      const session = rotated(old, next, conditions);
      sessions.set(id, session);
      return { outcome: "rotated", session };
    });
  }

  touchSession(id: string, now: number): Promise<void> {
    return this.#run(({ sessions }) => {
      const session = sessions.get(id);
      if (session !== undefined) sessions.set(id, { ...session, lastUsedAt: Math.max(session.lastUsedAt, now) });
    });
  }

  revokeSession(id: string): Promise<boolean> {
    return this.#run(({ sessions }) => {
      const isFound = sessions.delete(id);
      if (isFound) this.#notice({ family: id });
      return isFound;
    });
  }

  revokeUser(name: string): Promise<number> {
    return this.#run(() => this.#endUser(name));
  }

  listSessions(user?: string): Promise<Session[]> {
    return this.#run(({ sessions }) => {
      const found = [...sessions.values()].filter((session) => user === undefined || session.user === user);
      return found.sort((a, b) => a.user < b.user ? -1 : a.user > b.user ? 1 : a.createdAt - b.createdAt);
    });
  }

  revocationsSince(version: number): Promise<Revocations> {
    return this.#run(({ revocations }) => {
      const found = revocations.filter((each) => each.version > version);
      const last = revocations.at(-1)?.version ?? 0;
      return {
        version: last,
        users: [...new Set(found.flatMap(({ user }) => user ?? []))],
        families: [...new Set(found.flatMap(({ family }) => family ?? []))],
        complete: version <= last && (found[0]?.version ?? version + 1) <= version + 1,
      };
    });
  }

  version(): Promise<number> {
    return this.#run(({ revocations }) => revocations.at(-1)?.version ?? 0);
  }

  getHost(address: string): Promise<Host | null> {
    return this.#run(({ hosts }) => hosts.get(address) ?? null);
  }

  putHost(address: string, name: string, now: number): Promise<Host> {
    return this.#run(({ hosts }) => {
      const host = { address, name, createdAt: hosts.get(address)?.createdAt ?? now, seenAt: now };
      hosts.set(address, host);
      return host;
    });
  }

  touchHost(address: string, now: number): Promise<Host | null> {
    return this.#run(({ hosts }) => {
      const host = hosts.get(address);
      if (host === undefined) return null;
      const seen = { ...host, seenAt: Math.max(host.seenAt, now) };
      hosts.set(address, seen);
      return seen;
    });
  }

  listHosts(): Promise<Host[]> {
    return this.#run(({ hosts }) => sorted(hosts, (host) => host.address));
  }

  renameHost(address: string, name: string): Promise<boolean> {
    return this.#run(({ hosts }) => {
      const host = hosts.get(address);
      if (host !== undefined) hosts.set(address, { ...host, name });
      return host !== undefined;
    });
  }

  forgetHost(address: string): Promise<boolean> {
    return this.#run(({ hosts }) => hosts.delete(address));
  }

  countAttempt(attempt: Attempt, now: number, windowMs: number): Promise<AttemptCounts> {
    return this.#run(({ attempts }) => {
      attempts.push({ ...attempt, at: now });
      if (attempts.length > ATTEMPTS_KEPT) attempts.shift();
      const counts = { address: 0, account: 0 };
      for (const { address, account, at } of attempts) {
        if (at <= now - windowMs || at > now) continue;
        if (address === attempt.address && address !== "") counts.address++;
        if (account === attempt.account && account !== "") counts.account++;
      }
      return counts;
    });
  }

  clearAttempts({ address, account }: Attempt): Promise<void> {
    return this.#run((data) => {
      data.attempts = data.attempts.filter((each) => each.address !== address || each.account !== account);
    });
  }

  getOrCreateSecret(name: string, bytes: number): Promise<Uint8Array> {
    return this.#run(({ secrets }) => {
      const secret = secrets.get(name) ?? crypto.getRandomValues(new Uint8Array(bytes));
      secrets.set(name, secret);
      return secret.slice();
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #run<T>(operation: (data: MemoryData) => T): Promise<T> {
    if (this.#closed) return Promise.reject(new UsageError("closed", "Cannot use the store: the store is closed"));
    return Promise.resolve(operation(this.#data));
  }

  #change(name: string, values: Partial<User>, end: boolean): boolean {
    const user = this.#data.users.get(name);
    if (user === undefined) return false;
    this.#data.users.set(name, { ...user, ...values });
    if (end) this.#endUser(name);
    return true;
  }

  #endUser(user: string): number {
    const ended = this.#drop((session) => session.user === user);
    this.#notice({ user });
    return ended;
  }

  #notice(what: { user?: string; family?: string }): void {
    const { revocations } = this.#data;
    const version = (revocations.at(-1)?.version ?? 0) + 1;
    this.#data.revocations = [...revocations, { version, ...what }].slice(-REVOCATIONS_KEPT);
  }

  #drop(ends: (session: Session) => boolean): number {
    const ended = [...this.#data.sessions.values()].filter(ends);
    for (const { id } of ended) this.#data.sessions.delete(id);
    return ended.length;
  }
}

function sorted<T>(records: ReadonlyMap<string, T>, key: (record: T) => string): T[] {
  return [...records.values()].sort((a, b) => key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
