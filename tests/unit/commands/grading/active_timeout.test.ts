import { assertEquals, assertLess } from "@std/assert";
import { utf8 } from "../../../../lib/commands/check_server/bytes.ts";
import { Peer } from "../../../../lib/commands/check_server/peer.ts";
import { Patience } from "../../../../lib/commands/grading/active_timeout.ts";

/** Stands still, as on a machine that is busy with others or was asleep. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

Deno.test("Patience: what held the process up does not count", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen = new Patience(100).sees(promise);
  standStill(200);
  setTimeout(resolve, 20);
  assertEquals(await seen, true);
});

Deno.test("Patience: what is done between waits counts, so that it ends however much there is to see", async () => {
  const patience = new Patience(100);
  let turns = 0;
  while (await patience.sees(Promise.resolve())) {
    standStill(5);
    if (++turns > 100) break;
  }
  assertLess(turns, 30);
});

Deno.test("a grader that was held up gives the server the time that it gives when it was not", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  using peer = await Peer.connect(target, { signal: new AbortController().signal, timeout: 5000 });
  using conn = await listener.accept();
  const reply = peer.receive((bytes) => bytes.length > 0, 200);
  standStill(400);
  await conn.write(utf8("hello"));
  assertEquals(await reply, utf8("hello"));
});
