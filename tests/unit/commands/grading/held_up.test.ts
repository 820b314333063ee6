import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/commands/check_server/bytes.ts";
import { connect } from "../../../../lib/commands/check_server/connect.ts";

/** Stands still, as on a machine that is busy with others or was asleep. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

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
