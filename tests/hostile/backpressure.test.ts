import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { dial, dialFramed, frame, hasProc, memoryOf, writeAll } from "../support/net.ts";
import { startServer } from "../support/tools.ts";

const MIB = 1024 * 1024;

/** Largest growth of the server's resident memory, in bytes. Holding the stream would take 64 MiB. */
const GROWTH = 20 * MIB;

Deno.test({
  name: "echo-server stops a 64 MiB stream by backpressure, serves others meanwhile, and stays small",
  ignore: !hasProc,
  fn: async () => {
    await using server = await startServer();
    await using other = await dialFramed(server.port);
    const roundTrip = async (): Promise<void> => {
      await other.send("while the other one waits");
      assertEquals(await other.receiveText(), "while the other one waits");
    };
    const big = frame(new Uint8Array(MIB).map((_, at) => at % 253));
    await warmUp(server.port, big);
    const before = memoryOf(server.pid, "VmRSS");

    using conn = await dial(server.port);
    let sent = 0;
    const sending = (async (): Promise<void> => {
      for (let frames = 0; frames < 64; frames++) {
        for (let at = 0; at < big.length;) {
          const written = await conn.write(big.subarray(at));
          at += written;
          sent += written;
        }
      }
    })();
    // Stopped: nothing more is taken for as long as the other client needs for 300 echoes.
    for (let seen = -1; seen !== sent;) {
      seen = sent;
      for (let trips = 0; trips < 300; trips++) await roundTrip();
    }
    assertGreater(sent, 0);
    assertLess(sent, 48 * MIB);
    const stalled = memoryOf(server.pid, "VmRSS") - before;
    assertLess(stalled, GROWTH, "memory while the stream waits");

    const received = await countEqual(conn, big, 64);
    await sending;
    assertEquals(received, 64 * big.length);
    assertLess(memoryOf(server.pid, "VmRSS") - before, GROWTH, "memory after the stream");
    await roundTrip();
  },
});

Deno.test({
  name: "echo-server stays small while it echoes one frame of 256 MiB",
  ignore: !hasProc,
  fn: async () => {
    await using server = await startServer({ args: ["--max-frame", "1GiB"] });
    const part = new Uint8Array(MIB);
    await warmUp(server.port, frame(part));
    const before = memoryOf(server.pid, "VmRSS");
    using conn = await dial(server.port);
    const header = Uint8Array.of(0x10, 0, 0, 0);
    const sending = (async (): Promise<void> => {
      await writeAll(conn, header);
      for (let parts = 0; parts < 256; parts++) await writeAll(conn, part);
      await conn.closeWrite();
    })();
    const buffer = new Uint8Array(256 * 1024);
    let received = 0;
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) received += read;
    await sending;
    assertEquals(received, 4 + 256 * MIB);
    assertLess(memoryOf(server.pid, "VmRSS") - before, GROWTH);
  },
});

/** Lets the server reach its working size: code compiled, buffers borrowed once. */
async function warmUp(port: number, wire: Uint8Array): Promise<void> {
  using conn = await dial(port);
  await Promise.all([
    writeAll(conn, wire).then(() => conn.closeWrite()),
    new Response(conn.readable).bytes(),
  ]);
}

/** Reads until the wire was seen `times` times or something differs; returns the number of equal bytes. */
async function countEqual(conn: Deno.Conn, wire: Uint8Array, times: number): Promise<number> {
  const buffer = new Uint8Array(256 * 1024);
  let received = 0;
  while (received < wire.length * times) {
    const read = await conn.read(buffer);
    if (read === null) break;
    for (let at = 0; at < read; at++) {
      if (buffer[at] !== wire[(received + at) % wire.length]) return received + at;
    }
    received += read;
  }
  return received;
}
