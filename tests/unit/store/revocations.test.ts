import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, StorageError, UsageError } from "../../../lib/base/errors.ts";
import { watchRevocations } from "../../../lib/store/revocations.ts";
import type { Revocations } from "../../../lib/store/store.ts";

function answer(version: number, users: string[] = [], complete = true): Revocations {
  return { version, users, families: [], complete };
}

/** A store that gives these answers, one a look, and notes from which version it was asked. */
function scripted(answers: (Revocations | Error)[]): {
  asked: number[];
  revocationsSince(version: number): Promise<Revocations>;
} {
  const asked: number[] = [];
  return {
    asked,
    revocationsSince(version) {
      asked.push(version);
      const next = answers.shift() ?? new UsageError("closed", "Cannot look: the script is over");
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  };
}

Deno.test("watchRevocations() asks from where it was, and says nothing of nothing", async () => {
  const store = scripted([answer(3), answer(4, ["Anna"]), answer(4), answer(6, ["Boris"])]);
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { users } of watchRevocations(store, { since: 3, signal: stop.signal, everyMs: 1 })) {
    seen.push(...users);
    if (seen.length === 2) stop.abort();
  }
  assertEquals(seen, ["Anna", "Boris"]);
  assertEquals(store.asked, [3, 3, 4, 4]);
});

Deno.test("watchRevocations() goes on after looks that failed, in whatever way, and says so once", async () => {
  const failure = new StorageError("cannot_read", "Cannot read echo.db: the disk reports an error");
  const damaged = new ConfigError("bad_store", "Cannot use echo.db: the file is damaged");
  const store = scripted([failure, damaged, new TypeError("a row of another kind"), answer(1, ["Anna"])]);
  const stop = new AbortController();
  const told: unknown[] = [];
  const onError = (error: unknown): unknown => told.push(error);
  const options = { since: 0, signal: stop.signal, everyMs: 1, onError, onRecovery: () => told.push("again") };
  for await (const { users } of watchRevocations(store, options)) {
    assertEquals(users, ["Anna"]);
    stop.abort();
  }
  assertEquals(told, [failure, "again"]);
  assertEquals(store.asked, [0, 0, 0, 0]);
});

Deno.test("watchRevocations() tells once when the record does not reach back, and goes on from there", async () => {
  const store = scripted([answer(2, [], false), answer(2), answer(3, ["Anna"])]);
  const stop = new AbortController();
  const seen: boolean[] = [];
  for await (const { complete } of watchRevocations(store, { since: 9, signal: stop.signal, everyMs: 1 })) {
    seen.push(complete);
    if (complete) stop.abort();
  }
  assertEquals(seen, [false, true]);
  assertEquals(store.asked, [9, 2, 2]);
});

Deno.test("watchRevocations() ends when the store is closed", async () => {
  const watch = watchRevocations(scripted([]), { since: 0, signal: new AbortController().signal, everyMs: 1 });
  await assertRejects(() => watch.next(), UsageError, "the script is over");
});
