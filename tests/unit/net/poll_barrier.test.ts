import { assert, assertEquals, assertRejects } from "@std/assert";
import { Lookout } from "../../../lib/net/poll_barrier.ts";
import { socketPair } from "../../../lib/net/socket_pair.ts";

async function pair(): Promise<Disposable & { near: Deno.TcpConn; far: Deno.TcpConn }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { near, far } = await socketPair(listener);
  return { near, far, [Symbol.dispose]: () => [near, far].forEach((conn) => conn.close()) };
}

Deno.test("look() resolves after what had arrived was seen, though reads that are answered at once go on", async () => {
  using quiet = await pair();
  using flood = await pair();
  using lookout = new Lookout();
  // Until its pair is open, a look is a timer.
  for (let looks = 0; looks < 5; looks++) await lookout.look();
  const order: string[] = [];
  const read = quiet.far.read(new Uint8Array(8)).then(() => order.push("quiet"));
  await flood.near.write(new Uint8Array(1000));
  await quiet.near.write(new Uint8Array(1));
  const looked = lookout.look().then(() => order.push("looked"));
  for (let reads = 0; reads < 50; reads++) assertEquals(await flood.far.read(new Uint8Array(1)), 1);
  await Promise.all([looked, read]);
  assertEquals(order, ["quiet", "looked"]);
});

Deno.test("look() is one look for all who call meanwhile, and another one after that", async () => {
  using lookout = new Lookout();
  const first = lookout.look();
  assertEquals(lookout.look(), first);
  await first;
  const second = lookout.look();
  assert(second !== first);
  await second;
});

Deno.test("look() resolves where no socket may be opened", { permissions: { net: false } }, async () => {
  using lookout = new Lookout();
  await lookout.look();
  await lookout.look();
});

Deno.test("A lookout that is closed lets those go on who wait, and leaves no socket behind", async () => {
  for (const looks of [0, 1, 2, 3]) {
    const lookout = new Lookout();
    for (let done = 0; done < looks; done++) await lookout.look();
    const looking = lookout.look();
    lookout[Symbol.dispose]();
    await looking;
    await lookout.look();
  }
});

Deno.test("look() does not wait for a connection that never comes about", async () => {
  const connect = Deno.connect;
  const given: (AbortSignal | undefined)[] = [];
  const silent = (options: Deno.ConnectOptions & { signal?: AbortSignal }): Promise<never> => {
    given.push(options.signal);
    return new Promise((_, reject) => options.signal?.addEventListener("abort", () => reject(options.signal?.reason)));
  };
  Object.assign(Deno, { connect: silent });
  try {
    using lookout = new Lookout();
    for (let looks = 0; looks < 3; looks++) await lookout.look();
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
