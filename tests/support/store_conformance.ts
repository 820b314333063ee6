/**
 * What every {@linkcode UserStore} must do, as test cases: run by `storeConformance("NewStore", open)`.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import {
  ATTEMPTS_KEPT,
  CLOCK_SKEW,
  FAMILY_TOKENS,
  REVOCATIONS_KEPT,
  SESSION_RETENTION,
} from "../../lib/base/limits.ts";
import { watchRevocations } from "../../lib/store/revocations.ts";
import type { NewSession, NewUser, NextToken, UserStore } from "../../lib/store/store.ts";

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

/** Registers the cases; `name` is the implementation's. Options: those of `Deno.test`. */
export function storeConformance(
  name: string,
  open: () => Promise<Opened>,
  options: Pick<Deno.TestDefinition, "ignore" | "sanitizeOps"> = {},
): void {
  for (const cases of [USERS, SESSIONS, ROTATION, REVOCATIONS, HOSTS, OTHERS]) {
    for (const [does, run] of Object.entries(cases)) {
      Deno.test(`${name} ${does}`, options, async () => {
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

  "createUser() keeps to the number of users there may be": async (store) => {
    for (const name of ["a", "b"]) assertEquals(await store.createUser(newUser(name), { max: 2 }), "created");
    assertEquals(await store.createUser(newUser("c"), { max: 2 }), "full");
    assertEquals(await store.createUser(newUser("c")), "created");
  },

  "createUser() uses an invitation up, once and in time": async (store, { reopen }) => {
    const { createdAt } = newUser("a");
    await store.addInvitations(["one", "two", "old"], createdAt + 1000);
    await store.addInvitations(["old"], createdAt + 1000);
    assertEquals(await store.createUser(newUser("a"), { invitation: "none" }), "not_invited");
    assertEquals(await store.createUser(newUser("a"), { invitation: "one" }), "created");
    assertEquals(await store.createUser(newUser("b"), { invitation: "one" }), "not_invited");
    // Of a taken name, and of a full store, it remains.
    assertEquals(await store.createUser(newUser("a"), { invitation: "two" }), "taken");
    assertEquals(await store.createUser(newUser("b"), { invitation: "two", max: 1 }), "full");
    await using other = await reopen();
    const racing = ["c", "d"].map((name, at) =>
      (at === 0 ? store : other).createUser(newUser(name), { invitation: "two" })
    );
    assertEquals((await Promise.all(racing)).toSorted(), ["created", "not_invited"]);
    const late = { ...newUser("e"), createdAt: createdAt + 1000 };
    assertEquals(await store.createUser(late, { invitation: "old" }), "not_invited");
    // Made while the clock was a day or ten years ahead, or used when it is as much behind.
    const day = 24 * 3600 * 1000;
    await store.addInvitations(["ahead"], createdAt + 3650 * day);
    assertEquals(await store.createUser(newUser("e"), { invitation: "ahead" }), "not_invited");
    assertEquals(await store.removeInvitations(createdAt + 3651 * day), 2);
    await store.addInvitations(["far"], createdAt + 7 * day);
    const before = { ...newUser("e"), createdAt: createdAt - 3650 * day };
    assertEquals(await store.createUser(before, { invitation: "far" }), "not_invited");
    assertEquals(await store.removeInvitations(createdAt + 8 * day), 1);
    await store.addInvitations(["old"], createdAt + 1000);
    await store.addInvitations(["new"], createdAt + 5000);
    assertEquals(await store.removeInvitations(createdAt + 2000), 1);
    assertEquals(await store.createUser(newUser("e"), { invitation: "new" }), "created");
    await store.addInvitations(["x", "y"], createdAt + 5000);
    assertEquals(await store.removeInvitations(), 2);
    assertEquals(await store.createUser(newUser("f"), { invitation: "x" }), "not_invited");
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
    assertEquals(await store.findSession("a1"), { ...session, generation: 0, lastUsedAt: 5, replaced: [] });
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
    await rotate(store, "a2", 1, 1_700_000_000_001);
    await store.createSession(newSession("a5", "Anna", 1_700_000_000_002), { max: 3 });
    assertEquals(await store.findSession("a2"), null, "a rotation does not make a family younger");
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

  "createSession() lets those go first that a clock of the future has made": async (store) => {
    const now = 1_700_000_000_000;
    await store.createUser(newUser("Anna"));
    for (const [id, at] of [["ahead", now + CLOCK_SKEW + 1], ["a1", now - 1], ["near", now + CLOCK_SKEW]] as const) {
      await store.createSession(newSession(id, "Anna", at), { max: 3 });
    }
    await store.createSession(newSession("a2", "Anna", now), { max: 3 });
    assertEquals((await store.listSessions()).map(({ id }) => id), ["a1", "a2", "near"]);
  },

  "touchSession() never goes back": async (store) => {
    await twoUsers(store);
    await store.touchSession("a1", 1_700_000_000_050);
    await store.touchSession("a1", 1_700_000_000_020);
    await store.touchSession("nothing", 1);
    assertEquals((await store.findSession("a1"))?.lastUsedAt, 1_700_000_000_050);
  },

  "revokeSession() ends one session": async (store) => {
    await twoUsers(store);
    await rotate(store, "a1", 1, 1);
    await store.createSession(newSession("other", "Anna"), { max: 10 });
    const before = await store.version();
    assertEquals(await store.revokeSession("a1"), true);
    assertEquals(await store.revokeSession("a1"), false);
    assertEquals((await store.listSessions("Anna")).map(({ id }) => id), ["other"]);
    assertEquals((await store.revocationsSince(before)).families, ["a1"]);
  },

  "revokeUser() counts sessions": async (store) => {
    await twoUsers(store);
    await store.createSession(newSession("a2", "Anna"), { max: 10 });
    await rotate(store, "a2", 1, 1);
    assertEquals(await store.revokeUser("Anna"), 2);
    assertEquals(await store.revokeUser("Anna"), 0);
    assertEquals((await store.listSessions()).map(({ user }) => user), ["Boris"]);
  },
};

const ROTATION: Record<string, Case> = {
  "rotateSession() keeps the family's beginning and notes the replacement": async (store) => {
    await twoUsers(store);
    const at = 1_700_000_000_100;
    const session = { ...newSession("a1", "Anna"), ...tokenOf(1), lastUsedAt: at, replaced: [at] };
    assertEquals(await rotate(store, "a1", 1, at), { outcome: "rotated", session });
    assertEquals(await store.findSession("a1"), session);
    assertEquals(await store.listSessions("Anna"), [session]);
    assertEquals(await rotate(store, "nothing", 1, at), { outcome: "gone" });
  },

  "rotateSession() goes on from the current token alone": async (store) => {
    await twoUsers(store);
    const first = await rotate(store, "a1", 1, 1000);
    assert(first.outcome === "rotated");
    for (const generation of [0, 1, 3]) {
      assertEquals(await rotate(store, "a1", generation, 1001), { outcome: "moved", session: first.session });
    }
    assertEquals((await rotate(store, "a1", 2, 1002)).outcome, "rotated");
  },

  "rotateSession() remembers what was replaced within the grace, and not more of it than it may": async (store) => {
    await twoUsers(store);
    await rotate(store, "a1", 1, 1000);
    await rotate(store, "a1", 2, 2000);
    await rotate(store, "a1", 3, 1000 + GRACE);
    assertEquals((await store.findSession("a1"))?.replaced, [1000 + GRACE, 2000, 1000]);
    await rotate(store, "a1", 4, 2001 + GRACE);
    assertEquals((await store.findSession("a1"))?.replaced, [2001 + GRACE, 1000 + GRACE]);
    for (let i = 5; i < FAMILY_TOKENS + 10; i++) await rotate(store, "a1", i, 3000 + GRACE);
    assertEquals((await store.findSession("a1"))?.replaced, Array(FAMILY_TOKENS).fill(3000 + GRACE));
  },

  "rotateSession() rotates once when calls of two stores race": async (store, { reopen }) => {
    await using other = await reopen();
    await twoUsers(store);
    const stores = [store, other];
    const rotations = await Promise.all(
      Array.from({ length: 20 }, (_, i) => rotate(stores[i % 2] ?? store, "a1", 1, 1000 + i)),
    );
    assertEquals(rotations.filter(({ outcome }) => outcome === "rotated").length, 1);
    assertEquals(rotations.filter(({ outcome }) => outcome === "moved").length, 19);
  },

  "rotateSession() and revokeSession() leave nothing behind when they race": async (store, { reopen }) => {
    await using other = await reopen();
    await twoUsers(store);
    await Promise.all([
      ...Array.from({ length: 10 }, (_, i) => rotate(store, "a1", i + 1, 1000)),
      other.revokeSession("a1"),
      ...Array.from({ length: 10 }, (_, i) => rotate(other, "a1", i + 1, 1000)),
    ]);
    assertEquals(await store.listSessions("Anna"), []);
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

  "watchRevocations() tells what another store revoked": async (store, { reopen }) => {
    await using other = await reopen();
    await twoUsers(store);
    const stop = new AbortController();
    const watch = watchRevocations(store, { since: await store.version(), signal: stop.signal });
    const first = watch.next();
    await other.revokeSession("a1");
    const { value } = await first;
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
  "keepTime() answers the latest time, and not one of a clock that was years ahead": async (store, { reopen }) => {
    const now = Date.now();
    const first = await store.keepTime(now);
    await using other = await reopen();
    // Where servers share a database over a network, it is the database's.
    const isOwn = store.fleet === undefined;
    for (const shift of [-3_600_000, 0, isOwn ? 3_600_000 : 0, 5]) {
      const kept = await other.keepTime(now + shift);
      assert(kept >= Math.max(first, isOwn ? now + shift : 0), `${kept} < ${first}`);
    }
    if (!isOwn) return;
    assertEquals(await store.keepTime(now), now + 3_600_000);
    const ahead = now + 12 * 366 * 86_400_000;
    assertEquals(await store.keepTime(ahead), ahead);
    assertEquals(await store.keepTime(now), now);
  },

  "countAttempt() counts within the window, by address and by account": async (store) => {
    const count = (address: string, account: string, now: number) => store.countAttempt({ address, account }, now, 100);
    assertEquals(await count("a", "Anna", 1000), { address: 1, account: 1 });
    assertEquals(await count("a", "Boris", 1050), { address: 2, account: 1 });
    assertEquals(await count("b", "Anna", 1050), { address: 1, account: 2 });
    assertEquals(await count("", "Anna", 1050), { address: 0, account: 3 });
    assertEquals(await count("b", "", 1050), { address: 2, account: 0 });
    assertEquals(await count("a", "Anna", 1100), { address: 2, account: 3 }, "the first one is 100 ms old");
    assertEquals(await count("a", "Anna", 900), { address: 1, account: 1 }, "what is later does not count");
  },

  "clearAttempts() forgets the failures of an address with an account, and no others": async (store) => {
    const count = (address: string, account: string) => store.countAttempt({ address, account }, 1000, 100);
    for (const account of ["Anna", "Anna", "Boris"]) await count("a", account);
    await count("b", "Anna");
    await store.clearAttempts({ address: "a", account: "Anna" });
    assertEquals(await count("a", "Anna"), { address: 2, account: 2 });
  },

  "countAttempt() and clearAttempts() keep their order when many come at once": async (store) => {
    const attempt = { address: "a", account: "Anna" };
    const counts = await Promise.all([
      ...[1, 2, 3].map((at) => store.countAttempt(attempt, at, 100)),
      store.clearAttempts(attempt),
      ...[4, 5].map((at) => store.countAttempt(attempt, at, 100)),
    ]);
    assertEquals(counts.map((count) => count?.address), [1, 2, 3, undefined, 1, 2]);
  },

  "countAttempt() forgets the oldest when there are too many": async (store) => {
    const count = async (address: string, now: number) =>
      (await store.countAttempt({ address, account: "" }, now, 1e6)).address;
    await count("first", 1);
    await count("second", 1);
    await Promise.all(Array.from({ length: ATTEMPTS_KEPT - 2 }, (_, i) => count(`k${i}`, 1)));
    assertEquals(await count("second", 2), 2, "the first one went, this one not yet");
    assertEquals(await count("first", 2), 1);
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
    await rotate(store, "a1", 1, 2000);
    await store.putHost("192.0.2.1", "Anna", 1);
    await store.countAttempt({ address: "a", account: "b" }, 1, 1000);
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
    assertEquals(await again.countAttempt({ address: "a", account: "b" }, 2, 1000), { address: 2, account: 2 });
  },
};

async function twoUsers(store: UserStore): Promise<void> {
  for (const name of ["Anna", "Boris"]) {
    await store.createUser(newUser(name));
    await store.createSession(newSession(`${name[0]?.toLowerCase()}1`, name), { max: 10 });
  }
}

function rotate(store: UserStore, id: string, generation: number, now: number): ReturnType<UserStore["rotateSession"]> {
  return store.rotateSession(id, tokenOf(generation), { now, graceMs: GRACE });
}

function tokenOf(generation: number): NextToken {
  return { generation, secretHash: hash(`generation ${generation}`) };
}

function hash(id: string): Uint8Array {
  return new TextEncoder().encode(id.padEnd(32, "-"));
}
