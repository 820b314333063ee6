import { assertEquals, assertLess } from "@std/assert";
import { utf8 } from "../../../../lib/commands/check_server/bytes.ts";
import { connect } from "../../../../lib/commands/check_server/connect.ts";
import { ActiveTimeout } from "../../../../lib/commands/grading/active_timeout.ts";

/** Stands still, as on a machine that is busy with others or was asleep. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

Deno.test("ActiveTimeout: what held the process up does not count", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen = new ActiveTimeout(100).settles(promise);
  standStill(200);
  setTimeout(resolve, 20);
  assertEquals(await seen, true);
});

Deno.test("ActiveTimeout: what is done between waits counts, so that it ends however much there is to see", async () => {
  const patience = new ActiveTimeout(100);
  let turns = 0;
  while (await patience.settles(Promise.resolve())) {
    standStill(5);
    if (++turns > 100) break;
  }
  assertLess(turns, 30);
});

Deno.test("a grader that was held up gives the server the time that it gives when it was not", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  using peer = await connect(target, { signal: new AbortController().signal });
  using conn = await listener.accept();
  const reply = peer.receive((bytes) => bytes.length > 0, 200);
  standStill(400);
  await conn.write(utf8("hello"));
  assertEquals(await reply, utf8("hello"));
});
