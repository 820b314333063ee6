/** Connections through a ring, on real sockets. */
import { Buffer } from "node:buffer";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { listenTcp, listenUnix, type RingListener } from "../../../../lib/net/uring/listener.ts";
import type { RingConn } from "../../../../lib/net/uring/conn.ts";
import { connectTcp } from "../../../../lib/net/uring/connect.ts";
import { Ring } from "../../../../lib/net/uring/ring.ts";
import { addrOf, ipAddress } from "../../../../lib/net/uring/sockaddr.ts";
import type { LargeBuffers } from "../../../../lib/net/echo_sink.ts";
import { hasRing } from "../../../support/ring.ts";

const MIB = 1024 * 1024;

interface Pair {
  readonly ring: Ring;
  readonly listener: RingListener<Deno.NetAddr>;
  readonly here: RingConn;
  readonly there: Deno.TcpConn;
}

/** A test with a connection: `here` is the ring's end of it. */
function test(name: string, body: (pair: Pair) => Promise<void>): void {
  Deno.test(name, { ignore: !hasRing }, async () => {
    await using ring = Ring.open();
    using listener = listenTcp(ring, { hostname: "127.0.0.1", port: 0 });
    const [here, there] = await Promise.all([listener.accept(), Deno.connect({ port: listener.addr.port })]);
    try {
      await body({ ring, listener, here, there });
    } finally {
      for (const conn of [here, there]) {
        try {
          conn.close();
        } catch {
          // The test has closed it.
        }
      }
    }
  });
}

test("read() and write() carry bytes, and the addresses are told", async ({ here, there, listener }) => {
  const peer = there.localAddr as Deno.NetAddr;
  assertEquals(here.remoteAddr, { transport: "tcp", hostname: "127.0.0.1", port: peer.port });
  assertEquals(here.localAddr, listener.addr);
  await there.write(new TextEncoder().encode("hello"));
  const into = new Uint8Array(16);
  assertEquals(await here.read(into), 5);
  assertEquals(await here.write(into.subarray(1, 5)), 4);
  assertEquals(await there.read(into), 4);
  assertEquals(new TextDecoder().decode(into.subarray(0, 4)), "ello");
});

test("read() gives null after the peer's end, write() still reaches it", async ({ here, there }) => {
  await there.closeWrite();
  assertEquals(await here.read(new Uint8Array(8)), null);
  assertEquals(await here.write(Uint8Array.of(7)), 1);
  await here.closeWrite();
  const into = new Uint8Array(8);
  assertEquals([await there.read(into), into[0]], [1, 7]);
  assertEquals(await there.read(into), null);
});

test("close() ends a pending read, and a pending write to a peer that does not read", async ({ here }) => {
  const read = assertRejects(() => here.read(new Uint8Array(8)), Deno.errors.Interrupted);
  const write = assertRejects(() => here.write(new Uint8Array(64 * MIB)), Deno.errors.Interrupted);
  here.close();
  await Promise.all([read, write]);
  assertThrows(() => here.close(), Deno.errors.BadResource);
  await assertRejects(() => here.read(new Uint8Array(8)), Deno.errors.BadResource);
  await assertRejects(() => here.write(new Uint8Array(8)), Deno.errors.BadResource);
});

test("write() rejects once the peer is gone", async ({ here, there }) => {
  there.close();
  const error = await assertRejects(async () => {
    for (;;) await here.write(new Uint8Array(1000));
  }, Error);
  assertEquals(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset, true);
});

test("a second read or write at the same time is refused", async ({ here, there }) => {
  const read = here.read(new Uint8Array(8));
  await assertRejects(() => here.read(new Uint8Array(8)), Deno.errors.Busy);
  await there.write(Uint8Array.of(1));
  assertEquals(await read, 1);
});

/** An exchange as a promise. */
function exchanged(conn: RingConn, bytes: Uint8Array, into: Uint8Array): Promise<number | null> {
  return new Promise((resolve, reject) => conn.exchange(bytes, into, { exchanged: resolve, failed: reject }));
}

test("exchange() writes, then reads, as often as wanted", async ({ here, there }) => {
  const into = new Uint8Array(8);
  for (const byte of [1, 2, 3]) {
    const pending = exchanged(here, Uint8Array.of(byte, byte), into);
    await assertRejects(() => here.write(Uint8Array.of(9)), Deno.errors.Busy);
    await assertRejects(() => exchanged(here, Uint8Array.of(9), into), Deno.errors.Busy);
    const came = new Uint8Array(8);
    assertEquals([await there.read(came), came[1]], [2, byte]);
    await there.write(Uint8Array.of(byte + 10));
    assertEquals([await pending, into[0]], [1, byte + 10]);
  }
  assertEquals(await here.write(Uint8Array.of(4)), 1);
  await there.closeWrite();
  assertEquals(await exchanged(here, Uint8Array.of(5), into), null);
});

