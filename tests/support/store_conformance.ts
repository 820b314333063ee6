/**
 * What every {@linkcode UserStore} must do, as test cases: run by `storeConformance("NewStore", open)`.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertNotEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { ATTEMPTS_KEPT, FAMILY_TOKENS, REVOCATIONS_KEPT, SESSION_RETENTION } from "../../lib/base/limits.ts";
import { watchRevocations } from "../../lib/store/revocations.ts";
import type { NewSession, NewUser, UserStore } from "../../lib/store/store.ts";

/** One store under test. */
export interface Opened {
  readonly store: UserStore;
  /** Another store on the same data, as another process would open it, whether the first is still open or not. */
  readonly reopen: () => Promise<UserStore>;
  /** Lets go of the data, once all stores are closed. */
  readonly dispose: () => Promise<void>;
}

type Case = (store: UserStore, opened: Opened) => Promise<void>;

const GRACE = 60_000;

/** A user for tests. */
export function newUser(name: string, verifier = `verifier of ${name}`): NewUser {
  return { name, verifier, createdAt: 1_700_000_000_000 };
}

/** A session for tests. */
export function newSession(id: string, user: string, createdAt = 1_700_000_000_000): NewSession {
  return { id, user, secretHash: hash(id), createdAt };
}

/** Registers the cases; `name` is the implementation's. */
export function storeConformance(name: string, open: () => Promise<Opened>): void {
  for (const cases of [USERS, SESSIONS, ROTATION, REVOCATIONS, HOSTS, OTHERS]) {
    for (const [does, run] of Object.entries(cases)) {
      Deno.test(`${name} ${does}`, async () => {
        const opened = await open();
        try {
          await using store = opened.store;
          await run(store, opened);
        } finally {
          await opened.dispose();
        }
      });
    }
  }
}

const USERS: Record<string, Case> = {
  "createUser() keeps the first user of a name": async (store) => {
    assertEquals(await store.createUser(newUser("Anna", "first")), "created");
    assertEquals(await store.createUser(newUser("Anna", "second")), "taken");
    assertEquals(await store.findUser("Anna"), { ...newUser("Anna", "first"), disabled: false });
  },

  "createUser() creates one user when 100 calls race for a name": async (store, { reopen }) => {
    await using other = await reopen();
    const calls = Array.from({ length: 100 }, (_, i) => (i % 2 ? store : other).createUser(newUser("Anna", `v${i}`)));
    const outcomes = await Promise.all(calls);
    assertEquals(outcomes.filter((outcome) => outcome === "created").length, 1);
    assertEquals((await store.findUser("Anna"))?.verifier, `v${outcomes.indexOf("created")}`);
  },

  "findUser() compares names exactly": async (store) => {
    const names = ["anna", "Anna", "Анна", "Anna ", "A%", "A_", "e\u0301", "\u00e9", "a'b\"; --"];
    for (const name of names) assertEquals(await store.createUser(newUser(name)), "created", name);
    for (const name of names) assertEquals((await store.findUser(name))?.name, name);
    assertEquals(await store.findUser("ANNA"), null);
    assertEquals((await store.listUsers()).length, names.length);
  },

  "listUsers() sorts by name": async (store) => {
    assertEquals(await store.listUsers(), []);
    for (const name of ["c", "a", "b"]) await store.createUser({ ...newUser(name), disabled: name === "a" });
    const users = await store.listUsers();
    assertEquals(users.map(({ name, disabled }) => [name, disabled]), [["a", true], ["b", false], ["c", false]]);
  },

  "setVerifier() ends the user's sessions and nobody else's": async (store) => {
    await twoUsers(store);
    assertEquals(await store.setVerifier("Anna", "new"), true);
    assertEquals((await store.findUser("Anna"))?.verifier, "new");
    assertEquals(await store.findSession("a1"), null);
    assertNotEquals(await store.findSession("b1"), null);
    assertEquals(await store.setVerifier("nobody", "new"), false);
  },

  "setDisabled() ends the user's sessions and lets none begin": async (store) => {
    await twoUsers(store);
    assertEquals(await store.setDisabled("Anna", true), true);
    assertEquals((await store.findUser("Anna"))?.disabled, true);
    assertEquals(await store.findSession("a1"), null);
    assertEquals(await store.createSession(newSession("a2", "Anna"), { max: 10 }), "refused");
    const before = await store.version();
    assertEquals(await store.setDisabled("Anna", false), true);
    assertEquals(await store.version(), before, "nothing is revoked by enabling");
    assertEquals(await store.createSession(newSession("a3", "Anna"), { max: 10 }), "created");
    assertEquals(await store.setDisabled("nobody", true), false);
  },

  "removeUser() takes the sessions along": async (store) => {
    await twoUsers(store);
    assertEquals(await store.removeUser("Anna"), true);
    assertEquals(await store.removeUser("Anna"), false);
    assertEquals(await store.findUser("Anna"), null);
    assertEquals(await store.createUser(newUser("Anna")), "created");
    assertEquals((await store.listSessions()).map(({ id }) => id), ["b1"]);
  },
};

