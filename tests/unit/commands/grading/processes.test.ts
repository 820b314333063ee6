import { assertEquals } from "@std/assert";
import { timeHeldUp } from "../../../../lib/commands/grading/processes.ts";

Deno.test("timeHeldUp() takes what a program has run for its time, however long it was kept from the rest", () => {
  const before = { ran: 1000, waited: 500, isReady: true };
  // Meant to take 45 ms, a look took 300: the program had a third of them.
  assertEquals(timeHeldUp(before, { ran: 1100, waited: 700, isReady: true }, 45), 0);
  assertEquals(timeHeldUp(before, { ran: 1015, waited: 785, isReady: true }, 45), 30);
  assertEquals(timeHeldUp(before, { ran: 1015, waited: 510, isReady: false }, 45), 10);
});

Deno.test("timeHeldUp() is all of the time for who is ready and has not run, none for who waits", () => {
  const before = { ran: 1000, waited: 500, isReady: true };
  assertEquals(timeHeldUp(before, before, 45), 45);
  assertEquals(timeHeldUp(before, { ...before, isReady: false }, 45), 0);
});
