import { assertEquals, assertGreater, assertLessOrEqual, assertRejects } from "@std/assert";
import { NetworkError, ProtocolError, UsageError } from "../../lib/base/errors.ts";
import { BufferPool, LENT_BUFFERS } from "../../lib/net/buffers.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { framingFrom } from "../../lib/framing/framing.ts";
import { IDLE_BUFFER } from "../../lib/base/limits.ts";
import { FairQueue, LOOK_BYTES } from "../../lib/net/fair_queue.ts";
import { FakeWire } from "../support/fake_wire.ts";
import { concat } from "../../lib/base/bytes.ts";
import { bytesOf, type FramingVector, unpacked, vectors } from "../support/framing_vectors.ts";
import { frame } from "../support/net.ts";

/** Most bytes of buffer an idle connection may hold. */
const IDLE = 1024;

/** What a connection returns when the vector's bytes come one by one, and how that ends. */
async function echoed(vector: FramingVector): Promise<{ wire: FakeWire; bytes: Uint8Array; ended: Promise<void> }> {
  const { wire: bytes, limit } = unpacked(vector);
  const wire = new FakeWire([...Array.from(bytes, (byte) => Uint8Array.of(byte)), null]);
  const conn = new FramedConn(wire, { framing: framingFrom(vector.framing), maxFrame: limit });
  const ended = conn.echo();
  await ended.catch(() => {/* the test looks at it */});
  return { wire, bytes, ended };
}

Deno.test("echo() returns every good vector byte for byte", async () => {
  for (const vector of vectors.good) {
    const { wire, bytes, ended } = await echoed(vector);
    await ended;
    assertEquals(wire.written, bytes, `${vector.framing}: ${vector.why}`);
  }
});

Deno.test("echo() returns the good bytes before every bad vector's mistake, then throws", async () => {
  for (const vector of vectors.bad) {
    const { wire, bytes, ended } = await echoed(vector);
    const error = await assertRejects(() => ended, ProtocolError, "", vector.why);
    assertEquals<string>(error.code, vector.code, vector.why);
    // What ends with a delimiter shows that it is too long after a part of it has been let through.
    const goesOn = framingFrom(vector.framing).kind === "delimiter";
    const returned = wire.written.subarray(0, goesOn ? vector.valid : bytes.length);
    assertEquals(returned, bytes.subarray(0, vector.valid), `${vector.framing}: ${vector.why}`);
  }
});

Deno.test("echo() returns the frames of one read in one write", async () => {
  const wire = new FakeWire([concat(frame("a"), frame(""), frame("ccc"))]);
  const conn = new FramedConn(wire);
  const echoing = assertRejects(() => conn.echo(), UsageError);
  await wire.quiet;
  assertEquals(wire.writes, [concat(frame("a"), frame(""), frame("ccc"))]);
  conn.close();
  await echoing;
});

Deno.test("echo() returns what has come of a frame before the frame is complete", async () => {
  const wire = new FakeWire([frame("hello").subarray(0, 6)]);
  const conn = new FramedConn(wire);
  const echoing = conn.echo();
  await wire.quiet;
  assertEquals(wire.written, frame("hello").subarray(0, 6));
  assertEquals(conn.inFrame, true);
  wire.arrive(frame("hello").subarray(6), null);
  await echoing;
  assertEquals([wire.written, conn.framesReceived, conn.inFrame], [frame("hello"), 1, false]);
});

Deno.test("echo() keeps a header back until it is complete", async () => {
  const wire = new FakeWire([frame("hello").subarray(0, 3)]);
  const conn = new FramedConn(wire);
  const echoing = conn.echo();
  await wire.quiet;
  assertEquals([wire.writes.length, conn.inFrame], [0, true]);
  wire.arrive(frame("hello").subarray(3), null);
  await echoing;
  assertEquals(wire.written, frame("hello"));
});