test("exchange() rejects once where the peer is gone, and when it is closed", async ({ here, there, ring, listener }) => {
  const into = new Uint8Array(8);
  const pending = exchanged(here, Uint8Array.of(1), into);
  await there.read(new Uint8Array(8));
  there.close();
  assertEquals(await pending, null);
  const error = await assertRejects(async () => {
    for (;;) await exchanged(here, new Uint8Array(1000), into);
  }, Error);
  assert(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset, `${error}`);
  // Of the second one the send waits, too.
  for (const bytes of [1, 64 * MIB]) {
    const [own, other] = await Promise.all([listener.accept(), Deno.connect({ port: listener.addr.port })]);
    const closed = assertRejects(() => exchanged(own, new Uint8Array(bytes), into), Deno.errors.Interrupted);
    await ring.look();
    own.close();
    await closed;
    other.close();
  }
});

test("16 MiB, more than all buffers hold, go both ways at once", async ({ here, there }) => {
  const sent = new Uint8Array(16 * MIB).map((_, at) => at % 251);
  const received = new Uint8Array(sent.length);
  const sending = (async () => {
    for (let at = 0; at < sent.length;) at += await there.write(sent.subarray(at, at + MIB));
    await there.closeWrite();
  })();
  const echoing = (async () => {
    const buffer = new Uint8Array(256 * 1024);
    for (let read; (read = await here.read(buffer)) !== null;) {
      for (let at = 0; at < read;) at += await here.write(buffer.subarray(at, read));
    }
    await here.closeWrite();
  })();
  let at = 0;
  for (
    let read;
    (read = await there.read(received.subarray(at, at + MIB) ?? received)) !== null && at < received.length;
  ) {
    at += read;
  }
  await Promise.all([sending, echoing]);
  assertEquals(at, sent.length);
  assertEquals(Buffer.compare(received, sent), 0);
});

Deno.test("close() of a listener ends a pending accept", { ignore: !hasRing }, async () => {
  await using ring = Ring.open();
  const listener = listenTcp(ring, { hostname: "localhost", port: 0 });
  const accepting = assertRejects(() => listener.accept(), Deno.errors.Interrupted);
  listener.close();
  await accepting;
  await assertRejects(() => listener.accept(), Deno.errors.BadResource);
});

Deno.test(
  "accept() gives whom the kernel has accepted by close(), and rejects then",
  { ignore: !hasRing },
  async () => {
    await using ring = Ring.open();
    const listener = listenTcp(ring, { hostname: "localhost", port: 0 });
    const accepting = listener.accept();
    const there = await Promise.all([1, 2, 3].map(() => Deno.connect({ port: listener.addr.port })));
    for (const conn of there) await conn.write(Uint8Array.of(7));
    (await accepting).close();
    await ring.look();
    listener.close();
    for (const here of [await listener.accept(), await listener.accept()]) {
      assertEquals(await here.read(new Uint8Array(8)), 1);
      here.close();
    }
    await assertRejects(() => listener.accept(), Deno.errors.BadResource);
    for (const conn of there) conn.close();
  },
);

test("look() resolves after what had come has been read", async ({ ring, here, there }) => {
  let read: number | null = 0;
  void here.read(new Uint8Array(8)).then((bytes) => read = bytes);
  await there.write(new Uint8Array(5));
  await ring.look();
  assertEquals(read, 5);
});

Deno.test("listenTcp() tells a busy port, and takes IPv6", { ignore: !hasRing }, async () => {
  await using ring = Ring.open();
  using listener = listenTcp(ring, { hostname: "::1", port: 0 });
  assertThrows(() => listenTcp(ring, { hostname: "::1", port: listener.addr.port }), Deno.errors.AddrInUse);
  using there = await Deno.connect({ hostname: "::1", port: listener.addr.port });
  const here = await listener.accept();
  assertEquals(here.remoteAddr, { ...there.localAddr } as Deno.NetAddr);
  here.close();
});

