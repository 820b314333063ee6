import { assert, assertEquals } from "@std/assert";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import { FramedConn } from "../../../../lib/framed_conn.ts";
import type { Seen } from "../../../../lib/server/watch.ts";
import { Watcher } from "../../../../lib/commands/serve/page/watcher.ts";
import { FakeWire } from "../../../support/fake_wire.ts";
import { frame } from "../../../support/net.ts";

/** What is seen of messages that are echoed, each after one read; the first `closed` reads are those of a dialogue. */
async function see(
  reads: readonly Uint8Array[],
  { frames = 10, closed = 0, busy = 0 }: {
    readonly frames?: number;
    readonly closed?: number;
    /** Reads of other connections before, so that not all are looked at. */
    readonly busy?: number;
  } = {},
): Promise<Seen> {
  const watch = new Watcher({ framing: framingFrom("u32"), maxFrame: 1024, frames });
  const wire = new FakeWire([...reads, null]);
  for (let reads = 0; reads < busy; reads++) watch.isDue();
  if (busy > 0) watch.take();
  const isOpen = (): boolean => wire.asked.length >= closed;
  const isBetween = (): boolean => !conn.inFrame;
  await using conn: FramedConn = new FramedConn(watch.over(wire, { peer: "192.0.2.1:5000", isOpen, isBetween }));
  await conn.echo();
  assertEquals(wire.written, new Uint8Array(reads.flatMap((read) => [...read])), "the echo is not touched");
  return watch.take();
}

async function texts(messages: readonly string[], options = {}): Promise<(string | undefined)[]> {
  const { frames } = await see(messages.map(frame), options);
  return frames.map(({ shown }) => shown && new TextDecoder().decode(shown.bytes));
}

Deno.test("Watcher keeps the last frames, or none", async () => {
  assertEquals(await texts(["a", "b", "c", "d"], { frames: 3 }), ["b", "c", "d"]);
  assertEquals(await texts(["a", "b"], { frames: 0 }), []);
});

Deno.test("Watcher tells how long answers took", async () => {
  const { times } = await see([frame("a"), frame("b")]);
  assertEquals(times.length, 2);
  assert(times.every((us) => us > 0 && us < 1e6), `${times}`);
});

Deno.test("Watcher tells nothing of a dialogue, nor what was said in it when it is said again", async () => {
  assertEquals(await texts(["Anna", "hunter22", "hello", "hunter22"], { closed: 2 }), ["hello", undefined]);
  // What came in one read with the dialogue's end may still be a part of it.
  const { frames } = await see([
    new Uint8Array([...frame("hunter22"), ...frame("x").subarray(0, 2)]),
    frame("x").subarray(2),
    frame("y"),
  ], { closed: 1 });
  assertEquals(frames.map(({ shown }) => shown?.bytes[0]), [121]);
});

Deno.test("Watcher hides what looks like a password or a token", async () => {
  const secrets = [
    "AUTH TOKEN x",
    "my password is 1",
    "пароль: 1",
    "es1.abc.def",
    "Token=1",
    "Yz1iaXdzLHI9",
    "USER anna",
  ];
  assertEquals(await texts([...secrets, "hello"]), [...secrets.map(() => undefined), "hello"]);
});

Deno.test("Watcher finds frames whose headers come in pieces, and keeps the first bytes of long ones", async () => {
  const bytes = new Uint8Array([...frame("hi"), ...frame(new Uint8Array(100)), ...frame("")]);
  const { frames } = await see([bytes.slice(0, 2), bytes.slice(2, 8), bytes.slice(8, 50), bytes.slice(50)]);
  assertEquals(frames.map(({ shown }) => [shown?.length, shown?.bytes.length]), [[2, 2], [100, 64], [0, 0]]);
  assertEquals(frames[0]?.peer, "192.0.2.1:5000");
});

Deno.test("Watcher tells of many connections how many there are, and makes only what is shown of them", () => {
  const watch = new Watcher({ framing: framingFrom("u32"), maxFrame: 1024, frames: 0 });
  let made = 0;
  const connections = Array.from({ length: 1000 }, (_, at) => ({
    peer: { address: `192.0.2.${at % 2}` },
    identity: at === 10 ? { name: "Anna" } : undefined,
    totals: { frames: at },
    get seen() {
      made++;
      const { peer: { address }, totals: { frames } } = this;
      return {
        ...{ peer: `${address}:${at}`, address, name: undefined, since: at },
        ...{ frames, bytesIn: 0, bytesOut: 0, isUnauthenticated: false },
      };
    },
  }));
  watch.connections = connections;
  watch.take();
  for (const one of connections.filter((_, at) => at === 3 || at === 5)) {
    one.totals = { frames: one.totals.frames + 2000 };
  }
  made = 0;
  const { open, connections: shown, addresses } = watch.take();
  assertEquals([open, made, shown.length], [1000, 40, 40]);
  assertEquals(shown.slice(0, 4).map(({ since, isActive }) => [since, isActive]), [
    ...[[5, true], [3, true]],
    ...[[999, false], [998, false]],
  ]);
  assertEquals([...addresses], [["192.0.2.0", { name: "Anna", most: 998 }], ["192.0.2.1", {
    name: undefined,
    most: 2005,
  }]]);
});

Deno.test("Watcher times fewer reads where there are many", () => {
  const watch = new Watcher({ framing: framingFrom("raw"), maxFrame: 1024, frames: 0 });
  for (let reads = 0; reads < 100_000; reads++) watch.isDue();
  watch.take();
  let due = 0;
  for (let reads = 0; reads < 100_000; reads++) if (watch.isDue()) due++;
  assert(due > 0 && due < 10_000, `${due} of 100,000`);
});

Deno.test("Watcher looks at some frames where there are many, and finds their bounds again", async () => {
  const messages = Array.from({ length: 500 }, (_, at) => `message ${at}`);
  const whole = await texts(messages, { frames: 500, busy: 5000 });
  assert(whole.length > 0 && whole.length < 500, `${whole.length} of 500`);
  // In pieces that begin anywhere.
  const bytes = new Uint8Array(messages.flatMap((message) => [...frame(message)]));
  const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) => bytes.slice(7 * at, 7 * at + 7));
  const { frames } = await see(pieces, { frames: 500, busy: 5000 });
  for (const { shown } of frames) {
    assert(messages.includes(new TextDecoder().decode(shown?.bytes)), "a frame as it was sent");
  }
});