const SESSIONS: Record<string, Case> = {
  "createSession() begins a family": async (store) => {
    await store.createUser(newUser("Anna"));
    const session = newSession("a1", "Anna", 5);
    assertEquals(await store.createSession(session, { max: 10 }), "created");
    assertEquals(await store.findSession("a1"), { ...session, family: "a1", lastUsedAt: 5, replacedAt: null });
    assertEquals(await store.findSession("A1"), null);
  },

  "createSession() refuses a user who was removed or has a new password": async (store) => {
    assertEquals(await store.createSession(newSession("x", "nobody"), { max: 10 }), "refused");
    await store.createUser(newUser("Anna", "old"));
    await store.setVerifier("Anna", "new");
    assertEquals(await store.createSession(newSession("x", "Anna"), { max: 10, verifier: "old" }), "refused");
    assertEquals(await store.findSession("x"), null);
    assertEquals(await store.createSession(newSession("x", "Anna"), { max: 10, verifier: "new" }), "created");
  },

  "createSession() lets the oldest family go when there are too many": async (store) => {
    await twoUsers(store);
    for (let i = 2; i <= 4; i++) await store.createSession(newSession(`a${i}`, "Anna"), { max: 3 });
    assertEquals((await store.listSessions("Anna")).map(({ id }) => id), ["a2", "a3", "a4"]);
    await rotate(store, "a2", "a2b", 1_700_000_000_001);
    await store.createSession(newSession("a5", "Anna", 1_700_000_000_002), { max: 3 });
    assertEquals(await store.findSession("a2b"), null, "a rotation does not make a family younger");
    assertEquals((await store.listSessions("Anna")).map(({ id }) => id), ["a3", "a4", "a5"]);
    assertEquals((await store.listSessions("Boris")).length, 1);
  },

  "createSession() drops what expired long ago": async (store) => {
    await twoUsers(store);
    const later = 1_700_000_000_000 + SESSION_RETENTION;
    await store.createSession(newSession("b2", "Boris", later), { max: 10 });
    assertNotEquals(await store.findSession("a1"), null);
    await store.createSession(newSession("b3", "Boris", later + 1), { max: 10 });
    assertEquals((await store.listSessions()).map(({ id }) => id), ["b2", "b3"]);
  },

  "touchSession() never goes back": async (store) => {
    await twoUsers(store);
    await store.touchSession("a1", 1_700_000_000_050);
    await store.touchSession("a1", 1_700_000_000_020);
    await store.touchSession("nothing", 1);
    assertEquals((await store.findSession("a1"))?.lastUsedAt, 1_700_000_000_050);
  },

  "revokeSession() ends the whole family, by any of its ids": async (store) => {
    for (const id of ["a1", "a2", "a3"]) {
      await store.removeUser("Anna");
      await store.createUser(newUser("Anna"));
      await store.createSession(newSession("a1", "Anna"), { max: 10 });
      await rotate(store, "a1", "a2", 1);
      await rotate(store, "a2", "a3", 2);
      await store.createSession(newSession("other", "Anna"), { max: 10 });
      assertEquals(await store.revokeSession(id), true);
      assertEquals(await store.revokeSession(id), false);
      assertEquals((await store.listSessions()).map((session) => session.id), ["other"]);
    }
  },

  "revokeUser() counts families": async (store) => {
    await twoUsers(store);
    await store.createSession(newSession("a2", "Anna"), { max: 10 });
    await rotate(store, "a2", "a3", 1);
    assertEquals(await store.revokeUser("Anna"), 2);
    assertEquals(await store.revokeUser("Anna"), 0);
    assertEquals((await store.listSessions()).map(({ user }) => user), ["Boris"]);
  },
};

