import { assertEquals, assertRejects } from "@std/assert";
import { HAS_PROC } from "../../../../lib/commands/grading/processes.ts";
import { NotServed } from "../../../../lib/commands/check_server/not_served.ts";
import { ServerUnderTest } from "../../../../lib/commands/check_server/server_under_test.ts";

const { signal } = new AbortController();

Deno.test("a server that serves nobody while it spins is not waited for again as long as it does", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let spins = true;
  using server = new ServerUnderTest({
    ...{ target: { transport: "tcp", host: "127.0.0.1", port: listener.addr.port }, signal },
    spins: () => Promise.resolve(spins),
  });
  (await server.connect()).close();
  server.isStuckSpinning = true;
  const error = await assertRejects(() => server.session(), NotServed);
  assertEquals(error.how, "silent");
  spins = false;
  assertEquals((await server.session()).isInOrder, true);
});

Deno.test("a server that is always at work is waited for once more, not for ever", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let looks = 0;
  using server = new ServerUnderTest({
    ...{ target: { transport: "tcp", host: "127.0.0.1", port: listener.addr.port }, signal },
    isHeldUp: () => Promise.resolve(++looks > 0),
  });
  const channel = await server.open();
  assertEquals((await channel.ask("anybody there?")).type, "nothing");
  assertEquals(looks, 1);
});

Deno.test({
  name: "the second message of a connection that the server has not taken is not sent",
  ignore: !HAS_PROC,
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using server = new ServerUnderTest({
      ...{ target: { transport: "tcp", host: "127.0.0.1", port: listener.addr.port }, signal },
    });
    server.echoes = true;
    await assertRejects(() => server.session(), NotServed);
    using conn = await listener.accept();
    const buffer = new Uint8Array(100);
    const length = await conn.read(buffer) ?? 0;
    assertEquals(new TextDecoder().decode(buffer.subarray(0, length)), "served?");
  },
});
