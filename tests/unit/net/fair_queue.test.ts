import { assertEquals } from "@std/assert";
import { FairQueue, LOOK_BYTES, TURN_MEMBERS, TURNS } from "../../../lib/net/fair_queue.ts";

/** With so many members that not all are served at once. */
function crowded(): FairQueue {
  const turns = new FairQueue();
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.join();
  return turns;
}

function takeAll(turns: FairQueue): number[] {
  return Array.from({ length: TURNS }, () => turns.tryAcquire());
}

Deno.test("take() gives everybody a turn while the members are few", () => {
  const turns = new FairQueue();
  for (let member = 0; member < TURN_MEMBERS; member++) turns.join();
  for (let member = 0; member < TURN_MEMBERS; member++) assertEquals(turns.tryAcquire() > 0, true);
});

Deno.test("take() gives so many turns at a time when there are more members, and again when these have left", () => {
  const turns = crowded();
  assertEquals(takeAll(turns).every((turn) => turn > 0), true);
  assertEquals(turns.tryAcquire(), 0);
  turns.leave();
  assertEquals(turns.tryAcquire() > 0, true);
});

Deno.test("wait() gives turns in the order of asking, each when another one ends", async () => {
  const turns = crowded();
  const held = takeAll(turns);
  const order: string[] = [];
  const waiting = ["first", "second", "third"].map(async (name) => {
    const turn = await turns.acquire();
    order.push(name);
    return turn;
  });
  for (const turn of held.splice(0, 3)) turns.release(turn);
  // Who comes now, while others wait, waits as well.
  held.push(...await Promise.all(waiting));
  assertEquals(order, ["first", "second", "third"]);
  assertEquals(turns.tryAcquire(), 0);
  for (const turn of held) turns.release(turn);
  assertEquals(turns.tryAcquire() > 0, true);
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.leave();
});

Deno.test("A turn whose holder is silent does not keep the others waiting, and counts for nothing when it ends", async () => {
  const turns = crowded();
  const silent = takeAll(turns);
  const next = [await turns.acquire()];
  while (next.length < TURNS) next.push(turns.tryAcquire());
  assertEquals(next.every((turn) => turn > 0), true);
  assertEquals(turns.tryAcquire(), 0);
  for (const turn of silent) turns.release(turn);
  assertEquals(turns.tryAcquire(), 0);
  for (const turn of next) turns.release(turn);
  const last = takeAll(turns);
  assertEquals(last.every((turn) => turn > 0), true);
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.leave();
});

Deno.test("After so many bytes all wait until what has arrived was looked for, however few they are", async () => {
  let [looks, seen] = [0, Promise.withResolvers<void>()];
  const turns = new FairQueue({ poll: () => (looks++, seen.promise) });
  for (let member = 0; member < 3; member++) turns.join();
  turns.release(turns.tryAcquire(), LOOK_BYTES);
  assertEquals([turns.tryAcquire() > 0, looks], [true, 0]);
  turns.release(turns.tryAcquire(), 1);
  assertEquals([turns.tryAcquire(), turns.tryAcquire(), looks], [0, 0, 1]);
  const order: string[] = [];
  const waiting = ["first", "second"].map((name) => turns.acquire().then((turn) => (order.push(name), turn)));
  // Who ends a turn meanwhile lets nobody in.
  turns.release(0, LOOK_BYTES);
  await Promise.resolve();
  assertEquals([order, looks], [[], 1]);
  seen.resolve();
  assertEquals((await Promise.all(waiting)).every((turn) => turn > 0), true);
  assertEquals(order, ["first", "second"]);
  // Counted from the look on.
  seen = Promise.withResolvers();
  turns.release(turns.tryAcquire(), LOOK_BYTES);
  assertEquals([turns.tryAcquire() > 0, looks], [true, 1]);
  for (let member = 0; member < 3; member++) turns.leave();
});

Deno.test("After a look, more than can be served wait for their turns as before", async () => {
  const seen = Promise.withResolvers<void>();
  const turns = new FairQueue({ poll: () => seen.promise });
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.join();
  turns.release(turns.tryAcquire(), LOOK_BYTES + 1);
  const served: number[] = [];
  const waiting = Array.from({ length: 2 * TURNS }, () => turns.acquire().then((turn) => served.push(turn)));
  seen.resolve();
  await Promise.all(waiting.slice(0, TURNS));
  assertEquals(served.length, TURNS);
  // These are silent: the others need not wait for them.
  await Promise.all(waiting);
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.leave();
});

Deno.test("pass() waits for those who have come before, and takes nothing from those who come later", async () => {
  await new FairQueue().pass();
  const turns = crowded();
  const held = takeAll(turns);
  const order: string[] = [];
  const earlier = turns.acquire().then((turn) => (order.push("earlier"), turn));
  const passed = turns.pass().then(() => order.push("passed"));
  turns.release(held.pop() ?? 0);
  const turn = await earlier;
  assertEquals(order, ["earlier"]);
  turns.release(turn);
  await passed;
  assertEquals([order, turns.tryAcquire() > 0], [["earlier", "passed"], true]);
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.leave();
});
