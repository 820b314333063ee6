import { assertEquals } from "@std/assert";
import { KeptClock } from "../../../lib/server/kept_clock.ts";
import { MemoryStore } from "../../support/memory_store.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = 1_800_000_000_000;

/** A server's clock that starts at a time by the wall clock; `pass` lets time pass, a second at a time, as it looks. */
async function started(store: MemoryStore, at: number) {
  let [wall, steady] = [at, 0];
  const clock = new KeptClock(store, { wall: () => wall, steady: () => steady });
  await clock.keep();
  return {
    clock,
    jump: (ms: number): void => void (wall += ms),
    async pass(ms: number): Promise<void> {
      for (const end = steady + ms; steady < end;) {
        [wall, steady] = [wall + 1000, steady + 1000];
        await clock.look();
      }
    },
  };
}

Deno.test("KeptClock is never earlier than the server before it was, though the clock was set back", async () => {
  const store = new MemoryStore();
  const first = await started(store, START);
  await first.pass(5 * MINUTE);
  await first.clock.keep();
  const second = await started(store, START - 3 * DAY);
  assertEquals(second.clock.now(), START + 5 * MINUTE);
  await second.pass(MINUTE);
  assertEquals(second.clock.now(), START + 6 * MINUTE);
});

Deno.test("KeptClock loses ten minutes at most where the server is killed", async () => {
  const store = new MemoryStore();
  await (await started(store, START)).pass(65 * MINUTE);
  assertEquals((await started(store, START)).clock.now() >= START + 55 * MINUTE, true);
});

Deno.test("KeptClock keeps a jump ahead that lasts, and none that is taken back at once", async () => {
  for (const [lasts, kept] of [[3000, 0], [30_000, DAY]] as const) {
    const store = new MemoryStore();
    const { clock, jump, pass } = await started(store, START);
    await pass(MINUTE);
    jump(DAY);
    await pass(lasts);
    jump(-DAY);
    await pass(MINUTE);
    await clock.keep();
    const { clock: next } = await started(store, START);
    assertEquals(next.now() - START > kept && next.now() - START < kept + 3 * MINUTE, true, `${lasts} ms`);
  }
});

Deno.test("KeptClock writes rarely", async () => {
  const store = new MemoryStore();
  let writes = 0;
  const counting = {
    keepTime(now: number): Promise<number> {
      writes++;
      return store.keepTime(now);
    },
  };
  let steady = 0;
  const clock = new KeptClock(counting, { wall: () => START + steady, steady: () => steady });
  await clock.keep();
  for (; steady < 60 * MINUTE; steady += 1000) await clock.look();
  assertEquals(writes <= 7, true, `${writes}`);
});