const ROTATION: Record<string, Case> = {
  "rotateSession() keeps the family's beginning and notes the replacement": async (store) => {
    await twoUsers(store);
    const rotation = await rotate(store, "a1", "a2", 1_700_000_000_100);
    const session = { ...newSession("a2", "Anna"), family: "a1", lastUsedAt: 1_700_000_000_100, replacedAt: null };
    assertEquals(rotation, { outcome: "rotated", session });
    assertEquals(await store.findSession("a2"), session);
    assertEquals((await store.findSession("a1"))?.replacedAt, 1_700_000_000_100);
    assertEquals((await store.listSessions("Anna")).map(({ id }) => id), ["a2"]);
  },

  "rotateSession() answers twice within the grace, and both tokens live on": async (store) => {
    await twoUsers(store);
    assertEquals((await rotate(store, "a1", "a2", 1000)).outcome, "rotated");
    assertEquals((await rotate(store, "a1", "a3", 1000 + GRACE)).outcome, "rotated");
    assertEquals((await store.findSession("a1"))?.replacedAt, 1000, "the grace is not extended");
    assertEquals((await store.findSession("a2"))?.replacedAt, null);
    assertEquals((await rotate(store, "a2", "a4", 2000 + GRACE)).outcome, "rotated");
    assertEquals((await rotate(store, "a3", "a5", 2000 + GRACE)).outcome, "rotated");
    assertEquals((await store.listSessions("Anna")).length, 1, "still one family");
  },

  "rotateSession() revokes the family when a replaced token comes after the grace": async (store) => {
    await twoUsers(store);
    await rotate(store, "a1", "a2", 1000);
    const before = await store.version();
    const rotation = await rotate(store, "a1", "a3", 1001 + GRACE);
    assert(rotation.outcome === "reused");
    assertEquals([rotation.session.id, rotation.session.user], ["a1", "Anna"]);
    assertEquals(await store.listSessions("Anna"), []);
    assertEquals(await store.findSession("a3"), null);
    assertEquals((await store.revocationsSince(before)).families, ["a1"]);
    assertEquals(await rotate(store, "a2", "a4", 1002 + GRACE), { outcome: "gone" });
  },

  "rotateSession() marks a token once when calls of two stores race": async (store, { reopen }) => {
    await using other = await reopen();
    await twoUsers(store);
    const stores = [store, other];
    const rotations = await Promise.all(
      Array.from({ length: 20 }, (_, i) => rotate(stores[i % 2] ?? store, "a1", `n${i}`, 1000 + i)),
    );
    assertEquals(rotations.filter(({ outcome }) => outcome === "rotated").length, 20);
    const old = await store.findSession("a1");
    assert(old?.replacedAt === 1000 || old?.replacedAt === 1001, "the first one of either store");
    for (let i = 0; i < 20; i++) assertEquals((await store.findSession(`n${i}`))?.family, "a1");
  },

  "rotateSession() and revokeSession() leave nothing behind when they race": async (store, { reopen }) => {
    await using other = await reopen();
    await twoUsers(store);
    await Promise.all([
      ...Array.from({ length: 10 }, (_, i) => rotate(store, "a1", `n${i}`, 1000)),
      other.revokeSession("a1"),
      ...Array.from({ length: 10 }, (_, i) => rotate(other, "a1", `m${i}`, 1000)),
    ]);
    assertEquals(await store.listSessions("Anna"), []);
  },

  "rotateSession() keeps the newest tokens of a family": async (store) => {
    await twoUsers(store);
    for (let i = 1; i <= FAMILY_TOKENS; i++) await rotate(store, `a${i}`, `a${i + 1}`, i);
    assertEquals(await store.findSession("a1"), null);
    assertEquals((await store.findSession("a2"))?.replacedAt, 2);
    assertEquals(await rotate(store, "a1", "x", 1e6), { outcome: "gone" });
    assertEquals((await store.findSession(`a${FAMILY_TOKENS + 1}`))?.replacedAt, null);
  },
};

