import { assertEquals } from "@std/assert";
import { utf8 } from "../../lib/client/check/bytes.ts";
import { Peer as Asker } from "../../lib/client/check/peer.ts";
import { framingFrom } from "../../lib/framing.ts";
import { Peer as Answerer } from "../../lib/server/check/peer.ts";

/** Stands still, as on a machine that is busy with others or was asleep. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const NAME = "a grader that was held up gives the other side the time that it gives when it was not";

Deno.test(`${NAME}: echo-client check`, async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  using peer = await Asker.connect(target, { signal: new AbortController().signal, timeout: 5000 });
  using conn = await listener.accept();
  const reply = peer.receive((bytes) => bytes.length > 0, 200);
  standStill(400);
  await conn.write(utf8("hello"));
  assertEquals(await reply, utf8("hello"));
});

Deno.test(`${NAME}: echo-server check`, async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using peer = new Answerer(await listener.accept()).listen();
  const message = peer.receive({ framing: framingFrom("line"), typed: undefined, wait: 200 });
  standStill(400);
  await conn.write(utf8("hello\n"));
  assertEquals((await message).kind, "whole");
});
