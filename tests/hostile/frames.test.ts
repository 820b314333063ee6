import { assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { NetworkError } from "../../lib/base/errors.ts";
import { dial, dialFramed, frame, isServed, readToEnd, writeAll } from "../support/net.ts";
import { concat } from "../../lib/base/bytes.ts";
import { bytesOf } from "../support/framing_vectors.ts";
import { startServer } from "../support/tools.ts";

const MIB = 1024 * 1024;

Deno.test("echo-server returns a frame of exactly the limit", async () => {
  await using server = await startServer();
  await using conn = await dialFramed(server.port);
  const payload = new Uint8Array(MIB).map((_, at) => at % 251);
  const [received] = await Promise.all([conn.receive(), conn.send(payload)]);
  assertEquals(received, payload);
});

Deno.test("echo-server refuses one byte more from the header alone, after answering the frames before it", async () => {
  await using server = await startServer();
  using conn = await dial(server.port);
  const good = concat(frame("one"), frame(""), frame("three"));
  // The payload is never sent: only the header can be what is refused.
  await writeAll(conn, concat(good, frame(new Uint8Array(MIB + 1)).subarray(0, 4)));
  assertEquals(await readToEnd(conn), good);
  const line = await server.logged(/frame_too_large error=/);
  assertMatch(
    line,
    /WARN +127\.0\.0\.1:\d+ error code=frame_too_large error="Cannot accept a frame: its length is 1048577 bytes, the limit is 1048576 bytes"/,
  );
  await server.logged(/client left reason=frame_too_large bytes_in=24 bytes_out=20 frames=3 /);
});

Deno.test("echo-server --max-frame moves the limit", async () => {
  await using server = await startServer({ args: ["--max-frame", "8B"] });
  using conn = await dial(server.port);
  await writeAll(conn, concat(frame("12345678"), frame("123456789")));
  assertEquals(await readToEnd(conn), frame("12345678"));
});

for (
  const [why, wire] of [
    ["0xFFFFFFFF", "\u00ff\u00ff\u00ff\u00ff"],
    ["0xFFFFFFFF and bytes behind it", `\u00ff\u00ff\u00ff\u00ff${"x".repeat(5000)}`],
    ["an HTTP request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["a TLS hello", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"],
    ["a header cut after 1 byte", "\u0000"],
    ["a header cut after 2 bytes", "\u0000\u0000"],
    ["a header cut after 3 bytes", "\u0000\u0000\u0001"],
    ["a header without its payload", "\u0000\u0000\u0001\u0000"],
  ]
) {
  Deno.test(`echo-server is not harmed by ${why}`, async () => {
    await using server = await startServer();
    await using other = await dialFramed(server.port);
    using conn = await dial(server.port);
    await writeAll(conn, bytesOf(String(wire)));
    await conn.closeWrite();
    const header = String(wire) === "\u0000\u0000\u0001\u0000" ? 4 : 0;
    assertEquals((await readToEnd(conn)).length, header, "nothing of a bad frame comes back");
    await server.logged(/client left reason=(frame_too_large|truncated_frame) /);
    await other.send("undisturbed");
    assertEquals(await other.receiveText(), "undisturbed");
    assertEquals(await isServed(server.port), true);
  });
}

Deno.test("echo-server closes on a mistake although the client goes on sending", async () => {
  await using server = await startServer();
  await using conn = await dialFramed(server.port);
  const flood = async (): Promise<void> => {
    await conn.send(new Uint8Array(2 * MIB));
    for (;;) await conn.send(new Uint8Array(MIB));
  };
  const error = await assertRejects(flood, Error);
  assertInstanceOf(error, NetworkError);
  assertEquals(error.code, "reset");
  await server.logged(/client left reason=frame_too_large/);
});