Deno.test("listenUnix() accepts", { ignore: !hasRing }, async () => {
  const folder = Deno.makeTempDirSync();
  {
    await using ring = Ring.open();
    using listener = listenUnix(ring, `${folder}/s`);
    using there = await Deno.connect({ transport: "unix", path: `${folder}/s` });
    const here = await listener.accept();
    await there.write(Uint8Array.of(5));
    assertEquals(await here.read(new Uint8Array(4)), 1);
    here.close();
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("connectTcp() opens a connection, and tells one that is refused", { ignore: !hasRing }, async () => {
  await using ring = Ring.open();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const signal = new AbortController().signal;
  const [here, there] = await Promise.all([
    connectTcp(ring, { hostname: "127.0.0.1", port, signal }),
    listener.accept(),
  ]);
  assertEquals([here.remoteAddr, here.localAddr], [there.localAddr, there.remoteAddr]);
  await there.write(Uint8Array.of(1, 2));
  assertEquals(await here.read(new Uint8Array(8)), 2);
  for (const conn of [here, there, listener]) conn.close();
  await assertRejects(
    () => connectTcp(ring, { hostname: "127.0.0.1", port, signal }),
    Deno.errors.ConnectionRefused,
    "os error 111",
  );
});

Deno.test("connectTcp() gives up with the signal's reason", { ignore: !hasRing }, async () => {
  await using ring = Ring.open();
  const abort = new AbortController();
  using full = new DisposableStack();
  const { port } = fullListener(ring, full);
  const late = connectTcp(ring, { hostname: "127.0.0.1", port, signal: abort.signal });
  abort.abort(new Error("too late"));
  await assertRejects(() => late, Error, "too late");
  assertThrows(() => void connectTcp(ring, { hostname: "127.0.0.1", port, signal: abort.signal }), Error, "too late");
});

/** An address whose queue of connections is full. */
function fullListener(ring: Ring, stack: DisposableStack): Deno.NetAddr {
  const address = ipAddress({ hostname: "127.0.0.1", port: 0 }, () => 0);
  const fd = ring.libc.socket(2, 1);
  stack.defer(() => ring.libc.close(fd));
  ring.libc.bind(fd, address);
  ring.libc.listen(fd, 0);
  const bound = addrOf(ring.libc.address(fd, "own"));
  assert("port" in bound);
  return bound;
}

test("callOff() ends a read that waits with 0, and takes nothing from one that does not", async ({ here, there }) => {
  const into = new Uint8Array(8);
  const read = here.read(into);
  here.callOff();
  assertEquals(await read, 0);
  const next = here.read(into);
  await there.write(Uint8Array.of(7));
  assertEquals([await next, into[0]], [1, 7]);
  here.callOff();
  assertEquals(await here.write(Uint8Array.of(8)), 1);
});

test("A sink that closes its connection when it is told of the end closes it once", async ({ here, there }) => {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | null>();
  here.echo({
    large: { isRoomy: true, lend: () => undefined, takeBack: () => {} },
    received: (_, _start, end) => end,
    sent: () => {},
    ended: (rest) => {
      here.close();
      resolve(rest);
    },
    failed: () => {},
  });
  await there.write(Uint8Array.of(1, 2));
  assertEquals(await there.read(new Uint8Array(8)), 2);
  await there.closeWrite();
  assertEquals(await promise, null);
  assertEquals(await there.read(new Uint8Array(8)), null);
});

/** Large buffers, one at a time, and how often one was lent and came back. */
function oneBuffer():
  & { lent: number; back: number; isRoomy: boolean; came: PromiseWithResolvers<void> }
  & LargeBuffers {
  const buffer = new Uint8Array(64 * 1024);
  return {
    ...{ lent: 0, back: 0, isRoomy: true, came: Promise.withResolvers<void>() },
    lend() {
      this.lent++;
      return buffer;
    },
    takeBack(given) {
      assertEquals(given, buffer);
      this.back++;
      this.came.resolve();
    },
  };
}

/** Begins an echo of all that comes; what it ends with. */
function echoAll(here: RingConn, large: LargeBuffers): Promise<Uint8Array | Error | null> {
  return new Promise((resolve) => {
    here.echo({ large, received: (_, _start, end) => end, sent: () => {}, ended: resolve, failed: resolve });
  });
}

/** Sends `bytes`, and compares what comes back. */
async function exchange(there: Deno.Conn, bytes: Uint8Array): Promise<void> {
  const back = new Uint8Array(bytes.length);
  const reading = (async (): Promise<void> => {
    for (let at = 0; at < back.length;) at += await there.read(back.subarray(at)) ?? Infinity;
  })();
  for (let at = 0; at < bytes.length;) at += await there.write(bytes.subarray(at));
  await reading;
  assert(back.every((byte, at) => byte === bytes[at]));
}

const BYTES = new Uint8Array(3 * MIB).map((_, at) => at * 7 >> 3);

test("echo() goes on in a large buffer, and gives it back at the peer's end", async ({ here, there }) => {
  const large = oneBuffer();
  const ended = echoAll(here, large);
  for (const size of [1, 4096, 4097, BYTES.length, 5000, 3, 300_000]) await exchange(there, BYTES.subarray(0, size));
  await there.closeWrite();
  assertEquals(await ended, null);
  assert(large.lent > 0);
  assertEquals(large.back, large.lent);
});

test("callOff() of a silent echo takes its large buffer back, and the echo goes on", async ({ here, there }) => {
  const large = oneBuffer();
  const ended = echoAll(here, large);
  await exchange(there, BYTES.subarray(0, 20_000));
  assertEquals([large.lent, large.back], [1, 0]);
  // Where the read that follows is not pending yet, the next one is called off.
  const timer = setInterval(() => here.callOff(), 1);
  await large.came.promise;
  clearInterval(timer);
  await exchange(there, BYTES.subarray(0, 10_000));
  here.close();
  assert(await ended instanceof Deno.errors.Interrupted);
  assertEquals(large.back, large.lent);
});

test("close() of an echo to a peer that does not read gives its large buffer back", async ({ here, there, ring }) => {
  const large = oneBuffer();
  const ended = echoAll(here, large);
  const sending = (async (): Promise<void> => {
    for (;;) await there.write(BYTES);
  })().catch(() => {});
  while (large.lent === 0) await ring.look();
  here.close();
  assertEquals(large.back, 0);
  assert(await ended instanceof Deno.errors.Interrupted);
  assertEquals([large.lent, large.back], [1, 1]);
  await sending;
});

/** Makes of an echo one whose reads are asked for once and for all. */
async function calmDown(there: Deno.Conn): Promise<void> {
  for (let frame = 0; frame < 17; frame++) await exchange(there, BYTES.subarray(frame, frame + 9));
}

test("echo() takes one entry a frame once 16 have come that fit a small buffer, two before", async ({ ring, here, there }) => {
  void echoAll(here, oneBuffer());
  const entries = async (): Promise<number> => {
    const before = ring.begun;
    for (let frame = 0; frame < 10; frame++) await exchange(there, BYTES.subarray(0, 64));
    return ring.begun - before;
  };
  assertEquals(await entries(), 20);
  await calmDown(there);
  assertEquals(await entries(), 10);
});

test("echo() returns bursts in order, and calms down again after each", async ({ ring, here, there }) => {
  const large = oneBuffer();
  const ended = echoAll(here, large);
  for (const size of [4096, 20_000, 4095, BYTES.length, 300_000]) {
    await calmDown(there);
    const before = ring.begun;
    await exchange(there, BYTES.subarray(0, 100));
    assertEquals(ring.begun - before, 1);
    await exchange(there, BYTES.subarray(0, size));
  }
  await calmDown(there);
  await there.closeWrite();
  assertEquals(await ended, null);
  assertEquals(large.back, large.lent);
});

test("echo() ends with what its sink does not let back, and with what came after it", async ({ here, there }) => {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | Error | null>();
  let room = 17 * 9 + 5000;
  here.echo({
    large: oneBuffer(),
    received: (_, start, end) => {
      const good = Math.min(room, end - start);
      room -= good;
      return start + good;
    },
    ...{ sent: () => {}, ended: resolve, failed: resolve },
  });
  await calmDown(there);
  await there.write(BYTES.subarray(0, 100_000));
  await there.closeWrite();
  const rest = await promise;
  assert(rest instanceof Uint8Array);
  const came = [...rest];
  const into = new Uint8Array(200_000);
  for (let read; (read = await here.read(into)) !== null;) came.push(...into.subarray(0, read));
  assertEquals(came.length, 95_000);
  assert(came.every((byte, at) => byte === BYTES[5000 + at]));
  for (let at = 0; at < 5000;) at += await there.read(into) ?? Infinity;
});

test("close() while reads wait for an echo gives their buffers back", async ({ ring, here, there }) => {
  let isCalm = true;
  const failed = new Promise<Error>((resolve) =>
    here.echo({
      large: oneBuffer(),
      ...{ received: (_, _start, end) => end, ended: () => {}, failed: resolve },
      sent: () => isCalm || here.close(),
    })
  );
  await calmDown(there);
  isCalm = false;
  await there.write(BYTES.subarray(0, 128 * 1024));
  assert(await failed instanceof Deno.errors.Interrupted);
  let trimmed = 0;
  ring.buffers.trim({ ...ring.libc, discard: () => trimmed++ });
  assertEquals(trimmed, 1, "a buffer is still lent");
});
