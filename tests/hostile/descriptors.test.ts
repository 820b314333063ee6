import { assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { dialFramed, hasProc } from "../support/net.ts";
import { isInstalled, PATIENCE, startServer } from "../support/tools.ts";

const CLIENTS = 600;
const HALF_REQUESTS = 100;

for (const args of [[], ["--workers", "2"], ["--mode", "identify", "--max-unauthenticated", "0"]]) {
  Deno.test({
    name: `echo-server ${args.join(" ")}: with all descriptors used up, the metrics answer, and it recovers`,
    ignore: !hasProc || !isInstalled("prlimit"),
    fn: async () => {
      await using server = await startServer({
        args: ["--metrics", "127.0.0.1:0", ...args],
        wrapper: ["prlimit", "--nofile=256"],
      });
      const metrics = /address=\S+:(\d+)/.exec(await server.logged(/purpose=metrics/))?.[1];
      const scrape = async (): Promise<string> => await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
      const port = Number(metrics);
      const conns = await connect(server.port, CLIENTS);
      await server.logged(/cannot accept a connection/);
      await again(async () => Number(/limit="max_connections"} (\d+)/.exec(await scrape())?.[1]) > 100);
      const half = await connect(port, HALF_REQUESTS, "GET /");
      const before = performance.now();
      assertMatch(await scrape(), /^echo_unforeseen_errors_total 0$/m);
      assertLess(performance.now() - before, 2000);
      for (const conn of conns) conn.close();
      const left = performance.now();
      await again(() => isServed(server.port));
      assertLess(performance.now() - left, 2000);
      assertGreater(half.length, 0);
      const stopped = performance.now();
      assertEquals((await server.stop()).code, 0);
      assertLess(performance.now() - stopped, 2000, "half requests do not hold up the end");
      for (const conn of half) conn.close();
    },
  });
}

async function connect(port: number, count: number, text = ""): Promise<Deno.TcpConn[]> {
  return await Promise.all(Array.from({ length: count }, async () => {
    const conn = await Deno.connect({ port });
    if (text !== "") await conn.write(new TextEncoder().encode(text));
    return conn;
  }));
}

/** Asks again and again until it is so. */
async function again(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE; !await isSo().catch(() => false);) {
    if (performance.now() > end) throw new Error("It does not come to pass");
  }
}

/** Whether a new client is answered, in any mode. */
async function isServed(port: number): Promise<boolean> {
  await using conn = await dialFramed(port);
  await conn.send("Anna");
  return await conn.receiveText() !== null;
}
