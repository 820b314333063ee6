import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { Conversation, type ConversationEvent } from "../../../lib/client/conversation.ts";
import { NetworkError, ProtocolError, TimeoutError, UsageError } from "../../../lib/base/errors.ts";
import { FramedConn } from "../../../lib/framed_conn.ts";
import { framingFrom } from "../../../lib/framing/framing.ts";
import { EchoWire, FakeWire } from "../../support/fake_wire.ts";
import { bytesOf } from "../../support/framing_vectors.ts";
import { frame } from "../../support/net.ts";

const refused = (): NetworkError => new NetworkError("refused", "Cannot connect to 127.0.0.1:1: nothing listens there");

/** A conversation whose connections are given: a wire, or the error of an attempt. */
async function talk(
  connections: (FakeWire | Error)[],
  options: { reconnect?: boolean; timeout?: number; framing?: string } = {},
): Promise<{ conversation: Conversation; events: ConversationEvent[]; told: () => string[] }> {
  const events: ConversationEvent[] = [];
  const framing = framingFrom(options.framing ?? "u32");
  const conversation = await Conversation.open({
    connect: async () => {
      const next = connections.shift() ?? new TypeError("One more connection than the test has");
      if (next instanceof Error) throw next;
      return await Promise.resolve(new FramedConn(next, { framing }));
    },
    framing,
    timeout: options.timeout ?? 10_000,
    reconnect: options.reconnect ?? true,
    onEvent: (event) => events.push(event),
  });
  return { conversation, events, told: () => events.map(tell) };
}

function tell(event: ConversationEvent): string {
  switch (event.type) {
    case "echo":
      return `echo ${new TextDecoder().decode(event.echo.received)}`;
    case "retry":
      return `retry ${event.attempt}`;
    case "reconnected":
      return `reconnected ${event.resent}`;
    case "lost":
      return event.type;
    case "unexpected":
      return `unexpected ${new TextDecoder().decode(event.payload)}`;
  }
}

Deno.test("Conversation.say() resolves when the echo is there", async () => {
  const { conversation, told } = await talk([new EchoWire()]);
  await conversation.say(bytesOf("one"));
  await conversation.say(bytesOf(""));
  assertEquals([told(), conversation.count], [["echo one", "echo "], 2]);
  conversation.close();
  await conversation.finished;
});

Deno.test("Conversation.say() sends again what the lost connection left without an answer", async () => {
  const dying = new FakeWire();
  const { conversation, told } = await talk([dying, new EchoWire()]);
  const said = conversation.say(bytesOf("hello"));
  dying.arrive(frame("hello").subarray(0, 5), null);
  await said;
  assertEquals(told(), ["lost", "retry 1", "reconnected 1", "echo hello"]);
  conversation.close();
});

Deno.test("A Conversation tries again until somebody listens", async () => {
  const dying = new FakeWire();
  const { conversation, events, told } = await talk([dying, refused(), new EchoWire()]);
  dying.arrive(new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)"));
  await conversation.say(bytesOf("hello"));
  assertEquals(told(), ["lost", "retry 1", "retry 2", "reconnected 1", "echo hello"]);
  const delays = events.flatMap((event) => event.type === "retry" ? [event.delayMs] : []);
  assertEquals(delays, [250, 500]);
  conversation.close();
});

Deno.test("A Conversation tries again when an attempt had no answer in time", async () => {
  const dying = new FakeWire();
  const silent = new TimeoutError("Cannot connect to 192.0.2.1:1: no answer within 5 ms");
  const { conversation, told } = await talk([dying, silent, new EchoWire()]);
  dying.arrive(null);
  await conversation.say(bytesOf("hello"));
  assertEquals(told(), ["lost", "retry 1", "retry 2", "reconnected 1", "echo hello"]);
  conversation.close();
});

Deno.test("A Conversation waits longer each time a server takes the message and leaves", async () => {
  const leaving = (): FakeWire => new FakeWire([null]);
  const { conversation, events } = await talk([leaving(), leaving(), leaving(), new EchoWire()]);
  await conversation.say(bytesOf("too much for it"));
  const delays = events.flatMap((event) => event.type === "retry" ? [event.delayMs] : []);
  assertEquals(delays, [250, 500, 1000]);
  conversation.close();
});

Deno.test("A Conversation without reconnect ends with its connection", async () => {
  const dying = new FakeWire();
  const { conversation } = await talk([dying], { reconnect: false });
  const said = conversation.say(bytesOf("hello"));
  dying.arrive(null);
  const error = await assertRejects(() => said, NetworkError);
  assertEquals([error.code, error.details.pending], ["closed_by_peer", 1]);
  await assertRejects(() => conversation.finished, NetworkError);
});

Deno.test("A Conversation ends when the server breaks the protocol, with or without reconnect", async () => {
  const { conversation } = await talk([new FakeWire([bytesOf("\u00ff\u00ff\u00ff\u00ff")])]);
  const error = await assertRejects(() => conversation.finished, ProtocolError);
  assertEquals(error.code, "frame_too_large");
});

Deno.test("Conversation.say() ends with a TimeoutError when no echo comes", async () => {
  const { conversation } = await talk([new FakeWire()], { timeout: 20 });
  await assertRejects(() => conversation.say(bytesOf("hello?")), TimeoutError, "no reply within 20 ms");
});

Deno.test("Conversation.say() refuses what cannot be sent, and the conversation goes on", async () => {
  const { conversation, told } = await talk([new EchoWire()], { framing: "line" });
  const error = await assertRejects(() => conversation.say(bytesOf("one\ntwo")), UsageError);
  assertEquals(error.code, "payload_not_encodable");
  await conversation.say(bytesOf("one"));
  assertEquals(told(), ["echo one"]);
  conversation.close();
});

Deno.test("A Conversation tells what comes without having been asked for", async () => {
  const wire = new FakeWire([frame("by the way")]);
  const { conversation, told } = await talk([wire]);
  await wire.quiet;
  assertEquals(told(), ["unexpected by the way"]);
  conversation.close();
  await conversation.finished;
});

Deno.test("Conversation.close() ends the wait for the next attempt at once", async () => {
  // Three attempts on, the wait is a second: far more than a busy machine takes to end it.
  const { promise: waits, resolve } = Promise.withResolvers<number>();
  const conversation = await Conversation.open({
    connect: () => Promise.resolve(new FramedConn(new FakeWire([null]))),
    framing: framingFrom("u32"),
    timeout: 10_000,
    reconnect: true,
    onEvent: (event) => event.type === "retry" && event.attempt === 3 && resolve(event.delayMs),
  });
  const delayMs = await waits;
  const before = performance.now();
  conversation.close();
  await conversation.finished;
  assertLess(performance.now() - before, delayMs);
});
