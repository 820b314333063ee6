import { assert, assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { DATAGRAM_RATE } from "../../../lib/base/limits.ts";
import { RateLimit } from "../../../lib/server/rate_limit.ts";
import { Stats } from "../../../lib/server/stats.ts";
import { echoDatagrams } from "../../../lib/server/udp.ts";

Deno.test("echoDatagrams() ends the loop of a datagram that another echo service sends back", async () => {
  const ours = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const other = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const stats = new Stats();
  const refused = Promise.withResolvers<unknown>();
  const warn = (event: string, fields: unknown): void => refused.resolve({ event, fields });
  const log = { debug() {}, info() {}, warn, error() {}, reopen() {}, [Symbol.dispose]() {} };
  const serving = echoDatagrams(ours, { log, stats, maxFrame: 100, permits: () => true });
  const echoing = (async () => {
    for await (const [bytes, from] of other) await other.send(bytes, from);
  })();
  await other.send(new TextEncoder().encode("round and round"), ours.addr);
  const { port } = other.addr as Deno.NetAddr;
  const said = { event: "datagrams_ignored", fields: { peer: `127.0.0.1:${port}`, reason: "rate", count: 1 } };
  assertEquals(await deadline(refused.promise, 20_000), said);
  // The one that went round was not answered: nothing is left to go round.
  ours.close();
  other.close();
  await Promise.all([serving, echoing]);
  assertEquals(stats.datagrams.get("rate"), 1);
  assert((stats.datagrams.get("answered") ?? 0) >= DATAGRAM_RATE);
});

Deno.test("RateLimit gives each source its share, refills it with time, and forgets who asked longest ago", () => {
  const rate = new RateLimit({ perSecond: 2, sources: 2 });
  const granted = (source: string, ...times: number[]): boolean[] => times.map((now) => rate.take(source, now));
  assertEquals(granted("a", 0, 0, 0), [true, true, false]);
  assertEquals(granted("b", 0, 0, 0), [true, true, false]);
  assertEquals(granted("a", 499, 500, 500), [false, true, false]);
  assertEquals(granted("a", 100_000, 100_000, 100_000), [true, true, false]);
  assertEquals(granted("c", 100_000), [true]);
  assertEquals(granted("b", 100_000, 100_000, 100_000), [true, true, false]);
  assertEquals(granted("a", 100_000), [true]);
});
