import { assertEquals } from "@std/assert";
import { ATTEMPTS_KEPT } from "../../../lib/base/limits.ts";
import { Penalties } from "../../../lib/server/penalties.ts";

Deno.test("inTurn() does the work of unsuspected addresses at once, side by side", async () => {
  const penalties = new Penalties();
  const gate = Promise.withResolvers<string>();
  const slow = penalties.inTurn("192.0.2.1", () => gate.promise);
  assertEquals(await penalties.inTurn("192.0.2.1", () => Promise.resolve("fast")), "fast");
  gate.resolve("slow");
  assertEquals(await slow, "slow");
});

Deno.test("inTurn() answers a suspected address one after the other, behind the wait of the failure", async () => {
  const penalties = new Penalties();
  const done: string[] = [];
  const wait = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  penalties.failed("192.0.2.1", wait.promise);
  const both = [
    penalties.inTurn("192.0.2.1", async () => {
      done.push("first begins");
      await first.promise;
      done.push("first ends");
    }),
    penalties.inTurn("192.0.2.1", () => Promise.resolve(done.push("second"))),
  ];
  await penalties.inTurn("192.0.2.2", () => Promise.resolve(done.push("another address")));
  wait.resolve();
  first.resolve();
  await Promise.all(both);
  assertEquals(done, ["another address", "first begins", "first ends", "second"]);
});

Deno.test("inTurn() goes on after work that failed, and clear() ends the suspicion", async () => {
  const penalties = new Penalties();
  penalties.failed("192.0.2.1", Promise.resolve());
  const failing = penalties.inTurn("192.0.2.1", () => Promise.reject(new Error("lost"))).catch(() => "lost");
  assertEquals(await penalties.inTurn("192.0.2.1", () => Promise.resolve("next")), "next");
  assertEquals(await failing, "lost");
  penalties.clear("192.0.2.1");
  assertEquals(penalties.size, 0);
});

Deno.test("failed() forgets the oldest address when there are too many", () => {
  const penalties = new Penalties();
  for (let number = 0; number < ATTEMPTS_KEPT + 5; number++) penalties.failed(`address ${number}`, Promise.resolve());
  assertEquals(penalties.size, ATTEMPTS_KEPT);
});
