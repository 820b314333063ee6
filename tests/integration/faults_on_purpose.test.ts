import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { dial, dialFramed, frame, readToEnd, writeAll } from "../support/net.ts";
import { explain } from "../support/explain_proxy.ts";
import { runTool, startServer, tempDir, until } from "../support/tools.ts";

Deno.test({
  name: "echo-server --fault resets with a real reset, after what came before it, and says so",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using server = await startServer({ args: ["--fault", "reset,after=10B", "--metrics", "127.0.0.1:0"] });
    const conn = await dial(server.port);
    await writeAll(conn, frame("hello, world"));
    const received: number[] = [];
    const buffer = new Uint8Array(64);
    await assertRejects(async () => {
      for (;;) received.push(await conn.read(buffer) ?? 0);
    }, Deno.errors.ConnectionReset);
    assertEquals(received.reduce((sum, bytes) => sum + bytes, 0), 10);
    conn.close();
    await server.logged(/a fault on purpose strikes .*fault=reset .*bytes=10/);
    assertMatch(server.log(), /WARN {2}- faults on purpose \(--fault\) faults="?reset,after=10B"? seed=\d+/);
    const metrics = /listening address=(\S+) purpose=metrics/.exec(server.log())?.[1];
    const text = await (await fetch(`http://${metrics}/metrics`)).text();
    assertMatch(text, /echo_faults_total\{fault="reset"\} 1/);
    assertMatch((await server.stop()).stderr, /^Faults are on: reset,after=10B; seed \d+\.$/m);
  },
});

Deno.test("echo-server --fault flips the same bits with the same --seed", async () => {
  const once = async (seed: string): Promise<Uint8Array> => {
    await using server = await startServer({ args: ["--fault", "flip=50%", "--seed", seed] });
    const conn = await dial(server.port);
    for (let number = 0; number < 20; number++) await writeAll(conn, frame(new Uint8Array(10)));
    await conn.closeWrite();
    return await readToEnd(conn);
  };
  const [first, again, other] = [await once("42"), await once("42"), await once("43")];
  assertEquals(first, again);
  assert(first.length === other.length && first.some((byte, at) => byte !== other[at]));
});

Deno.test({
  name: "echo-server --faults FILE is read again on SIGHUP, for connections that are open",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using folder = tempDir();
    const file = folder.at("faults.toml");
    Deno.writeTextFileSync(file, `[one]\nfault = ["latency=1ms"]\n`);
    await using server = await startServer({ args: ["--faults", file] });
    await using conn = await dialFramed(server.port);
    await conn.send("a");
    assertEquals(await conn.receiveText(), "a");
    Deno.writeTextFileSync(file, `[one]\nfault = ["close-after=2B"]\n`);
    server.kill("SIGHUP");
    await server.logged(/faults on purpose .*close-after=2B/);
    // More than that has passed already.
    assertEquals(await conn.receive(), null);
  },
});

Deno.test({
  name: "a fault of explain resets the connection it is for, on both sides, and no other to the same server",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using server = await startServer();
    for (const [round, way] of ["up", "down"].entries()) {
      await using proxy = await explain(server.port, "--fault", `${way}:reset-after=10B,share=1/2`);
      await using first = await dialFramed(proxy.port);
      await first.send("a");
      assertEquals(await first.receiveText(), "a");
      using second = await dial(proxy.port);
      await writeAll(second, frame("hello, world"));
      await assertRejects(() => readToEnd(second), Deno.errors.ConnectionReset);
      const resets = (): number => server.log().match(/client left reason=reset /g)?.length ?? 0;
      await until(() => resets() > round || undefined, "the server to see it, too");
      await first.send("b");
      assertEquals(await first.receiveText(), "b");
    }
  },
});

