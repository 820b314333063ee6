import { assert, assertEquals, assertRejects } from "@std/assert";
import { NetworkError, StorageError } from "../../../lib/base/errors.ts";
import { HeapKeeper } from "../../../lib/base/heap_keeper.ts";
import { framingFrom } from "../../../lib/framing/framing.ts";
import type { ServiceLog } from "../../../lib/server/log.ts";
import { Admission } from "../../../lib/server/admission.ts";
import { LocalLimiter } from "../../../lib/server/connection_limiter.ts";
import { type Peer, peerOf } from "../../../lib/server/peer.ts";
import { DEFAULT_LIMITS } from "../../../lib/server/serve_options.ts";
import type { MainCalls } from "../../../lib/server/workers/calls.ts";
import { RemoteAuthenticator, RemoteLimiter } from "../../../lib/server/workers/remote.ts";
import { openWorkerServices } from "../../../lib/server/workers/services.ts";
import { WorkerPool, type WorkerPoolOptions } from "../../../lib/server/workers/pool.ts";
import { Link, type Thread } from "../../../lib/base/worker_link.ts";
import { listenShared } from "../../../lib/server/workers/shared_port.ts";
import { dialFramed } from "../../support/net.ts";

const ignore = Deno.build.os !== "linux";

const HERE = { hostname: "127.0.0.1" };

Deno.test("RemoteLimiter asks once for a client and its greeting, and again where that failed or a handshake comes first", async () => {
  const { port1, port2 } = new MessageChannel();
  const asked: string[] = [];
  let isBroken = false;
  const services = openWorkerServices(1, {
    limiter: new LocalLimiter({ admission: new Admission(DEFAULT_LIMITS) }),
    authenticator: {
      language: "en",
      open: () => ({
        greeting: () => isBroken ? Promise.reject(new Error("unreadable")) : Promise.resolve([{ type: "close" }]),
        receive: () => Promise.resolve([]),
      }),
      inTurn: (_peer, work) => work(),
      failed: () => Promise.resolve(),
      admitted: () => Promise.resolve(),
      isStillValid: () => Promise.resolve(true),
      sessionEnded: () => Promise.resolve(),
      revocations: async function* () {},
    },
    log: optionsWith(() => {}).log,
    heap: new HeapKeeper(),
    renew: () => {},
    signal: AbortSignal.abort(),
  });
  new Link(port1).answer(Object.fromEntries(
    Object.entries(services.calls).map(([name, call]) => [name, (...args: never[]): unknown => {
      asked.push(name);
      return Reflect.apply(call, undefined, args);
    }]),
  ));
  const link = new Link<MainCalls>(port2);
  port1.start();
  port2.start();
  const limiter = new RemoteLimiter(link, 2);
  const remote = new RemoteAuthenticator(link, limiter, "en");
  const meet = async (isTls: boolean): Promise<unknown> => {
    const peer = peerOf({ transport: "tcp", hostname: "127.0.0.2", port: 50000 }, { isTls });
    assertEquals(await limiter.enter(peer, true), undefined);
    const effects = await remote.open(peer).greeting().catch(String);
    limiter.leave(peer, false);
    return effects;
  };
  assertEquals(await meet(false), [{ type: "close" }]);
  assertEquals(await meet(true), [{ type: "close" }]);
  isBroken = true;
  assertEquals(await meet(false), "Error: unreadable");
  await link.call("learnDescriptorLimit");
  assertEquals(asked.join(" "), "enter leave enter greeting leave enter greeting leave learnDescriptorLimit");
  port1.close();
  port2.close();
});

Deno.test("RemoteLimiter turns away by itself where all were turned away, until a place may be free", async () => {
  const { port1, port2 } = new MessageChannel();
  let asked = 0;
  let denial: "max_connections" | "max_unauthenticated" | undefined = "max_connections";
  new Link(port1).answer({ enter: () => (asked++, denial === undefined ? {} : { denial }), leave: () => {} });
  port1.start();
  port2.start();
  const limiter = new RemoteLimiter(new Link<MainCalls>(port2), 2);
  const peer = (last: number): Peer => peerOf({ transport: "tcp", hostname: `127.0.0.${last}`, port: 50000 }, {});
  const first = peer(2);
  denial = undefined;
  assertEquals(await limiter.enter(first, true), undefined);
  const besiege = async (by: typeof denial): Promise<void> => {
    denial = by;
    for (;;) {
      const answer = limiter.enter(peer(3), true);
      if (!(answer instanceof Promise)) return assertEquals(answer, by);
      assertEquals(await answer, by);
    }
  };
  await besiege("max_connections");
  assert(asked > 32, `${asked} were asked for`);
  denial = undefined;
  limiter.leave(first, false);
  assertEquals(await limiter.enter(peer(3), true), undefined, "a place is free");
  await besiege("max_unauthenticated");
  assert(limiter.enter(peer(4), true) instanceof Promise, "another address has a share of its own");
  port1.close();
  port2.close();
});

