import { assertEquals, assertRejects } from "@std/assert";
import { FaultyConn } from "../../../../lib/commands/faults/faulty_conn.ts";
import { parseFault } from "../../../../lib/commands/faults/settings.ts";
import { openPair } from "./pair.ts";
import { planOf } from "./through.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function rest(conn: Deno.Conn): Promise<string> {
  return await new Response(conn.readable).text();
}

Deno.test("A faulty connection without a fault passes bytes and ends as they are", async () => {
  const { plan } = planOf([]);
  const { near, far } = await openPair();
  const faulty = new FaultyConn(near, { plan, connection: 1, read: "up", write: "down" });
  await faulty.write(bytes("hello"));
  await faulty.closeWrite();
  assertEquals(await rest(far), "hello");
  faulty.close();
});

Deno.test("Faults strike what is written from their way alone", async () => {
  const { plan, strikes } = planOf(["up:close-after=1B", "drop=1/2"]);
  const { near, far } = await openPair();
  const faulty = new FaultyConn(near, { plan, connection: 1, write: "down" });
  for (const text of ["a", "b", "c"]) await faulty.write(bytes(text));
  await faulty.closeWrite();
  assertEquals(await rest(far), "ac");
  assertEquals(strikes.map(({ fault }) => fault), ["drop"]);
  faulty.close();
});

Deno.test("The times of strikes count from when the connection came", async () => {
  const { plan, strikes } = planOf(["drop=1/1"]);
  const { near, far } = await openPair();
  const began = performance.now() - 60_000;
  const faulty = new FaultyConn(near, { plan, connection: 1, began, write: "down" });
  await faulty.write(bytes("a"));
  await faulty.closeWrite();
  assertEquals(await rest(far), "");
  assertEquals(strikes.map(({ at_ms }) => at_ms >= 60_000), [true]);
  faulty.close();
});

Deno.test("close() lets what was written leave", async () => {
  const { plan } = planOf(["latency=30ms"]);
  const { near, far } = await openPair();
  const faulty = new FaultyConn(near, { plan, connection: 1, write: "down" });
  await faulty.write(bytes("late"));
  faulty.close();
  assertEquals(await rest(far), "late");
  await assertRejects(() => faulty.write(bytes("x")), Deno.errors.BadResource);
});

Deno.test("close() waits no longer than it lingers for a peer that does not read", async () => {
  const { plan } = planOf(["latency=1ms"]);
  const { near, far } = await openPair();
  const closed = Promise.withResolvers<void>();
  const faulty = new FaultyConn(near, {
    ...{ plan, connection: 1, write: "down", linger: 20 },
    onClose: closed.resolve,
  });
  // More than two systems keep for a peer.
  const written = faulty.write(new Uint8Array(64 << 20)).catch(() => {});
  faulty.close();
  await closed.promise;
  await written;
  far.close();
});

Deno.test("close() ends a write that the runtime would not end, and a read", async () => {
  const { plan } = planOf([]);
  const never = new Promise<never>(() => {});
  const stuck = { read: () => never, write: () => never, close: () => {} } as unknown as Deno.Conn;
  const faulty = new FaultyConn(stuck, { plan, connection: 1, write: "down" });
  const written = faulty.write(bytes("x"));
  const read = faulty.read(new Uint8Array(1));
  faulty.close();
  await assertRejects(() => written, Deno.errors.BadResource);
  await assertRejects(() => read, Deno.errors.BadResource);
});

Deno.test("A fault that is set later strikes connections that are open", async () => {
  const { plan, strikes } = planOf([]);
  const { near, far } = await openPair();
  const faulty = new FaultyConn(near, { plan, connection: 1, write: "down" });
  await faulty.write(bytes("one "));
  plan.change([parseFault("close-after=3B")]);
  await faulty.write(bytes("two "));
  assertEquals(await rest(far), "one two");
  assertEquals(strikes.map(({ fault }) => fault), ["close"]);
  faulty.close();
});

Deno.test("What is read passes through the faults of its way", async () => {
  const { plan } = planOf(["up:split=2B,gap=0"]);
  const { near, far } = await openPair();
  const faulty = new FaultyConn(near, { plan, connection: 1, read: "up" });
  await far.write(bytes("hello"));
  await far.closeWrite();
  const sizes: (number | null)[] = [];
  do sizes.push(await faulty.read(new Uint8Array(16))); while (sizes.at(-1) !== null);
  assertEquals(sizes, [2, 2, 1, null]);
  faulty.close();
  far.close();
});

Deno.test("A share of connections is the same with the same seed", () => {
  const struck = (seed: number): number[] => {
    const { plan } = planOf(["latency=1ms,share=30%"], seed);
    return Array.from({ length: 200 }, (_, at) => at + 1).filter((connection) =>
      plan.direction(connection, "down", { closing: new AbortController().signal }).settings.latency === 1
    );
  };
  assertEquals(struck(3), struck(3));
  assertEquals(Math.abs(struck(3).length - 60) < 25, true);
  const { plan } = planOf(["latency=1ms,share=1/3"]);
  const third = (connection: number): unknown =>
    plan.direction(connection, "down", { closing: new AbortController().signal }).settings.latency;
  assertEquals([1, 2, 3, 6, 7].map(third), [undefined, undefined, 1, 1, undefined]);
});