Deno.test("explain refuses and delays connections whichever way it is told for, and once", async () => {
  await using server = await startServer();
  await using proxy = await explain(server.port, "--fault", "both:accept-delay=50ms", "--fault", "up:refuse=1/2");
  await using first = await dialFramed(proxy.port);
  await first.send("a");
  assertEquals(await first.receiveText(), "a");
  await until(() => proxy.text().includes("fault accept-delay") || undefined, "the line");
  assertEquals(proxy.text().match(/fault accept-delay/g)?.length, 1);
  using second = await dial(proxy.port);
  await assertRejects(() => readToEnd(second), Deno.errors.ConnectionReset);
});

Deno.test("a line typed at echo-client explain sets faults for connections that are open", async () => {
  await using server = await startServer();
  await using proxy = await explain(server.port);
  await using conn = await dialFramed(proxy.port);
  await conn.send("a");
  assertEquals(await conn.receiveText(), "a");
  await proxy.type("up:drop=1/2; latency=200ms");
  await until(() => proxy.text().includes("Faults are on: up:drop=1/2; latency=200ms") || undefined, "the line");
  const began = performance.now();
  await conn.send("b");
  await conn.send("c");
  assertEquals(await conn.receiveText(), "b");
  const ms = performance.now() - began;
  assert(ms >= 199, `${ms} ms`);
  await until(() => proxy.text().includes("fault latency: held for 200 ms") || undefined, "the line");
  assertMatch(proxy.text(), /client → fault drop: frame 2, 5 bytes, is lost/);
  await proxy.type("off");
  await until(() => proxy.text().includes("No faults are on.") || undefined, "the line");
  await conn.send("d");
  assertEquals(await conn.receiveText(), "d");
});

Deno.test("echo-client explain --udp and bench --udp count what a fault does to datagrams", async () => {
  await using server = await startServer({ args: ["--udp"] });
  await using proxy = await explain(server.port, "--udp", "--fault", "drop=1/20,reorder=1/50", "--seed", "1");
  const args = ["bench", "--udp", "-n", "200", "--rate", "100", "--json", `127.0.0.1:${proxy.port}`];
  const { stdout } = await runTool("echo-client", args);
  const { sent, lost, answered, reordered, duplicated, jitter_us } = JSON.parse(stdout);
  assertEquals({ sent, lost, answered, duplicated }, { sent: 200, lost: 10, answered: 190, duplicated: 0 });
  assertEquals([reordered, jitter_us > 0], [2, true]);
  assertMatch(proxy.text(), /client → datagram 200, 64 bytes: number 200, left \d+\.\d+ ms ago/);
  const ping = await runTool("echo-client", ["ping", "--udp", "-c", "3", "-i", "5ms", `127.0.0.1:${proxy.port}`]);
  assertMatch(ping.stdout, /3 sent, 3 echoed, 0 lost .* jitter/);
});

for (
  const [args, text] of [
    [["echo-server", "--host", "0.0.0.0", "--fault", "latency=1ms"], "--allow-faults"],
    [["echo-server", "--host", "127.example.com", "--fault", "latency=1ms"], "--allow-faults"],
    [["echo-server", "--workers", "2", "--fault", "latency=1ms"], "faults need one worker"],
    [["echo-server", "--fault", "latncy=1ms"], "the nearest is latency"],
    [["echo-server", "--scenario", "nothing"], "slow-link, lossy, chopped, rude-peer, liar"],
    [["echo-client", "bench", "--udp", "--connect"], "it does not go with --connect"],
    [["echo-client", "bench", "--udp", "--size", "8B"], "16 bytes of its own"],
    [["echo-client", "ping", "--udp", "--tls"], "it does not go with --tls"],
  ] as const
) {
  Deno.test(`${args.join(" ")} exits with 64 and says why`, async () => {
    const [tool, ...rest] = args;
    const { code, stderr } = await runTool(tool, tool === "echo-server" ? [...rest, "--no-input"] : rest);
    assertEquals([code, stderr.includes(text)], [64, true], stderr);
  });
}
