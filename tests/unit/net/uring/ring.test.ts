/** The loop of a ring, with operations of the tests' own. */
import { assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { type Owner, RECEIVE } from "../../../../lib/net/uring/owner.ts";
import { OP, PROMPT, Ring } from "../../../../lib/net/uring/ring.ts";
import { hasRing } from "../../../support/ring.ts";

/** MSG_WAITALL: bytes that come lead to a completion only once there are enough. */
const WAIT_ALL = 0x100;

/** Of what has become ready, the kernel looks at so many without being asked to wait (IO_LOCAL_TW_DEFAULT_MAX). */
const LOOKED_AT = 20;

/** IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD */
const CANCEL_FLAGS = 3;

/** Kinds of operations. */
const [PATIENT, FIRST, LAST] = [1, 2, 3];

/** AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC */
const UNIX_STREAM = [1, 1 | 0x80000] as const;

interface TestSockets extends Disposable {
  readonly pair: () => readonly [number, number];
  readonly write: (fd: number, bytes: Uint8Array<ArrayBuffer>, length: bigint) => bigint;
}

function openSockets(): TestSockets {
  const opened = new DisposableStack();
  const libc = Deno.dlopen("libc.so.6", {
    socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  opened.defer(() => libc.close());
  const { socketpair, write, close } = libc.symbols;
  function pair(): readonly [number, number] {
    const fds = new Int32Array(2);
    assertEquals(socketpair(...UNIX_STREAM, 0, new Uint8Array(fds.buffer)), 0);
    for (const fd of fds) opened.defer(() => void close(fd));
    return [fds[0] ?? -1, fds[1] ?? -1];
  }
  return { pair, write, [Symbol.dispose]: () => opened.dispose() };
}

Deno.test("a completion behind many wake-ups that lead to none is not overlooked", { ignore: !hasRing }, async () => {
  using sockets = openSockets();
  const { pair, write } = sockets;
  const bytes = new Uint8Array(8);
  const send = (fd: number): void => void write(fd, bytes, 1n);
  const patient = Array.from({ length: 2 * LOOKED_AT }, pair);
  const [first, last] = [pair(), pair()];

  await using ring = Ring.open();
  const done = Promise.withResolvers<void>();
  // Each of the patient ones is called off in the end: two completions.
  let left = 2 + 2 * patient.length;
  const owner: Owner = {
    complete(kind, result) {
      if (kind === FIRST) {
        // Before the ring looks again, more has become ready than the kernel looks at; what counts stands behind it.
        for (const [, there] of patient) send(there);
        send(last[1]);
      } else if (kind === LAST) {
        done.resolve();
        assertEquals(result, 1);
      }
      if (--left === 0) ring.remove(place);
    },
  };
  const place = ring.add(owner);
  const address = ring.addressOf(bytes);
  for (const [fd] of patient) ring.begin(place, PATIENT, OP.receive, fd, address, 2, WAIT_ALL);
  ring.begin(place, FIRST, OP.receive, first[0], address, 1, 0);
  ring.begin(place, LAST, OP.receive, last[0], address, 1, 0);
  send(first[1]);
  try {
    await deadline(done.promise, 30_000);
  } finally {
    for (const [fd] of patient) ring.begin(place, PATIENT, OP.cancel, fd, 0, 0, CANCEL_FLAGS);
  }
});

Deno.test("owners of large reads are told after all others of a round", { ignore: !hasRing }, async () => {
  using sockets = openSockets();
  const [[near, far], [other, there]] = [sockets.pair(), sockets.pair()];
  await using ring = Ring.open();
  const bytes = new Uint8Array(2 * PROMPT);
  sockets.write(far, bytes, BigInt(bytes.length));
  sockets.write(there, bytes, 1n);
  const done = Promise.withResolvers<void>();
  const told: number[] = [];
  const owner: Owner = {
    complete(_, result) {
      if (told.push(result) < 2) return;
      ring.remove(place);
      done.resolve();
    },
  };
  const place = ring.add(owner);
  ring.begin(place, RECEIVE, OP.receive, near, ring.addressOf(bytes), bytes.length, 0);
  ring.begin(place, RECEIVE, OP.receive, other, ring.addressOf(bytes), 1, 0);
  await deadline(done.promise, 30_000);
  assertEquals(told, [1, bytes.length]);
});
