import { assert, assertEquals, assertLessOrEqual, assertRejects, assertStrictEquals } from "@std/assert";
import { NetworkError, ProtocolError, TimeoutError, UsageError } from "../../lib/base/errors.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { framingFrom } from "../../lib/framing/framing.ts";
import { FakeWire } from "../support/fake_wire.ts";
import { concat } from "../../lib/base/bytes.ts";
import { bytesOf } from "../support/framing_vectors.ts";
import { frame } from "../support/net.ts";

const reset = (): Error => new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)");

Deno.test("send() writes header and payload in one write", async () => {
  const wire = new FakeWire();
  const conn = new FramedConn(wire);
  await conn.send("привет");
  await conn.send(Uint8Array.of(1, 2, 3));
  await conn.send("");
  assertEquals(wire.writes, [frame("привет"), frame(Uint8Array.of(1, 2, 3)), frame("")]);
  assertEquals(conn.bytesSent, 16 + 7 + 4);
});

Deno.test("send() writes on until the wire has taken all of it", async () => {
  const wire = new FakeWire([], { writeSize: 1 });
  await new FramedConn(wire).send("hello");
  assertEquals(wire.writes.length, 9);
  assertEquals(wire.written, frame("hello"));
});

Deno.test("send() never lets concurrent frames interleave", async () => {
  const wire = new FakeWire([], { writeSize: 1 });
  const conn = new FramedConn(wire);
  const messages = Array.from({ length: 20 }, (_, number) => `message ${number}`);
  await Promise.all(messages.map((message) => conn.send(message)));
  assertEquals(wire.written, concat(...messages.map((message) => frame(message))));
});

Deno.test("send() resolves when the wire has taken the frame, not before", async () => {
  const wire = new FakeWire([], { holdWrites: true });
  let isSent = false;
  const sending = new FramedConn(wire).send("hello").then(() => isSent = true);
  await Promise.resolve();
  assertEquals(isSent, false);
  wire.release();
  await sending;
  assertEquals(isSent, true);
});

Deno.test("send() refuses what the framing cannot carry, and writes nothing of it", async () => {
  const wire = new FakeWire();
  const conn = new FramedConn(wire, { framing: framingFrom("line") });
  const error = await assertRejects(() => conn.send("one\ntwo"), UsageError);
  assertEquals([error.code, wire.writes.length], ["payload_not_encodable", 0]);
  await conn.send("one");
  assertEquals(wire.written, bytesOf("one\n"));
});

Deno.test("send() tells a lost peer, and nothing follows half a frame", async () => {
  const wire = new FakeWire([], { writeSize: 3, failWriteAt: 2 });
  const conn = new FramedConn(wire);
  const outcomes = await Promise.allSettled([conn.send("one"), conn.send("two")]);
  for (const outcome of outcomes) {
    assert(outcome.status === "rejected" && outcome.reason instanceof NetworkError);
    assertEquals(outcome.reason.code, "reset");
  }
  assertEquals(wire.written, frame("one").subarray(0, 3));
});

Deno.test("send() tells a wire that takes nothing", async () => {
  const error = await assertRejects(() => new FramedConn(new FakeWire([], { writeSize: 0 })).send("x"), NetworkError);
  assertEquals(error.code, "reset");
});

Deno.test("receive() gives messages however they arrive, then null at the clean end", async () => {
  const stream = concat(frame("one"), frame(""), frame("three"));
  for (let at = 1; at < stream.length; at++) {
    const conn = new FramedConn(new FakeWire([stream.subarray(0, at), stream.subarray(at), null]));
    const texts = [];
    for (let text = await conn.receiveText(); text !== null; text = await conn.receiveText()) texts.push(text);
    assertEquals(texts, ["one", "", "three"], `cut at ${at}`);
    assertEquals([conn.framesReceived, conn.bytesReceived, conn.inFrame], [3, stream.length, false]);
  }
});

Deno.test("receive() gives messages of any size as arrays of their own", async () => {
  const sizes = [0, 1, 507, 508, 509, 512, 513, 5000, 262_144, 1_000_000];
  const payloads = sizes.map((size) => new Uint8Array(size).map((_, at) => at % 255));
  const conn = new FramedConn(new FakeWire([...payloads.map(frame), null]));
  const received = await Array.fromAsync(conn);
  assertEquals(received, payloads);
  received[5]?.fill(0);
  assertEquals(received[6], payloads[6]);
});

Deno.test("receive() tells an end inside a frame from a clean one", async () => {
  for (const part of [1, 2, 3, 4, 8]) {
    const conn = new FramedConn(new FakeWire([frame("one"), frame("hello").subarray(0, part), null]));
    assertEquals(await conn.receiveText(), "one");
    const error = await assertRejects(() => conn.receive(), ProtocolError);
    assertEquals([error.code, error.details], ["truncated_frame", { frames: 1 }], `${part} bytes`);
  }
});

Deno.test("receive() tells a reset, and a host that vanished", async () => {
  const lost = await assertRejects(() => new FramedConn(new FakeWire([reset()])).receive(), NetworkError);
  assertEquals([lost.code, lost.cause instanceof Deno.errors.ConnectionReset], ["reset", true]);
  const silent = new Deno.errors.TimedOut("Connection timed out (os error 110)");
  await assertRejects(() => new FramedConn(new FakeWire([silent])).receive(), TimeoutError);
});

