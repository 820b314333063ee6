import { assertEquals, assertMatch } from "@std/assert";
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

Deno.test("--proxy-src needs --send-proxy", async () => {
  const { code, stderr } = await runTool("echo-client", ["--proxy-src", "192.0.2.7", "-m", "x"]);
  assertEquals(code, 64);
  assertMatch(stderr, /--proxy-src works together with --send-proxy only/);
});
