import { assertEquals } from "@std/assert";
import { ACCOUNT_GUESSES, NAMES_TOLD, REGISTRATIONS } from "../../../lib/base/limits.ts";
import { LoginLimits } from "../../../lib/server/login_limits.ts";
import { MemoryStore } from "../../support/memory_store.ts";
import type { Attempt } from "../../../lib/store/store.ts";

const MINUTE = 60_000;
const NEVER = new AbortController().signal;

/** Limits in a time of their own, which passes while somebody waits. */
class World {
  time = 1_700_000_000_000;
  readonly store = new MemoryStore();
  readonly #timers: { readonly at: number; readonly ring: () => void }[] = [];
  readonly limits = new LoginLimits({
    store: this.store,
    now: () => this.time,
    wait: (ms) => new Promise((ring) => this.#timers.push({ at: this.time + ms, ring })),
  });
  readonly guesses: { readonly at: number; readonly attempt: Attempt }[] = [];

  /** Guesses wrongly, as a dialogue does. */
  readonly guess = (attempt: Attempt): Promise<void> =>
    this.limits.inTurn(attempt, async () => {
      this.guesses.push({ at: this.time, attempt });
      await this.limits.failed(attempt, NEVER);
    });

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      // Until all that can be done without waiting is done.
      for (let turn = 0; turn < 200; turn++) await Promise.resolve();
      const [next] = this.#timers.sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers.shift();
      this.time = next.at;
      next.ring();
    }
    this.time = end;
  }
}

Deno.test("100 guesses at once from a fresh address are checked one by one, each after the penalty of the one before", async () => {
  const world = new World();
  for (let number = 0; number < 100; number++) void world.guess({ address: "a", account: `user ${number}` });
  await world.pass(MINUTE);
  assertEquals(world.guesses.map(({ at }) => (at - 1_700_000_000_000) / 1000), [0, 2, 6, 14, 29, 44, 59]);
  await world.pass(MINUTE);
  assertEquals(world.guesses.length, 11, "four a minute");
});

Deno.test("90 guesses after a log-in with an account of one's own are four a minute as well", async () => {
  const world = new World();
  for (let number = 0; number < 5; number++) void world.guess({ address: "a", account: "anna" });
  await world.pass(MINUTE);
  const before = world.guesses.length;
  for (let number = 0; number < 90; number++) void world.guess({ address: "a", account: "anna" });
  for (let minute = 0; minute < 3; minute++) {
    const own = { address: "a", account: "eve" };
    void world.limits.inTurn(own, () => world.store.clearAttempts(own));
    await world.pass(MINUTE);
  }
  assertEquals(world.guesses.length - before <= 13, true, `${world.guesses.length - before} guesses in three minutes`);
});

Deno.test("guesses at one account from many addresses, and from this machine, share a limit", async () => {
  for (const addressOf of [(number: number) => `${number}`, () => ""]) {
    const world = new World();
    for (let number = 0; number < 400; number++) void world.guess({ address: addressOf(number), account: "anna" });
    void world.guess({ address: addressOf(401), account: "boris" });
    await world.pass(5 * MINUTE);
    const atAnna = world.guesses.filter(({ attempt }) => attempt.account === "anna").length;
    assertEquals(atAnna <= ACCOUNT_GUESSES + 25, true, `${atAnna} guesses`);
    assertEquals(world.guesses.length - atAnna, 1, "another account is not held up");
  }
});

Deno.test("an address that guesses at an account waits by itself, and does not hold up the account's owner", async () => {
  const world = new World();
  for (let number = 0; number < 15; number++) void world.guess({ address: "a", account: "anna" });
  for (let seconds = 0; seconds < 30; seconds += 5) {
    let isIn = false;
    const owner = { address: `b${seconds}`, account: "anna" };
    void world.limits.inTurn(owner, () => Promise.resolve(void (isIn = true)));
    await world.pass(1);
    assertEquals(isIn, true, `after ${seconds} s`);
    await world.pass(5000);
  }
  assertEquals(world.guesses.length, 5);
});

Deno.test("what is no guess waits only where the address has failed", async () => {
  const world = new World();
  const done: string[] = [];
  const say = (what: string, address: string): Promise<unknown> =>
    world.limits.inTurn({ address, account: "" }, () => Promise.resolve(done.push(what)));
  void world.guess({ address: "a", account: "anna" });
  await world.pass(1);
  const said = [say("of the address", "a"), say("of another", "b"), say("of this machine", "")];
  await world.pass(1);
  assertEquals(done, ["of another", "of this machine"]);
  await world.pass(2000);
  await Promise.all(said);
  assertEquals(done.length, 3);
});

Deno.test("an address that has been told 100 names is told one a second", async () => {
  const world = new World();
  let told = 0;
  const ask = (address: string): Promise<void> =>
    world.limits.inTurn({ address, account: "" }, () => Promise.resolve(void (told++, world.limits.nameTold(address))));
  for (let number = 0; number <= NAMES_TOLD.burst; number++) await ask("a");
  for (let number = 0; number < 50; number++) void ask("a");
  await world.pass(10_500);
  assertEquals(told - NAMES_TOLD.burst, 11);
});

Deno.test("mayRegister() takes a class from one address, and then few", () => {
  const { limits } = new World();
  const taken = Array.from({ length: REGISTRATIONS.burst + 20 }, () => limits.mayRegister("a")).filter(Boolean);
  assertEquals([taken.length, limits.mayRegister("b"), limits.mayRegister("")], [REGISTRATIONS.burst, true, true]);
});
