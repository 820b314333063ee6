/** The end of a server on a machine so busy that the time between two looks is over before the server has looked. */
import { assertEquals } from "@std/assert";
import { delay } from "../../../lib/base/delay.ts";
import { framingFrom } from "../../../lib/framing/framing.ts";
import { listen } from "../../../lib/net/listen.ts";
import { RingSockets } from "../../../lib/net/uring/sockets.ts";
import { Admission } from "../../../lib/server/admission.ts";
import { LocalLimiter } from "../../../lib/server/connection_limiter.ts";
import { serve } from "../../../lib/server/serve.ts";
import { DEFAULT_LIMITS, type ServeOptions } from "../../../lib/server/serve_options.ts";
import { dialFramed } from "../../support/net.ts";
import { hasRing } from "../../support/ring.ts";

const NOTHING = (): void => {};
const LOG = {
  ...{ debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING, reopen: NOTHING, [Symbol.dispose]: NOTHING },
};

/** Longer than any pause of a server that drains, in ms. */
const LONG = 300;

interface Served {
  readonly port: number;
  readonly stop: () => void;
  readonly served: Promise<void>;
}

/** A test of a server with each engine. */
function test(name: string, options: () => Partial<ServeOptions>, body: (server: Served) => Promise<void>): void {
  for (const engine of ["deno", "io_uring"]) {
    Deno.test(`${name}, engine ${engine}`, { ignore: engine === "io_uring" && !hasRing }, async () => {
      await using ring = engine === "io_uring" ? RingSockets.open() : undefined;
      const listeners = await listen({ hosts: ["127.0.0.1"], port: 0, strictPort: true, sockets: ring });
      const stopping = new AbortController();
      const served = serve(listeners, {
        ...{ framing: framingFrom("u32"), maxFrame: 1024, log: LOG, drainTimeout: 60_000, signal: stopping.signal },
        ...(ring ? { look: () => ring.look() } : {}),
        ...options(),
      });
      const { port } = listeners[0]?.listener.addr as Deno.NetAddr;
      await body({ port, served, stop: () => stopping.abort() });
    });
  }
}

/** Keeps this thread from everything, as a machine does whose cores are busy. */
function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LONG);
}

const room = { current: Promise.withResolvers<void>(), isFull: true };

test(
  "serve() serves those who wait for room when the signal comes",
  () => {
    Object.assign(room, { current: Promise.withResolvers<void>(), isFull: true });
    const limiter = new LocalLimiter({ admission: new Admission(DEFAULT_LIMITS) });
    const hasRoom = (): Promise<void> | undefined => room.isFull ? room.current.promise : undefined;
    return { limiter: Object.assign(limiter, { hasRoom }) };
  },
  async ({ port, stop, served }) => {
    const clients = await Promise.all([1, 2, 3].map(() => dialFramed(port)));
    for (const client of clients) await client.send("hello");
    stop();
    await delay(LONG);
    room.isFull = false;
    room.current.resolve();
    for (const client of clients) {
      assertEquals([await client.receiveText(), await client.receive()], ["hello", null]);
      client.close();
    }
    await served;
  },
);

const draining = { begun: Promise.withResolvers<void>() };

test(
  "serve() answers what had come before it found a client silent",
  () => {
    draining.begun = Promise.withResolvers<void>();
    return { onDraining: () => draining.begun.resolve() };
  },
  async ({ port, stop, served }) => {
    await using client = await dialFramed(port);
    await client.send("before");
    assertEquals(await client.receiveText(), "before");
    stop();
    await draining.begun.promise;
    await client.send("hello");
    block();
    assertEquals([await client.receiveText(), await client.receive()], ["hello", null]);
    client.close();
    await served;
  },
);

test("serve() lets in who had connected before the signal", () => ({}), async ({ port, stop, served }) => {
  const clients = await Promise.all(Array.from({ length: 100 }, () => dialFramed(port)));
  for (const client of clients) await client.send("hello");
  stop();
  block();
  for (const client of clients) {
    assertEquals([await client.receiveText(), await client.receive()], ["hello", null]);
    client.close();
  }
  await served;
});
