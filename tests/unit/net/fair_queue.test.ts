import { assertEquals } from "@std/assert";
import { LOOK_BYTES, TURN_MEMBERS, TURNS, Turns } from "../../../lib/net/fair_queue.ts";

/** With so many members that not all are served at once. */
function crowded(): Turns {
  const turns = new Turns();
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.join();
  return turns;
}

function takeAll(turns: Turns): number[] {
  return Array.from({ length: TURNS }, () => turns.take());
}

Deno.test("take() gives everybody a turn while the members are few", () => {
  const turns = new Turns();
  for (let member = 0; member < TURN_MEMBERS; member++) turns.join();
  for (let member = 0; member < TURN_MEMBERS; member++) assertEquals(turns.take() > 0, true);
});

Deno.test("take() gives so many turns at a time when there are more members, and again when these have left", () => {
  const turns = crowded();
  assertEquals(takeAll(turns).every((turn) => turn > 0), true);
  assertEquals(turns.take(), 0);
  turns.leave();
  assertEquals(turns.take() > 0, true);
});

Deno.test("wait() gives turns in the order of asking, each when another one ends", async () => {
  const turns = crowded();
  const held = takeAll(turns);
  const order: string[] = [];
  const waiting = ["first", "second", "third"].map(async (name) => {
    const turn = await turns.wait();
    order.push(name);
    return turn;
  });
  for (const turn of held.splice(0, 3)) turns.give(turn);
  // Who comes now, while others wait, waits as well.
  held.push(...await Promise.all(waiting));
  assertEquals(order, ["first", "second", "third"]);
  assertEquals(turns.take(), 0);
  for (const turn of held) turns.give(turn);
  assertEquals(turns.take() > 0, true);
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.leave();
});

Deno.test("A turn whose holder is silent does not keep the others waiting, and counts for nothing when it ends", async () => {
  const turns = crowded();
  const silent = takeAll(turns);
  const next = [await turns.wait()];
  while (next.length < TURNS) next.push(turns.take());
  assertEquals(next.every((turn) => turn > 0), true);
  assertEquals(turns.take(), 0);
  for (const turn of silent) turns.give(turn);
  assertEquals(turns.take(), 0);
  for (const turn of next) turns.give(turn);
  const last = takeAll(turns);
  assertEquals(last.every((turn) => turn > 0), true);
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.leave();
});

Deno.test("After so many bytes all wait until what has arrived was looked for, however few they are", async () => {
  let [looks, seen] = [0, Promise.withResolvers<void>()];
  const turns = new Turns({ look: () => (looks++, seen.promise) });
  for (let member = 0; member < 3; member++) turns.join();
  turns.give(turns.take(), LOOK_BYTES);
  assertEquals([turns.take() > 0, looks], [true, 0]);
  turns.give(turns.take(), 1);
  assertEquals([turns.take(), turns.take(), looks], [0, 0, 1]);
  const order: string[] = [];
  const waiting = ["first", "second"].map((name) => turns.wait().then((turn) => (order.push(name), turn)));
  // Who ends a turn meanwhile lets nobody in.
  turns.give(0, LOOK_BYTES);
  await Promise.resolve();
  assertEquals([order, looks], [[], 1]);
  seen.resolve();
  assertEquals((await Promise.all(waiting)).every((turn) => turn > 0), true);
  assertEquals(order, ["first", "second"]);
  // Counted from the look on.
  seen = Promise.withResolvers();
  turns.give(turns.take(), LOOK_BYTES);
  assertEquals([turns.take() > 0, looks], [true, 1]);
  for (let member = 0; member < 3; member++) turns.leave();
});

Deno.test("After a look, more than can be served wait for their turns as before", async () => {
  const seen = Promise.withResolvers<void>();
  const turns = new Turns({ look: () => seen.promise });
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.join();
  turns.give(turns.take(), LOOK_BYTES + 1);
  const served: number[] = [];
  const waiting = Array.from({ length: 2 * TURNS }, () => turns.wait().then((turn) => served.push(turn)));
  seen.resolve();
  await Promise.all(waiting.slice(0, TURNS));
  assertEquals(served.length, TURNS);
  // These are silent: the others need not wait for them.
  await Promise.all(waiting);
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.leave();
});

Deno.test("pass() waits for those who have come before, and takes nothing from those who come later", async () => {
  await new Turns().pass();
  const turns = crowded();
  const held = takeAll(turns);
  const order: string[] = [];
  const earlier = turns.wait().then((turn) => (order.push("earlier"), turn));
  const passed = turns.pass().then(() => order.push("passed"));
  turns.give(held.pop() ?? 0);
  const turn = await earlier;
  assertEquals(order, ["earlier"]);
  turns.give(turn);
  await passed;
  assertEquals([order, turns.take() > 0], [["earlier", "passed"], true]);
  for (let member = 0; member <= TURN_MEMBERS; member++) turns.leave();
});
