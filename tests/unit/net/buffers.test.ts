/** Large buffers: who may keep one, and when it is freed. */
import { assertEquals } from "@std/assert";
import { BufferPool } from "../../../lib/net/buffers.ts";

Deno.test("BufferPool.tidy() asks the silent for their buffers, and frees what nobody wanted meanwhile", () => {
  const pool = new BufferPool(1024);
  const asked: string[] = [];
  const [silent, busy] = ["silent", "busy"].map((name) => ({ reads: 0, callOff: () => void asked.push(name) }));
  const [kept, given] = [pool.take(silent), pool.take(busy)];
  if (silent === undefined || busy === undefined || kept === undefined || given === undefined) throw new Error("none");
  busy.reads++;
  pool.tidy(1000);
  assertEquals(asked, ["silent"]);
  pool.give(given, busy);
  pool.tidy(2000);
  assertEquals(pool.take(busy)?.buffer === given.buffer, true);
  pool.give(given, busy);
  for (const now of [3000, 3001, 4000, 5000]) pool.tidy(now);
  assertEquals(given.buffer.detached, true);
  assertEquals(kept.buffer.detached, false);
});
