import { assertEquals } from "@std/assert";
import { MonotonicClock } from "../../../lib/auth/clock.ts";

Deno.test("MonotonicClock.now() stands still while its source is behind", () => {
  const times = [10, 20, 5, 19, 21];
  const clock = new MonotonicClock(() => times.shift() ?? 0);
  assertEquals(Array.from({ length: 6 }, () => clock.now()), [10, 20, 20, 20, 21, 21]);
});

Deno.test("MonotonicClock.now() begins no earlier than what was known before", () => {
  assertEquals(new MonotonicClock(() => 5, 100).now(), 100);
});
