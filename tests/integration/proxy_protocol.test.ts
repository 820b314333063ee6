import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { concat } from "../../lib/base/bytes.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { proxyHeader } from "../../lib/net/proxy_protocol.ts";
import { runTool, startServer } from "../support/tools.ts";

for (const workers of ["1", "2"]) {
  for (const version of ["v1", "v2"]) {
    Deno.test(`--proxy-protocol: the log has the client of a ${version} header, with --workers ${workers}`, async () => {
      await using server = await startServer({ args: ["--proxy-protocol", "127.0.0.1", "--workers", workers] });
      const args = ["--send-proxy", version, "--proxy-src", "192.0.2.7:50000", "-m", "hi", `127.0.0.1:${server.port}`];
      const { code, stdout } = await runTool("echo-client", args);
      assertEquals([code, stdout], [0, "hi\n"]);
      await server.logged(/192\.0\.2\.7:50000 client connected/);
    });
  }
}

Deno.test("--proxy-protocol: --deny and TLS see what comes behind the header", async () => {
  await using server = await startServer({ args: ["--proxy-protocol", "127.0.0.0/8", "--deny", "192.0.2.0/24"] });
  const sent = async (source: string) =>
    await runTool("echo-client", ["--send-proxy", "v2", "--proxy-src", source, "-m", "x", `127.0.0.1:${server.port}`]);
  assertEquals((await sent("198.51.100.7")).code, 0);
  assertEquals((await sent("192.0.2.7")).code, 69);
  await server.logged(/192\.0\.2\.7:\d+ .*refused/);
});

Deno.test("--proxy-protocol: who has to send a header and does not is closed, and the log says why", async () => {
  await using server = await startServer({ args: ["--proxy-protocol", "127.0.0.1"] });
  const { code } = await runTool("echo-client", ["-m", "hello, is anybody there?", `127.0.0.1:${server.port}`]);
  assertEquals(code, 69);
  assertMatch(await server.logged(/PROXY header/), /it does not begin with one/);
});

Deno.test("a PROXY header from an address that is not trusted is no frame, and changes nothing", async () => {
  await using server = await startServer({ args: ["--proxy-protocol", "192.0.2.0/24"] });
  const args = ["--send-proxy", "v1", "--proxy-src", "192.0.2.7:50000", "-m", "hi", `127.0.0.1:${server.port}`];
  const { code } = await runTool("echo-client", args);
  assertEquals(code === 0, false);
  assertMatch(await server.logged(/client left|disconnect/), /127\.0\.0\.1:\d+/);
  assertEquals(/192\.0\.2\.7/.test(server.log()), false);
});

/** A header of version 2 for a client at 192.0.2.7 that speaks TLS to the balancer, or does not. */
function header(isTls: boolean): Uint8Array {
  const plain = proxyHeader("v2", { hostname: "192.0.2.7", port: 50_000 }, { hostname: "198.51.100.1", port: 9090 });
  return concat(plain.with(15, (plain[15] ?? 0) + 8), Uint8Array.of(0x20, 0, 5, isTls ? 1 : 0, 0, 0, 0, 0));
}

for (const workers of ["1", "2"]) {
  Deno.test(`--proxy-tls: TLS to the balancer counts, where the operator says so, with --workers ${workers}`, async () => {
    for (const more of [[], ["--proxy-tls"]]) {
      const args = ["--mode", "auth", "--proxy-protocol", "127.0.0.1", "--workers", workers, ...more];
      await using server = await startServer({ args });
      for (const isTls of [false, true]) {
        const wire = await Deno.connect({ port: server.port });
        await wire.write(header(isTls));
        await using conn = new FramedConn(wire);
        const offered = /\[AUTH (.*?)\]/.exec(await conn.receiveText() ?? "")?.[1];
        assertEquals(offered, more.length > 0 && isTls ? "SCRAM-SHA-256 TOKEN PLAIN" : "SCRAM-SHA-256");
      }
    }
  });
}

Deno.test("--proxy-tls needs --proxy-protocol", async () => {
  const { code, stderr } = await runTool("echo-server", ["--no-input", "--check-config", "--proxy-tls"]);
  assertEquals(code, 64);
  assertMatch(stderr, /--proxy-tls needs --proxy-protocol/);
});

Deno.test("a server that stops does not wait for a header that may never come", async () => {
  await using server = await startServer({ args: ["--proxy-protocol", "127.0.0.1", "--drain-timeout", "1s"] });
  const began = performance.now();
  using silent = await Deno.connect({ port: server.port });
  using other = await Deno.connect({ port: server.port });
  await other.write(header(false));
  // Accepted after the silent one.
  await server.logged(/192\.0\.2\.7:50000 client connected/);
  assertEquals((await server.stop()).code, 0);
  assertEquals(await silent.read(new Uint8Array(1)).catch(() => null), null);
  // On a machine so slow that this has taken as long as a header may take, it tells nothing.
  if (performance.now() - began < 5000) assertNotMatch(server.log(), /PROXY header/);
});

Deno.test("--proxy-src needs --send-proxy", async () => {
  const { code, stderr } = await runTool("echo-client", ["--proxy-src", "192.0.2.7", "-m", "x"]);
  assertEquals(code, 64);
  assertMatch(stderr, /--proxy-src works together with --send-proxy only/);
});