Deno.test("echo() needs no more memory for a frame of 1 GiB than for a small one", async () => {
  const wire = new FakeWire([bytesOf("\u0040\u0000\u0000\u0000"), new Uint8Array(3_000_000)]);
  const conn = new FramedConn(wire, { maxFrame: 2 ** 31 });
  const echoing = assertRejects(() => conn.echo(), UsageError);
  await wire.quiet;
  assertLessOrEqual(Math.max(...wire.asked), 256 * 1024);
  assertEquals(wire.written.length, 3_000_004);
  conn.close();
  await echoing;
});

for (
  const [what, burst] of [
    ["nothing at all", new Uint8Array(0)],
    ["one small frame", frame("hello")],
    ["one large frame", frame(new Uint8Array(1_000_000))],
    ["a burst of small frames", concat(...Array.from({ length: 100 }, () => frame("a message of 20 bytes")))],
    [
      "frames that fill the small buffer to the byte",
      concat(frame(new Uint8Array(IDLE_BUFFER - 4)), frame(new Uint8Array(IDLE_BUFFER - 4))),
    ],
    ["a large frame and half a header", concat(frame(new Uint8Array(100_000)), Uint8Array.of(0, 0))],
    ["a header that announces 1 MiB", Uint8Array.of(0, 0x10, 0, 0)],
    ["a header that announces 1 MiB, and 600 bytes", concat(Uint8Array.of(0, 0x10, 0, 0), new Uint8Array(600))],
  ] as const
) {
  Deno.test(`echo() waits with a buffer of 1 KiB at most after ${what}`, async () => {
    const wire = new FakeWire(burst.length === 0 ? [] : [burst]);
    const conn = new FramedConn(wire, { pool: new BufferPool() });
    const echoing = assertRejects(() => conn.echo(), UsageError);
    await wire.quiet;
    assertLessOrEqual(wire.asked.at(-1) ?? Infinity, IDLE, `buffers asked for: ${wire.asked}`);
    assertEquals(wire.written.length, burst.length - (what.includes("half") ? 2 : 0));
    conn.close();
    await echoing;
  });
}

Deno.test("echo() keeps its large buffer from burst to burst while few are in use, and no longer than the bursts last", async () => {
  const pool = new BufferPool(undefined, { resting: 2 });
  const burst = concat(...Array.from({ length: 100 }, () => frame("a message of 20 bytes")));
  const open = async (): Promise<{ wire: FakeWire; close: () => Promise<void> }> => {
    const wire = new FakeWire([burst]);
    const conn = new FramedConn(wire, { pool });
    const echoing = assertRejects(() => conn.echo(), UsageError);
    await wire.quiet;
    return { wire, close: () => (conn.close(), echoing.then(() => {})) };
  };
  const [first, second, third] = [await open(), await open(), await open()];
  const asked = (): number[] => [first, second, third].map(({ wire }) => wire.asked.at(-1) ?? 0);
  assertEquals(asked().map((size) => size > IDLE), [true, true, false]);
  first.wire.arrive(burst);
  await first.wire.quiet;
  assertEquals(first.wire.written.length, 2 * burst.length);
  assertEquals(first.wire.asked.length, 4, "two reads for the first burst, one for the second, and one that waits");
  first.wire.arrive(frame("hello"));
  await first.wire.quiet;
  assertEquals(asked().map((size) => size > IDLE), [false, true, false]);
  await Promise.all([first, second, third].map(({ close }) => close()));
});

Deno.test("echo() goes on with its small buffer when all large ones are lent, and a closed connection returns its own", async () => {
  const pool = new BufferPool();
  const begun = concat(Uint8Array.of(0, 0x10, 0, 0), new Uint8Array(100_000));
  const open = async (): Promise<{ wire: FakeWire; close: () => Promise<void> }> => {
    const wire = new FakeWire([begun]);
    const conn = new FramedConn(wire, { pool });
    const echoing = assertRejects(() => conn.echo(), UsageError);
    await wire.quiet;
    assertEquals(wire.written.length, begun.length);
    return { wire, close: () => (conn.close(), echoing.then(() => {})) };
  };
  const lent = await Promise.all(Array.from({ length: LENT_BUFFERS }, open));
  const beyond = await open();
  assertGreater(Math.min(...lent.map(({ wire }) => Math.max(...wire.asked))), IDLE);
  assertLessOrEqual(Math.max(...beyond.wire.asked), IDLE);
  await Promise.all([...lent, beyond].map(({ close }) => close()));
  const after = await open();
  assertGreater(Math.max(...after.wire.asked), IDLE);
  await after.close();
});

