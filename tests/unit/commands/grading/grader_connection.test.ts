import { assert, assertEquals } from "@std/assert";
import { connect } from "../../../../lib/commands/check_server/server_under_test.ts";

Deno.test("a server that writes each echo before it reads on gets rid of them while it is sent more than the system keeps", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  using peer = await connect(target, { signal: new AbortController().signal });
  using conn = await listener.accept();
  const size = 32 * 1024 * 1024;
  const echoing = (async () => {
    const buffer = new Uint8Array(64 * 1024);
    for (let left = size; left > 0;) {
      const count = await conn.read(buffer) ?? left;
      left -= count;
      for (let at = 0; at < count;) at += await conn.write(buffer.subarray(at, count));
    }
  })();
  assertEquals(await peer.send(new Uint8Array(size), 2000), true);
  const { length } = await peer.receive((bytes) => bytes.length >= size, 2000);
  assertEquals(length, size);
  await echoing;
});

Deno.test("a server that sends without end is held up once more waits than any message has", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  const peer = await connect(target, { signal: new AbortController().signal });
  using conn = await listener.accept();
  const sending = (async () => {
    try {
      for (const part = new Uint8Array(64 * 1024);;) await conn.write(part);
    } catch {
      // The grader has left.
    }
  })();
  const { length } = await peer.receive(() => false, 300, 3000);
  assert(length >= 200_000, `${length} bytes wait`);
  assert(length <= 512 * 1024, `${length} bytes wait`);
  peer.close();
  await sending;
});
