import { assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { pipeline, pipelineBatches } from "../../../lib/client/pipeline.ts";
import { NetworkError, ProtocolError, TimeoutError, UsageError } from "../../../lib/base/errors.ts";
import { FramedConn } from "../../../lib/framed_conn.ts";
import { framingFrom } from "../../../lib/framing/framing.ts";
import { delay } from "../../../lib/base/delay.ts";
import { EchoWire, FakeWire } from "../../support/fake_wire.ts";
import { bytesOf } from "../../support/framing_vectors.ts";
import { frame } from "../../support/net.ts";

const u32 = framingFrom("u32");
const options = { framing: u32, timeout: 10_000 };

/** The echoes as texts. */
async function texts(echoes: AsyncIterable<{ received: Uint8Array }>): Promise<string[]> {
  return await Array.fromAsync(echoes, ({ received }) => new TextDecoder().decode(received));
}

Deno.test("pipeline() yields the echoes in order and closes the connection", async () => {
  const wire = new EchoWire();
  const messages = Array.from({ length: 1000 }, (_, number) => bytesOf(`message ${number}`));
  const echoes = await Array.fromAsync(pipeline(new FramedConn(wire), messages, options));
  assertEquals(echoes.map(({ received }) => received), messages);
  assertEquals(echoes.every(({ differsAt }) => differsAt === -1), true);
  assertEquals([echoes.at(-1)?.number, wire.closes], [1000, 1]);
});

Deno.test("pipeline() works without boundaries, empty messages included", async () => {
  const framing = framingFrom("raw");
  const messages = ["one", "", "two", ""].map(bytesOf);
  const conn = new FramedConn(new EchoWire(), { framing });
  assertEquals(await texts(pipeline(conn, messages, { framing, timeout: 10_000 })), ["one", "", "two", ""]);
});

Deno.test("pipeline() takes no more messages than the window holds while nobody takes their echoes", async () => {
  let taken = 0;
  function* endless(): Generator<Uint8Array> {
    for (;;) {
      taken++;
      yield bytesOf("x");
    }
  }
  const wire = new EchoWire();
  const echoes = pipeline(new FramedConn(wire), endless(), options);
  await echoes.next();
  for (let seen = -1; seen !== taken; await delay(0)) seen = taken;
  assertLessOrEqual(taken, 2100);
  await echoes.return();
  assertEquals(wire.closes, 1);
});

Deno.test("pipeline() tells how many messages have no answer when the server closes", async () => {
  const wire = new FakeWire([frame("one")]);
  const echoes = pipeline(new FramedConn(wire), ["one", "two", "three"].map(bytesOf), options);
  await echoes.next();
  const next = assertRejects(() => echoes.next(), NetworkError);
  while (wire.writes.length < 3) await delay(0);
  wire.arrive(null);
  const error = await next;
  assertEquals([error.code, error.details.pending], ["closed_by_peer", 2]);
});

Deno.test("pipeline() notices at once that the server has left, while its input is silent", async () => {
  const wire = new FakeWire([frame("one")]);
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield bytesOf("one");
    await new Promise<never>(() => {/* nobody types */});
  }
  const echoes = pipeline(new FramedConn(wire), silent(), options);
  await echoes.next();
  const next = assertRejects(() => echoes.next(), NetworkError);
  wire.arrive(null);
  assertEquals((await next).code, "closed_by_peer");
});

Deno.test("pipelineBatches() sends many messages in one write and stops at the one that cannot be sent", async () => {
  const framing = framingFrom("line");
  const wire = new EchoWire();
  async function* batch(): AsyncGenerator<Uint8Array[]> {
    yield await Promise.resolve(["one", "two", "b\nad", "never"].map(bytesOf));
  }
  const received: string[] = [];
  const error = await assertRejects(async () => {
    const echoes = pipelineBatches(new FramedConn(wire, { framing }), batch(), { framing, timeout: 10_000 });
    for await (const some of echoes) received.push(...some.map((echo) => new TextDecoder().decode(echo.received)));
  }, UsageError);
  assertEquals([error.code, received], ["payload_not_encodable", ["one", "two"]]);
});

Deno.test("pipeline() gives a silent server its time, then up", async () => {
  const wire = new FakeWire();
  const echoes = pipeline(new FramedConn(wire), [bytesOf("hello?")], { framing: u32, timeout: 20 });
  await assertRejects(() => echoes.next(), TimeoutError, "no reply within 20 ms");
  assertEquals(wire.closes, 1);
});

Deno.test("pipeline() does not blame the server for a consumer that takes its time", async () => {
  const wire = new EchoWire();
  const echoes = pipeline(new FramedConn(wire), ["one", "two", "three"].map(bytesOf), { framing: u32, timeout: 20 });
  const received = [];
  for await (const echo of echoes) {
    received.push(new TextDecoder().decode(echo.received));
    await delay(60);
  }
  assertEquals(received, ["one", "two", "three"]);
});

Deno.test("pipeline() does not blame the server for input that takes its time", async () => {
  async function* slow(): AsyncGenerator<Uint8Array> {
    for (const text of ["one", "two"]) {
      yield bytesOf(text);
      await delay(60);
    }
  }
  const echoes = pipeline(new FramedConn(new EchoWire()), slow(), { framing: u32, timeout: 20 });
  assertEquals(await texts(echoes), ["one", "two"]);
});

Deno.test("pipeline() tells of data that answers nothing", async () => {
  const echoes = pipeline(new FramedConn(new FakeWire([bytesOf("onetwo")]), { framing: framingFrom("raw") }), [
    bytesOf("one"),
  ], { framing: framingFrom("raw"), timeout: 10_000 });
  await echoes.next();
  const error = await assertRejects(() => echoes.next(), ProtocolError);
  assertEquals([error.code, error.details.bytes], ["bad_reply", 3]);
});

Deno.test("pipeline() yields a wrong echo and says where it differs", async () => {
  const [echo] = await Array.fromAsync(
    pipeline(new FramedConn(new FakeWire([frame("hellO")])), [bytesOf("hello")], options),
  );
  assertEquals(echo?.differsAt, 4);
});

for (const before of [[], ["good"], ["good", "better"]]) {
  Deno.test(`pipeline() ends with the message that cannot be sent, after ${before.length} echoes`, async () => {
    const framing = framingFrom("line");
    const conn = new FramedConn(new EchoWire(), { framing });
    const echoes = pipeline(conn, [...before, "b\nad", "never"].map(bytesOf), { framing, timeout: 10_000 });
    const received: string[] = [];
    const error = await assertRejects(async () => {
      for await (const echo of echoes) received.push(new TextDecoder().decode(echo.received));
    }, UsageError);
    assertEquals([error.code, received], ["payload_not_encodable", before]);
  });
}

Deno.test("pipeline() passes on what its input throws, after the echoes", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield bytesOf("one");
    yield await Promise.reject(new RangeError("the input broke"));
  }
  const echoes = pipeline(new FramedConn(new EchoWire()), broken(), options);
  assertEquals((await echoes.next()).value?.number, 1);
  await assertRejects(() => echoes.next(), RangeError, "the input broke");
});
