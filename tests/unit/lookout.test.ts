import { assert, assertEquals } from "@std/assert";
import { Lookout } from "../../lib/lookout.ts";
import { socketPair } from "../../lib/socket_pair.ts";

async function pair(): Promise<Disposable & { near: Deno.TcpConn; far: Deno.TcpConn }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { near, far } = await socketPair(listener);
  return { near, far, [Symbol.dispose]: () => [near, far].forEach((conn) => conn.close()) };
}

Deno.test("look() resolves after what had arrived was seen, though reads that are answered at once go on", async () => {
  using quiet = await pair();
  using flood = await pair();
  using lookout = new Lookout();
  await lookout.look();
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
  for (const isOpen of [true, false]) {
    const lookout = new Lookout();
    if (isOpen) await lookout.look();
    const looking = lookout.look();
    lookout[Symbol.dispose]();
    await looking;
  }
});

Deno.test("socketPair() turns away a program that comes in between", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using stranger = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const { near, far } = await socketPair(listener);
  assertEquals(far.remoteAddr, near.localAddr);
  assertEquals(await stranger.read(new Uint8Array(1)), null);
  [near, far].forEach((conn) => conn.close());
});