const REVOCATIONS: Record<string, Case> = {
  "revocationsSince() names users and families, each once": async (store) => {
    await twoUsers(store);
    const start = await store.version();
    assertEquals(await store.revocationsSince(start), { version: start, users: [], families: [], complete: true });
    await store.setVerifier("Anna", "new");
    await store.setDisabled("Boris", true);
    await store.revokeUser("Anna");
    await store.setDisabled("Boris", false);
    await store.createSession(newSession("b2", "Boris"), { max: 10 });
    await store.revokeSession("b2");
    await store.removeUser("Boris");
    const { version, ...found } = await store.revocationsSince(start);
    assertEquals(found, { users: ["Anna", "Boris"], families: ["b2"], complete: true });
    assertEquals(version, await store.version());
    assertEquals((await store.revocationsSince(version)).users, []);
  },

  "revocationsSince() says when it does not know": async (store) => {
    assertEquals((await store.revocationsSince(5)).complete, false, "a version of other data");
    await store.createUser(newUser("Anna"));
    const start = await store.version();
    await Promise.all(Array.from({ length: REVOCATIONS_KEPT + 1 }, () => store.revokeUser("Anna")));
    assertEquals((await store.revocationsSince(start)).complete, false);
    assertEquals((await store.revocationsSince(start + 1)).complete, true);
  },

  "watchRevocations() tells within 2 s what another store revoked": async (store, { reopen }) => {
    await using other = await reopen();
    await twoUsers(store);
    const stop = new AbortController();
    const watch = watchRevocations(store, { since: await store.version(), signal: stop.signal });
    const first = watch.next();
    const began = performance.now();
    await other.revokeSession("a1");
    const { value } = await first;
    assertLess(performance.now() - began, 2000);
    assertEquals(value?.families, ["a1"]);
    assertEquals(await store.findSession("a1"), null);
    stop.abort();
    assertEquals((await watch.next()).done, true);
  },
};

const HOSTS: Record<string, Case> = {
  "putHost() stores, and changes what is known": async (store) => {
    assertEquals(await store.getHost("192.0.2.1"), null);
    const host = { address: "192.0.2.1", name: "Anna", createdAt: 1, seenAt: 1 };
    assertEquals(await store.putHost("192.0.2.1", "Anna", 1), host);
    assertEquals(await store.getHost("192.0.2.1"), host);
    assertEquals(await store.putHost("192.0.2.1", "Boris", 9), { ...host, name: "Boris", seenAt: 9 });
  },

  "touchHost() notes a visit and no more": async (store) => {
    assertEquals(await store.touchHost("192.0.2.1", 5), null);
    await store.putHost("192.0.2.1", "Anna", 1);
    assertEquals((await store.touchHost("192.0.2.1", 5))?.seenAt, 5);
    assertEquals((await store.touchHost("192.0.2.1", 3))?.seenAt, 5);
    assertEquals((await store.getHost("192.0.2.1"))?.createdAt, 1);
  },

  "listHosts(), renameHost() and forgetHost() manage hosts": async (store) => {
    for (const address of ["2001:db8::2", "192.0.2.1"]) await store.putHost(address, "Anna", 1);
    assertEquals((await store.listHosts()).map(({ address }) => address), ["192.0.2.1", "2001:db8::2"]);
    assertEquals(await store.renameHost("192.0.2.1", "Мария"), true);
    assertEquals((await store.getHost("192.0.2.1"))?.name, "Мария");
    assertEquals(await store.renameHost("192.0.2.9", "x"), false);
    assertEquals(await store.forgetHost("192.0.2.1"), true);
    assertEquals(await store.forgetHost("192.0.2.1"), false);
    assertEquals(await store.getHost("192.0.2.1"), null);
  },
};

