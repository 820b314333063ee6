import { assert, assertEquals, assertRejects } from "@std/assert";
import { PollBarrier } from "../../../lib/net/poll_barrier.ts";
import { socketPair } from "../../../lib/net/socket_pair.ts";

async function pair(): Promise<Disposable & { near: Deno.TcpConn; far: Deno.TcpConn }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { near, far } = await socketPair(listener);
  return { near, far, [Symbol.dispose]: () => [near, far].forEach((conn) => conn.close()) };
}

Deno.test("wait() resolves after what had arrived was seen, though reads that are answered at once go on", async () => {
  using quiet = await pair();
  using flood = await pair();
  using barrier = new PollBarrier();
  // Until its pair is open, a look is a timer.
  for (let looks = 0; looks < 5; looks++) await barrier.wait();
  const order: string[] = [];
  const read = quiet.far.read(new Uint8Array(8)).then(() => order.push("quiet"));
  await flood.near.write(new Uint8Array(1000));
  await quiet.near.write(new Uint8Array(1));
  const looked = barrier.wait().then(() => order.push("looked"));
  for (let reads = 0; reads < 50; reads++) assertEquals(await flood.far.read(new Uint8Array(1)), 1);
  await Promise.all([looked, read]);
  assertEquals(order, ["quiet", "looked"]);
});

Deno.test("wait() is one look for all who call meanwhile, and another one after that", async () => {
  using barrier = new PollBarrier();
  const first = barrier.wait();
  assertEquals(barrier.wait(), first);
  await first;
  const second = barrier.wait();
  assert(second !== first);
  await second;
});

Deno.test("wait() resolves where no socket may be opened", { permissions: { net: false } }, async () => {
  using barrier = new PollBarrier();
  await barrier.wait();
  await barrier.wait();
});

Deno.test("A barrier that is closed lets those go on who wait, and leaves no socket behind", async () => {
  for (const looks of [0, 1, 2, 3]) {
    const barrier = new PollBarrier();
    for (let done = 0; done < looks; done++) await barrier.wait();
    const looking = barrier.wait();
    barrier[Symbol.dispose]();
    await looking;
    await barrier.wait();
  }
});

Deno.test("wait() does not wait for a connection that never comes about", async () => {
  const connect = Deno.connect;
  const given: (AbortSignal | undefined)[] = [];
  const silent = (options: Deno.ConnectOptions & { signal?: AbortSignal }): Promise<never> => {
    given.push(options.signal);
    return new Promise((_, reject) => options.signal?.addEventListener("abort", () => reject(options.signal?.reason)));
  };
  Object.assign(Deno, { connect: silent });
  try {
    using barrier = new PollBarrier();
    for (let looks = 0; looks < 3; looks++) await barrier.wait();
    assertEquals(given.map((signal) => signal?.aborted), [false]);
  } finally {
    Object.assign(Deno, { connect });
  }
  assertEquals(given[0]?.aborted, true);
});

Deno.test("socketPair() turns away a program that comes in between", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using stranger = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const { near, far } = await socketPair(listener);
  assertEquals(far.remoteAddr, near.localAddr);
  assertEquals(await stranger.read(new Uint8Array(1)), null);
  [near, far].forEach((conn) => conn.close());
});

Deno.test("socketPair() leaves nothing open when accepting fails", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const failing = new Proxy(listener, {
    get: (target, key) =>
      key === "accept" ? () => Promise.reject(new Error("Too many open files")) : Reflect.get(target, key, target),
  });
  await assertRejects(() => socketPair(failing), Error, "Too many open files");
});
