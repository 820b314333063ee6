import { assert, assertEquals } from "@std/assert";
import { concat } from "../../../../lib/base/bytes.ts";
import { relayDatagrams } from "../../../../lib/commands/explain/datagrams.ts";
import type { WireEvent } from "../../../../lib/commands/explain/events.ts";
import { planOf } from "../faults/through.ts";

/** A service that echoes, and a proxy in front of it. */
function openPath(specs: readonly string[]): {
  readonly events: WireEvent[];
  readonly port: number;
  /** The bytes of a capture. */
  traced(): Uint8Array;
  close(): Promise<void>;
} {
  const service = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const front = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const echoing = (async () => {
    for await (const [bytes, from] of service) await service.send(bytes, from);
  })();
  const events: WireEvent[] = [];
  const captured: Uint8Array[] = [];
  const stop = new AbortController();
  const { plan } = planOf(specs);
  const relaying = relayDatagrams(front, {
    ...{
      target: { transport: "tcp", host: "127.0.0.1", port: portOf(service.addr) },
      timeout: 1000,
      framing: undefined,
    },
    ...{ maxFrame: 1024, most: 64, showSecrets: false, stop: stop.signal, count: undefined, faults: plan },
    ...{ reasonOf: String, room: () => undefined, onEvent: (event) => void events.push(event) },
    onTrace: (event) => void (event.kind === "data" && captured.push(event.bytes)),
  });
  return {
    events,
    port: portOf(front.addr),
    traced: () => concat(...captured),
    close: async () => {
      stop.abort();
      service.close();
      await Promise.all([relaying, echoing]);
    },
  };
}

function portOf(addr: Deno.Addr): number {
  return "port" in addr ? addr.port : 0;
}

Deno.test("relayDatagrams() passes datagrams both ways and tells of each", async () => {
  const path = openPath([]);
  const client = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const to = { transport: "udp", hostname: "127.0.0.1", port: path.port } as const;
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, 0x4555);
  header.setUint32(4, 9);
  header.setFloat64(8, performance.timeOrigin + performance.now() - 5);
  for (const bytes of [new TextEncoder().encode("hello"), new Uint8Array(header.buffer)]) {
    await client.send(bytes, to);
    const [back] = await client.receive();
    assertEquals(back, new Uint8Array(bytes));
  }
  client.close();
  await path.close();
  const told = path.events.filter((event) => event.event === "datagram");
  assertEquals(told.map(({ from, number }) => `${from} ${number}`), ["client 1", "server 1", "client 2", "server 2"]);
  assertEquals([told[0]?.payload.text, told[0]?.sequence, told[2]?.sequence], ["hello", undefined, 9]);
  const { age_ms: age = 0 } = told[2] ?? {};
  assert(age >= 5 && age < 500, `${age} ms`);
  assertEquals(path.events.map(({ event }) => event).filter((event) => event !== "datagram"), ["open", "close"]);
});

Deno.test("relayDatagrams() has faults in each way by itself", async () => {
  const path = openPath(["down:duplicate=1/2"]);
  const client = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const to = { transport: "udp", hostname: "127.0.0.1", port: path.port } as const;
  await client.send(Uint8Array.of(1), to);
  await client.send(Uint8Array.of(2), to);
  const back: number[] = [];
  while (back.length < 3) back.push((await client.receive())[0][0] ?? 0);
  client.close();
  await path.close();
  assertEquals(back, [1, 2, 2]);
});

Deno.test("relayDatagrams() hides what is secret in datagrams, also in captures", async () => {
  const path = openPath([]);
  const client = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const to = { transport: "udp", hostname: "127.0.0.1", port: path.port } as const;
  for (const text of ['{"password":"correct horse"}', "again: correct horse", btoa("correct horse"), "hello"]) {
    await client.send(new TextEncoder().encode(text), to);
    await client.receive();
  }
  client.close();
  await path.close();
  const told = path.events.filter((event) => event.event === "datagram").map(({ payload }) => payload.text);
  assertEquals(told.filter((_, number) => number % 2 === 1), told.filter((_, number) => number % 2 === 0));
  assertEquals(told.filter((_, number) => number % 2 === 0).slice(0, 2), ['{"password":"•••••"}', "again: •••••"]);
  assertEquals(told.at(-1), "hello");
  const shown = new TextDecoder().decode(path.traced());
  for (const all of [JSON.stringify(told), shown]) {
    assert(!all.includes("horse") && !all.includes(btoa("correct horse").slice(4)), all);
  }
  assert(shown.includes("again: *************"));
});
