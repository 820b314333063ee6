import { assertEquals, assertLess } from "@std/assert";
import { ActiveTimeout } from "../../../lib/base/active_timeout.ts";

/** Stands still, as on a machine that is busy with others or was asleep. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

Deno.test("ActiveTimeout: what held the process up does not count", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen = new ActiveTimeout(100).settles(promise);
  standStill(200);
  setTimeout(resolve, 20);
  assertEquals(await seen, true);
});

Deno.test("ActiveTimeout: what is done between waits counts, so that it ends however much there is to see", async () => {
  const patience = new ActiveTimeout(100);
  let turns = 0;
  while (await patience.settles(Promise.resolve())) {
    standStill(5);
    if (++turns > 100) break;
  }
  assertLess(turns, 30);
});