Deno.test("receive() waits with a small buffer again after a large message", async () => {
  const wire = new FakeWire([concat(frame(new Uint8Array(100_000)), frame("small"))]);
  const conn = new FramedConn(wire);
  await conn.receive();
  assertEquals(await conn.receiveText(), "small");
  const receiving = assertRejects(() => conn.receive(), UsageError);
  await wire.quiet;
  assertLessOrEqual(wire.asked.at(-1) ?? Infinity, IDLE);
  conn.close();
  await receiving;
});

for (const most of [16, 256, 1024, 4096].map((size) => size * 1024)) {
  Deno.test(`echo() lets no more than ${most} bytes wait for a slow reader, and as many when they come`, async () => {
    const burst = frame(new Uint8Array(4 * most));
    const wire = new FakeWire([burst, null]);
    await new FramedConn(wire, { maxFrame: 4 * most, pool: new BufferPool(most) }).echo();
    assertEquals(Math.max(...wire.asked), most);
    assertEquals(wire.written.length, burst.length);
  });
}

Deno.test("echo() enlarges no buffer beside others that are busy", async () => {
  const pool = new BufferPool(1024 * 1024);
  const others = [1, 2, 3, 4].map(() => pool.take());
  const wire = new FakeWire([frame(new Uint8Array(900_000)), null]);
  await new FramedConn(wire, { pool }).echo();
  assertEquals(Math.max(...wire.asked), others[0]?.length);
});

Deno.test("echo() enlarges no buffer of a pool whose buffers are fixed", async () => {
  const pool = new BufferPool(1024 * 1024, { isFixed: true });
  const wire = new FakeWire([frame(new Uint8Array(900_000)), null]);
  await new FramedConn(wire, { pool }).echo();
  assertEquals(Math.max(...wire.asked), pool.take()?.length);
});

Deno.test("echo() reads a steady stream with a large buffer", async () => {
  const wire = new FakeWire([frame(new Uint8Array(900_000)), null]);
  await new FramedConn(wire).echo();
  assertGreater(Math.max(...wire.asked), 64 * 1024);
  assertLessOrEqual(wire.writes.length, 10);
});

Deno.test("echo() gives a connection that is lost while it writes the name of its loss", async () => {
  const wire = new FakeWire([frame("hello"), frame("more")], { failWriteAt: 2 });
  const error = await assertRejects(() => new FramedConn(wire).echo(), NetworkError);
  assertEquals(error.code, "reset");
});

Deno.test("echo() takes a wire that takes no more bytes for a lost one", async () => {
  const wire = new FakeWire([frame("hello")], { writeSize: 0 });
  const error = await assertRejects(() => new FramedConn(wire).echo(), NetworkError);
  assertEquals(error.code, "reset");
});

Deno.test("echo() waits for a message that is being sent, and none comes between the parts of an echo", async () => {
  const wire = new FakeWire([], { writeSize: 2, holdWrites: true });
  const conn = new FramedConn(wire);
  const echoing = conn.echo();
  const sent = [conn.send("first")];
  wire.arrive(frame("hello"));
  sent.push(conn.send("last"));
  wire.release();
  await Promise.all(sent);
  wire.arrive(null);
  await echoing;
  assertEquals(wire.written, concat(frame("first"), frame("last"), frame("hello")));
});

/** A connection that has echoed so much that it waits for a look, which the test ends. */
async function waitingForLook(): Promise<
  { wire: FakeWire; conn: FramedConn; echoing: Promise<void>; seen: () => void }
> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const turns = new FairQueue({ poll: () => (asked.resolve(), promise) });
  const wire = new FakeWire([frame(new Uint8Array(LOOK_BYTES)), frame("after the look")]);
  const conn = new FramedConn(wire, { maxFrame: 2 * LOOK_BYTES, turns });
  const echoing = conn.echo();
  await asked.promise;
  await new Promise(setImmediate);
  assertEquals(wire.written.length, 4 + LOOK_BYTES, "what comes after it waits");
  return { wire, conn, echoing, seen: resolve };
}

Deno.test("echo() waits for a look after so many bytes, and goes on after it", async () => {
  const { wire, echoing, seen } = await waitingForLook();
  seen();
  await wire.quiet;
  wire.arrive(null);
  await echoing;
  assertEquals(wire.written.length, 4 + LOOK_BYTES + frame("after the look").length);
});

Deno.test("A connection that is closed, or finished, while it waits for a look ends", async () => {
  const closed = await waitingForLook();
  const ended = assertRejects(() => closed.echoing, UsageError);
  closed.conn.close();
  await ended;
  closed.seen();
  const finished = await waitingForLook();
  finished.conn.finish();
  finished.seen();
  await finished.wire.quiet;
  finished.wire.arrive(null);
  await finished.echoing;
  assertEquals([finished.wire.closedWrites, finished.wire.written.length], [1, 4 + LOOK_BYTES]);
});

Deno.test("What is dropped counts like what is echoed: after so many bytes it waits for a look", async () => {
  const seen = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const turns = new FairQueue({ poll: () => (asked.resolve(), seen.promise) });
  const wire = new FakeWire([...Array.from({ length: 10 }, () => new Uint8Array(LOOK_BYTES / 8)), null]);
  const conn = new FramedConn(wire, { turns });
  const finished = conn.finishWriting();
  await asked.promise;
  await new Promise(setImmediate);
  assertLessOrEqual(conn.bytesReceived, LOOK_BYTES + LOOK_BYTES / 8);
  seen.resolve();
  await finished;
  assertEquals(conn.bytesReceived, 10 * LOOK_BYTES / 8);
});

Deno.test("echo() loops over partial writes", async () => {
  const wire = new FakeWire([frame("hello"), frame("world"), null], { writeSize: 1 });
  await new FramedConn(wire).echo();
  assertEquals(wire.written, concat(frame("hello"), frame("world")));
});

Deno.test("finish() between frames sends FIN at once and drops what comes after it", async () => {
  const wire = new FakeWire([frame("hello")]);
  const conn = new FramedConn(wire);
  const echoing = conn.echo();
  await wire.quiet;
  conn.finish();
  await conn.closeWrite();
  assertEquals(wire.closedWrites, 1);
  wire.arrive(frame("too late"), null);
  await echoing;
  assertEquals([wire.written, wire.closes, conn.framesReceived], [frame("hello"), 0, 1]);
});

Deno.test("finish() inside a frame returns the rest of it, then sends FIN", async () => {
  const wire = new FakeWire([frame("hello").subarray(0, 6)]);
  const conn = new FramedConn(wire);
  const echoing = conn.echo();
  await wire.quiet;
  conn.finish();
  assertEquals(wire.closedWrites, 0);
  wire.arrive(concat(frame("hello").subarray(6), frame("too late")), frame("later"), null);
  await echoing;
  assertEquals([wire.written, wire.closedWrites, conn.framesReceived], [frame("hello"), 1, 1]);
});

Deno.test("finish() inside a frame reports the peer that never completes it", async () => {
  const wire = new FakeWire([frame("hello").subarray(0, 6)]);
  const conn = new FramedConn(wire);
  const echoing = assertRejects(() => conn.echo(), ProtocolError);
  await wire.quiet;
  conn.finish();
  wire.arrive(null);
  assertEquals((await echoing).code, "truncated_frame");
});

Deno.test("finishWriting() sends FIN and reads to the peer's end, however much comes", async () => {
  const wire = new FakeWire([new Uint8Array(5000), new Uint8Array(70_000), null]);
  const conn = new FramedConn(wire);
  await conn.finishWriting();
  assertEquals([wire.closedWrites, conn.bytesReceived], [1, 75_000]);
});