Deno.test("receive() gives the messages before a mistake, then the mistake for good", async () => {
  const conn = new FramedConn(new FakeWire([concat(frame("one"), bytesOf("\u00ff\u00ff\u00ff\u00ff"), frame("two"))]));
  assertEquals(await conn.receiveText(), "one");
  for (let again = 0; again < 2; again++) {
    const error = await assertRejects(() => conn.receive(), ProtocolError);
    assertEquals([error.code, error.details], ["frame_too_large", { length: 4294967295, limit: 1048576 }]);
  }
});

Deno.test("receive() allocates by what has arrived, not by what a header announces", async () => {
  const wire = new FakeWire([bytesOf("\u0040\u0000\u0000\u0000"), new Uint8Array(100_000)]);
  const conn = new FramedConn(wire, { maxFrame: 2 ** 31 });
  const receiving = assertRejects(() => conn.receive(), UsageError);
  await wire.quiet;
  assertLessOrEqual(Math.max(...wire.asked), 256 * 1024, "1 GiB was announced");
  conn.close();
  await receiving;
});

Deno.test("receive() is refused while another one is pending", async () => {
  const wire = new FakeWire();
  const conn = new FramedConn(wire);
  const first = conn.receiveText();
  const error = await assertRejects(() => conn.receive(), UsageError, "another receive");
  assertEquals(error.code, "closed");
  wire.arrive(frame("for the first"));
  assertEquals(await first, "for the first");
});

Deno.test("receiveText() names the offset of a wrong byte, and the next message is fine", async () => {
  const conn = new FramedConn(new FakeWire([concat(frame(bytesOf("\u00d0\u00bf ok \u00ff!")), frame("next"))]));
  const error = await assertRejects(() => conn.receiveText(), ProtocolError, "offset 6");
  assertEquals([error.code, error.details], ["invalid_utf8", { offset: 6 }]);
  assertEquals(await conn.receiveText(), "next");
});

Deno.test("A FramedConn iterates over its messages to the clean end", async () => {
  const conn = new FramedConn(new FakeWire([frame("a"), frame("b"), null]));
  assertEquals(await Array.fromAsync(conn, (payload) => new TextDecoder().decode(payload)), ["a", "b"]);
});

Deno.test("close() is idempotent and ends what is pending with its reason", async () => {
  const wire = new FakeWire([], { holdWrites: true });
  const conn = new FramedConn(wire);
  const receiving = assertRejects(() => conn.receive(), TimeoutError);
  const sending = assertRejects(() => conn.send("held"), TimeoutError);
  const queued = assertRejects(() => conn.send("queued"), TimeoutError);
  const reason = new TimeoutError("Cannot go on: no reply within 5 ms");
  conn.close(reason);
  conn.close();
  assertStrictEquals(await receiving, reason);
  assertStrictEquals(await sending, reason);
  assertStrictEquals(await queued, reason);
  assertEquals(wire.closes, 1);
  assertStrictEquals(await assertRejects(() => conn.send("late"), TimeoutError), reason);
  assertStrictEquals(await assertRejects(() => conn.receive(), TimeoutError), reason);
});

Deno.test("close() without a reason is a UsageError for whoever goes on", async () => {
  const conn = new FramedConn(new FakeWire());
  const receiving = assertRejects(() => conn.receive(), UsageError, "it is closed");
  conn.close();
  assertEquals((await receiving).code, "closed");
  assertEquals((await assertRejects(() => conn.send("x"), UsageError)).code, "closed");
});

Deno.test("closeWrite() sends FIN once, after what was being sent, and reading goes on", async () => {
  const wire = new FakeWire([], { holdWrites: true });
  const conn = new FramedConn(wire);
  const sending = conn.send("last");
  const closing = Promise.all([conn.closeWrite(), conn.closeWrite()]);
  assertEquals(wire.closedWrites, 0);
  wire.release();
  await Promise.all([sending, closing]);
  assertEquals([wire.written, wire.closedWrites], [frame("last"), 1]);
  assertEquals((await assertRejects(() => conn.send("more"), UsageError)).code, "closed");
  wire.arrive(frame("still heard"));
  assertEquals(await conn.receiveText(), "still heard");
});

Deno.test("A disposed FramedConn has sent what was being sent", async () => {
  const wire = new FakeWire([], { holdWrites: true, writeSize: 2 });
  let sending: Promise<void> | undefined;
  {
    await using conn = new FramedConn(wire);
    sending = conn.send("hello");
    wire.release();
  }
  await sending;
  assertEquals([wire.written, wire.closes], [frame("hello"), 1]);
});

Deno.test("release() hands the wire over between two frames, and to nobody else", async () => {
  const wire = new FakeWire([frame("hello")]);
  const conn = new FramedConn(wire);
  await conn.receive();
  assertStrictEquals(conn.detach(), wire);
  await assertRejects(() => conn.send("x"), UsageError, "it was detached");
  conn.close();
  assertEquals(wire.closes, 0);
});

Deno.test("release() keeps the wire while bytes have come that nobody received", async () => {
  const conn = new FramedConn(new FakeWire([concat(frame("one"), frame("two"))]));
  await conn.receive();
  try {
    conn.detach();
    assert(false, "it was detached");
  } catch (error) {
    assert(error instanceof UsageError);
  }
});
