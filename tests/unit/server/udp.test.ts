import { assert, assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { delay } from "../../../lib/base/delay.ts";
import { RateLimit } from "../../../lib/server/rate_limit.ts";
import { Stats } from "../../../lib/server/stats.ts";
import { DATAGRAM_REPEATS, echoDatagrams } from "../../../lib/server/udp.ts";

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
  const said = { event: "datagrams_ignored", fields: { peer: `127.0.0.1:${port}`, reason: "loop", count: 1 } };
  assertEquals(await deadline(refused.promise, 20_000), said);
  // The one that went round was not answered: nothing is left to go round.
  ours.close();
  other.close();
  await Promise.all([serving, echoing]);
  assertEquals(stats.datagrams.get("loop"), 1);
  const answered = stats.datagrams.get("answered") ?? 0;
  assert(answered >= DATAGRAM_REPEATS && answered < DATAGRAM_REPEATS + 20, `${answered} answered`);
});

Deno.test("echoDatagrams() ends a slow loop between two services of its kind, and answers clients as before", async () => {
  const listenUdp = (): Deno.DatagramConn => Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const [first, second, relay, client] = [listenUdp(), listenUdp(), listenUdp(), listenUdp()];
  const log = { debug() {}, info() {}, warn() {}, error() {}, reopen() {}, [Symbol.dispose]() {} };
  const all = [new Stats(), new Stats()];
  const serving = [first, second].map((socket, at) =>
    echoDatagrams(socket, { log, stats: all[at] ?? new Stats(), maxFrame: 100, permits: () => true })
  );
  // Stands for the network between the two, in which a datagram takes 2 ms.
  const quiet = Promise.withResolvers<void>();
  const passing = (async () => {
    let silence: ReturnType<typeof setTimeout> | undefined;
    for await (const [bytes, from] of relay) {
      clearTimeout(silence);
      const to = (from as Deno.NetAddr).port === (first.addr as Deno.NetAddr).port ? second : first;
      await delay(2);
      await relay.send(bytes, to.addr).catch(() => {});
      silence = setTimeout(quiet.resolve, 300);
    }
    clearTimeout(silence);
  })();
  await relay.send(new TextEncoder().encode("round and round"), first.addr);
  await deadline(quiet.promise, 20_000);
  const rounds = all.map((stats) => stats.datagrams.get("answered") ?? 0);
  assert(Math.max(...rounds) <= DATAGRAM_REPEATS + 20, `${rounds} answered`);
  for (let number = 0; number < 10; number++) {
    await client.send(new TextEncoder().encode(`client ${number}`), first.addr);
    assertEquals(new TextDecoder().decode((await client.receive())[0]), `client ${number}`);
  }
  for (const socket of [first, second, relay, client]) socket.close();
  await Promise.all([...serving, passing]);
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

Deno.test("RateLimit lets a burst pass that is larger than a second's share", () => {
  const rate = new RateLimit({ perSecond: 1, burst: 3, sources: 2 });
  const times = [0, 0, 0, 0, 999, 1000, 1000, 9000, 9000, 9000, 9000];
  const expected = [true, true, true, false, false, true, false, true, true, true, false];
  assertEquals(times.map((now) => rate.take("a", now)), expected);
});