const OTHERS: Record<string, Case> = {
  "countAttempt() counts within the window, key by key": async (store) => {
    assertEquals(await store.countAttempt("a", 1000, 100), 1);
    assertEquals(await store.countAttempt("a", 1050, 100), 2);
    assertEquals(await store.countAttempt("b", 1050, 100), 1);
    assertEquals(await store.countAttempt("a", 1100, 100), 2, "the first one is 100 ms old");
    await store.clearAttempts("a");
    assertEquals(await store.countAttempt("a", 1101, 100), 1);
    assertEquals(await store.countAttempt("b", 1101, 100), 2);
  },

  "countAttempt() and clearAttempts() keep their order when many come at once": async (store) => {
    const counts = await Promise.all([
      ...[1, 2, 3].map((at) => store.countAttempt("a", at, 100)),
      store.clearAttempts("a"),
      ...[4, 5].map((at) => store.countAttempt("a", at, 100)),
      store.countAttempt("b", 5, 100),
    ]);
    assertEquals(counts, [1, 2, 3, undefined, 1, 2, 1]);
  },

  "countAttempt() forgets the oldest when there are too many": async (store) => {
    await store.countAttempt("first", 1, 1e6);
    await store.countAttempt("second", 1, 1e6);
    await Promise.all(Array.from({ length: ATTEMPTS_KEPT - 2 }, (_, i) => store.countAttempt(`k${i}`, 1, 1e6)));
    assertEquals(await store.countAttempt("second", 2, 1e6), 2, "the first one went, this one not yet");
    assertEquals(await store.countAttempt("first", 2, 1e6), 1);
  },

  "getOrCreateSecret() makes one and keeps it": async (store, { reopen }) => {
    await using other = await reopen();
    const [one, two] = await Promise.all([store.getOrCreateSecret("a", 32), other.getOrCreateSecret("a", 32)]);
    assertEquals(one, two);
    assertEquals(one.length, 32);
    assertNotEquals(await store.getOrCreateSecret("b", 32), one);
  },

  "close() finishes what was asked before, is idempotent, and ends the store": async (store, { reopen }) => {
    const calls = Array.from({ length: 50 }, (_, i) => store.createUser(newUser(`u${i}`)));
    const closed = store.close();
    await assertRejects(() => store.findUser("u1"), UsageError);
    assertEquals(new Set(await Promise.all(calls)), new Set(["created"]));
    await closed;
    await store.close();
    await assertRejects(() => store.listUsers(), UsageError);
    await using again = await reopen();
    assertEquals((await again.listUsers()).length, 50);
  },

  "close() loses nothing": async (store, { reopen }) => {
    await twoUsers(store);
    await rotate(store, "a1", "a2", 2000);
    await store.putHost("192.0.2.1", "Anna", 1);
    await store.countAttempt("a", 1, 1000);
    await store.revokeUser("Boris");
    const all = async (from: UserStore) => [
      await from.listUsers(),
      await from.listSessions(),
      await from.findSession("a1"),
      await from.listHosts(),
      await from.version(),
      await from.getOrCreateSecret("mock", 16),
    ];
    const before = await all(store);
    await store.close();
    await using again = await reopen();
    assertEquals(await all(again), before);
    assertEquals(await again.countAttempt("a", 2, 1000), 2);
  },
};

async function twoUsers(store: UserStore): Promise<void> {
  for (const name of ["Anna", "Boris"]) {
    await store.createUser(newUser(name));
    await store.createSession(newSession(`${name[0]?.toLowerCase()}1`, name), { max: 10 });
  }
}

function rotate(store: UserStore, from: string, to: string, now: number): ReturnType<UserStore["rotateSession"]> {
  return store.rotateSession(from, { id: to, secretHash: hash(to) }, { now, graceMs: GRACE });
}

function hash(id: string): Uint8Array {
  return new TextEncoder().encode(id.padEnd(32, "-"));
}
