import { assertEquals } from "@std/assert";
import { framingFrom } from "../../../lib/framing/framing.ts";
import { BufferPool } from "../../../lib/net/buffers.ts";
import { openIdentifier } from "../../../lib/server/authenticator.ts";
import { Connection } from "../../../lib/server/connection.ts";
import type { ServiceLog } from "../../../lib/server/log.ts";
import { peerOf } from "../../../lib/server/peer.ts";
import { Stats } from "../../../lib/server/stats.ts";
import { MemoryStore } from "../../support/memory_store.ts";
import { dial, dialFramed, frame, writeAll } from "../../support/net.ts";
import { until } from "../../support/programs.ts";

const LOG: ServiceLog = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  reopen() {},
  [Symbol.dispose]() {},
};

/** Who was noted at the end of a session that seems to have lasted `ms`. */
async function notedAfter(ms: number): Promise<readonly string[]> {
  const noted: string[] = [];
  const store = new MemoryStore();
  await store.putHost("127.0.0.1", "anna", 0);
  const stats = new Stats();
  const authenticator = {
    ...openIdentifier({ store, log: LOG, stats, language: "en", allowInsecure: false, maxAttempts: 3 }),
    sessionEnded: ({ name }: { readonly name: string }) => Promise.resolve(void noted.push(name)),
  };
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = await dialFramed(listener.addr.port);
  const conn = await listener.accept();
  const over = Promise.withResolvers<unknown>();
  const served = new Connection(conn, peerOf(conn.remoteAddr), {
    ...{ framing: framingFrom("u32"), maxFrame: 1024, pool: new BufferPool(), authenticator, log: LOG, stats },
    ...{ dialogueTimeout: 0, frameTimeout: 0, idleTimeout: 0, writeTimeout: 0, onEnded: over.resolve },
  });
  served.run();
  assertEquals((await client.receiveText())?.slice(0, 3), "230");
  const clock = performance.now.bind(performance);
  performance.now = () => clock() + ms;
  try {
    client.close();
    await over.promise;
  } finally {
    performance.now = clock;
  }
  return noted;
}

Deno.test("Connection notes the end of a session that lasted a minute, as the last use of its token", async () => {
  assertEquals(await notedAfter(60_000), ["anna"]);
  assertEquals(await notedAfter(0), []);
});

Deno.test("Connection looks at what has come before it cuts a client off for being late", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await dial(listener.addr.port);
  const conn = await listener.accept();
  const over = Promise.withResolvers<unknown>();
  const [wire, into] = [frame("hello"), new Uint8Array(16)];
  const came = async (part: Uint8Array): Promise<void> => {
    await writeAll(client, part);
    for (let read = 0; read < part.length;) read += await client.read(into) ?? part.length;
  };
  const events: string[] = [];
  const looks = [(): Promise<void> => came(wire.subarray(6)), (): Promise<void> => Promise.resolve()];
  const served = new Connection(conn, peerOf(conn.remoteAddr), {
    ...{ framing: framingFrom("u32"), maxFrame: 1024, pool: new BufferPool(), stats: new Stats() },
    ...{ dialogueTimeout: 0, frameTimeout: 1000, idleTimeout: 0, writeTimeout: 0, onEnded: over.resolve },
    log: { ...LOG, warn: (event) => void events.push(event) },
    look: async () => {
      await looks.shift()?.();
      events.push("look");
    },
  });
  served.run();
  await came(wire.subarray(0, 6));
  served.sweep(10_000);
  served.sweep(20_000);
  await until(() => events[0], "a look");
  await came(wire.subarray(0, 6));
  served.sweep(30_000);
  served.sweep(40_000);
  await over.promise;
  assertEquals(events, ["look", "look", "timeout"]);
});
