import { assertEquals, assertMatch } from "@std/assert";
import { runTool, startServer } from "../support/tools.ts";

Deno.test("echo-server prints one Listening line and nothing else, and ends with 0 on SIGTERM", async () => {
  await using server = await startServer();
  const { code, stdout, stderr } = await server.stop();
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^Listening on 127\.0\.0\.1:\d+\n$/);
});

Deno.test("echo-client -m prints each echo on a line of its own", async () => {
  await using server = await startServer();
  const { code, stdout, stderr } = await runTool("echo-client", [
    "-m",
    "hello",
    "-m",
    "",
    "-m",
    "привет",
    `:${server.port}`,
  ]);
  assertEquals([code, stdout, stderr], [0, "hello\n\nпривет\n", ""]);
});
