import { assertEquals } from "@std/assert";
import { framingFrom } from "../../../lib/framing/framing.ts";
import type { LogFields } from "../../../lib/server/log.ts";
import { peerOf } from "../../../lib/server/peer.ts";
import { Refusals } from "../../../lib/server/refuse.ts";

Deno.test("Refusals has a line for each of 50 in a second, and one for the others of each limit", async () => {
  const lines: [string, LogFields][] = [];
  const note = (event: string, fields: LogFields = {}): void => void lines.push([event, fields]);
  const ignore = (): void => {};
  const log = { debug: note, info: note, warn: note, error: note, reopen: ignore, [Symbol.dispose]: ignore };
  const refusals = new Refusals({ log, framing: framingFrom("u32") });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const began = performance.now();
  for (let count = 0; count < 53; count++) {
    using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    const conn = await listener.accept();
    const peer = peerOf({ transport: "tcp", hostname: "127.0.0.2", port: count }, {});
    refusals.refuse(conn, peer, count === 52 ? "access" : "max_connections");
    assertEquals(await client.read(new Uint8Array(1)).catch(() => null), null);
  }
  listener.close();
  if (performance.now() - began > 900) return; // A second has passed meanwhile.
  assertEquals(lines.map(([event]) => event), Array.from({ length: 50 }, () => "refuse"));
  refusals.tell();
  assertEquals(lines.slice(50), [
    ["refuse_more", { peer: "127.0.0.2:51", limit: "max_connections", count: 2 }],
    ["refuse_more", { peer: "127.0.0.2:52", limit: "access", count: 1 }],
  ]);
  refusals.tell();
  assertEquals(lines.length, 52);
});
