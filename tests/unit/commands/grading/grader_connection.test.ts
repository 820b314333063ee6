import { assert, assertEquals } from "@std/assert";
import { delay } from "../../../../lib/base/delay.ts";
import { type Ends, hasBytesOnTheWay } from "../../../../lib/commands/grading/bytes_on_the_way.ts";
import { HAS_PROC } from "../../../../lib/commands/grading/processes.ts";
import { GraderConnection } from "../../../../lib/commands/grading/grader_connection.ts";
import { connect } from "../../../../lib/commands/check_server/connect.ts";
import { hasPython, python } from "../../../support/python.ts";

Deno.test("a server that writes each echo before it reads on gets rid of them while it is sent more than the system keeps", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  using peer = await connect(target, { signal: new AbortController().signal });
  using conn = await listener.accept();
  const size = 32 * 1024 * 1024;
  const echoing = (async () => {
    const buffer = new Uint8Array(64 * 1024);
    for (let left = size; left > 0;) {
      const count = await conn.read(buffer) ?? left;
      left -= count;
      for (let at = 0; at < count;) at += await conn.write(buffer.subarray(at, count));
    }
  })();
  assertEquals(await peer.send(new Uint8Array(size), 2000), true);
  const { length } = await peer.receive((bytes) => bytes.length >= size, 2000);
  assertEquals(length, size);
  await echoing;
});

Deno.test("a server that sends without end is held up once more waits than any message has", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  const peer = await connect(target, { signal: new AbortController().signal });
  using conn = await listener.accept();
  const sending = (async () => {
    try {
      for (const part = new Uint8Array(64 * 1024);;) await conn.write(part);
    } catch {
      // The grader has left.
    }
  })();
  const { length } = await peer.receive(() => false, 300, { most: 3000 });
  assert(length >= 200_000, `${length} bytes wait`);
  assert(length <= 512 * 1024, `${length} bytes wait`);
  peer.close();
  await sending;
});

Deno.test({
  name: "GraderConnection: what was sent is unread until the server has taken the connection, and read it",
  ignore: !HAS_PROC,
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
    using peer = await connect(target, { signal: new AbortController().signal });
    assertEquals(peer.isUnread, false);
    await peer.send(new Uint8Array(10), 2000);
    assertEquals(peer.isUnread, true);
    using conn = await listener.accept();
    await conn.read(new Uint8Array(4));
    assertEquals(peer.isUnread, true);
    await conn.read(new Uint8Array(100));
    assertEquals(peer.isUnread, false);
  },
});

Deno.test({
  name:
    "bytes that were sent and not read by the grader or a client are on their way; what a server does not read is not",
  ignore: !HAS_PROC,
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using client = await Deno.connect({ port: listener.addr.port });
    using server = await listener.accept();
    const ends: Ends = { own: client.localAddr, other: server.localAddr };
    assertEquals(hasBytesOnTheWay(ends), false);
    await client.write(new Uint8Array(10));
    while (hasBytesOnTheWay(ends)) await delay(1);
    // As a server has it, whose client is to read.
    assertEquals(hasBytesOnTheWay({ own: ends.other, other: ends.own, isToClient: true }), true);
    await server.write(new Uint8Array(10));
    assertEquals(hasBytesOnTheWay(ends), true);
    await client.read(new Uint8Array(10));
    while (hasBytesOnTheWay(ends)) await delay(1);
    await client.write(new Uint8Array(8_000_000));
    assertEquals(hasBytesOnTheWay(ends), true);
  },
});

Deno.test("a server that is seen at rest is waited for while its bytes are on their way", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
  let looks = 0;
  // It counts as at rest from the beginning, and answers after some looks.
  const isAtRest = async (): Promise<boolean> => {
    if (++looks === 3) await conn.write(new Uint8Array(1));
    return looks >= 3;
  };
  using peer = await connect(target, { signal: new AbortController().signal, isAtRest });
  using conn = await listener.accept();
  assertEquals((await peer.receive((bytes) => bytes.length > 0, 30_000)).length, 1);
});

Deno.test({
  name: "a server that is woken while it is looked at is not taken for silent",
  ignore: !HAS_PROC,
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const target = { transport: "tcp", host: "127.0.0.1", port: listener.addr.port } as const;
    let hasAnswered = false;
    // A look that began before the bytes had arrived may say what was so then.
    const isAtRest = async (): Promise<boolean> => {
      if (!hasBytesOnTheWay({ own: conn.remoteAddr, other: conn.localAddr })) return hasAnswered;
      await reading;
      return true;
    };
    using peer = await connect(target, { signal: new AbortController().signal, isAtRest });
    using conn = await listener.accept();
    const size = 1024 * 1024;
    await peer.send(new Uint8Array(size), 30_000);
    const reading = readAfterAWhile();
    assertEquals((await peer.receive((bytes) => bytes.length > 0, 30_000)).length, 1);
    await (await reading).answering;

    async function readAfterAWhile(): Promise<{ readonly answering: Promise<void> }> {
      await delay(20);
      const buffer = new Uint8Array(1024 * 1024);
      for (let left = size; left > 0;) left -= await conn.read(buffer) ?? left;
      return { answering: answer() };
    }

    async function answer(): Promise<void> {
      await delay(100);
      await conn.write(new Uint8Array(1));
      hasAnswered = true;
    }
  },
});

/** Sends twice; the system holds the second part for 200 ms (TCP_CORK, tcp(7)), as Nagle's algorithm may for 40. */
const SENDS_TWICE = `
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"one,")
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
s.sendall(b"two")
print("sent", flush=True)
s.recv(1)
`;

Deno.test({
  name: "what the other side has sent, and its system holds, is waited for though that takes longer than a silence",
  ignore: !HAS_PROC || !hasPython,
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const args = ["-c", SENDS_TWICE, String(listener.addr.port)];
    await using program = new Deno.Command(python(), { args, stdout: "piped" }).spawn();
    const conn = await listener.accept();
    const ends = { own: conn.localAddr, other: conn.remoteAddr };
    const sent = program.stdout.getReader();
    await sent.read();
    using peer = new GraderConnection(conn, { signal: new AbortController().signal, ends });
    assertEquals(new TextDecoder().decode(await peer.receive(() => false, 50)), "one,two");
    await sent.cancel();
  },
});