Deno.test({
  name: "listenShared() finds out that somebody else shares the port, and leaves it",
  ignore,
  fn: async () => {
    using other = Deno.listen({ ...HERE, port: 0, reusePort: true });
    const { port } = other.addr;
    const error = await assertRejects(() => listenShared([{ ...HERE, port }], { check: true }), NetworkError);
    assertEquals(error.code, "port_busy");
    using probe = await Deno.connect({ ...HERE, port });
    // Not all who were sent to find out have been accepted yet.
    for (;;) {
      using conn = await other.accept();
      if (conn.remoteAddr.port === probe.localAddr.port) break;
    }
  },
});

Deno.test({
  name: "listenShared() lets threads of one server share a port that nobody else has",
  ignore,
  fn: async () => {
    const [first] = await listenShared([{ ...HERE, port: 0 }], { check: true });
    assert(first !== undefined);
    const { port } = first.listener.addr as Deno.NetAddr;
    const [second] = await listenShared([{ ...HERE, port }], { check: false });
    first.close();
    second?.close();
  },
});

Deno.test({
  name: "listenShared() refuses a port that somebody has alone, and keeps none of the others",
  ignore,
  fn: async () => {
    using alone = Deno.listen({ ...HERE, port: 0 });
    const free = Deno.listen({ ...HERE, port: 0 });
    const { port } = free.addr;
    free.close();
    const places = [{ ...HERE, port }, { ...HERE, port: alone.addr.port }];
    const error = await assertRejects(() => listenShared(places, { check: true }), NetworkError);
    assertEquals(error.code, "port_busy");
    Deno.listen({ ...HERE, port }).close();
  },
});

Deno.test("Link: errors keep their class, code and details on the way, and calls their order", async () => {
  const { port1, port2 } = new MessageChannel();
  const there = new Link(port1);
  const order: number[] = [];
  there.answer({
    fail: () => {
      throw new StorageError("cannot_read", "Cannot read x", { details: { path: "x" } });
    },
    note: (value: number) => void order.push(value),
    list: () => order,
  });
  interface There {
    fail(): void;
    note(value: number): void;
    list(): number[];
    missing(): void;
  }
  const link = new Link<There>(port2);
  port1.start();
  port2.start();
  const error = await assertRejects(() => link.call("fail"), StorageError, "Cannot read x");
  assertEquals([error.code, error.details], ["cannot_read", { path: "x" }]);
  for (let value = 0; value < 5; value++) link.tell("note", value);
  assertEquals(await link.call("list"), [0, 1, 2, 3, 4]);
  await assertRejects(() => link.call("missing"), Error, "there is no such call");
  const waiting = assertRejects(() => link.call("list"), Error, "gone");
  link.end(new Error("gone"));
  await waiting;
  await assertRejects(() => link.call("list"), Error, "gone");
  port1.close();
  port2.close();
});

Deno.test({
  name: "A pool that loses a worker says so, lets the others end in order, and fails",
  ignore,
  fn: async () => {
    const threads: Worker[] = [];
    const start = (): Thread => {
      const url = new URL("../../../lib/commands/serve/worker.ts", import.meta.url);
      const thread = new Worker(url, { type: "module" });
      threads.push(thread);
      return thread;
    };
    using pool = new WorkerPool(2, { start });
    const listeners = await pool.listen({ hosts: ["127.0.0.1"], port: 0, strictPort: true });
    const { port } = listeners[0]?.listener.addr as Deno.NetAddr;
    const lines: string[] = [];
    const died = Promise.withResolvers<void>();
    const served = pool.serve(
      listeners,
      optionsWith((event, fields) => {
        lines.push(event);
        if (event === "worker_died") died.resolve();
        if (event === "connect") workers.push(Number(fields["worker"]));
      }),
    );
    const workers: number[] = [];
    const conns = [];
    while (new Set(workers).size < 2) {
      const conn = await dialFramed(port);
      conns.push(conn);
      await conn.send("hello");
      assertEquals(await conn.receiveText(), "hello");
    }
    const failed = assertRejects(() => served, Error, "in 1");
    // Nothing that a worker can make sense of, and so often that it gives itself up.
    for (let count = 0; count < 100; count++) threads[1]?.postMessage([1]);
    await died.promise;
    for (const conn of conns) {
      await conn.receive().catch(() => null);
      conn.close();
    }
    await failed;
    assertEquals(lines.filter((event) => event === "drain").length, 1);
  },
});

/** A server whose log is `onLine`, and which nothing but its own end stops. */
function optionsWith(onLine: (event: string, fields: Record<string, unknown>) => void): WorkerPoolOptions {
  const note = (event: string, fields: Record<string, unknown> = {}): void => onLine(event, fields);
  const log: ServiceLog = {
    ...{ debug: note, info: note, warn: note, error: note },
    reopen: () => {},
    [Symbol.dispose]: () => {},
  };
  const { signal } = new AbortController();
  return { framing: framingFrom("u32"), maxFrame: 1024, log, logLevel: "info", drainTimeout: 5000, signal };
}
