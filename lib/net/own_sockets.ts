/**
 * The connected sockets of this process: Deno gives no descriptor away, so that those of the process are looked through.
 *
 * @module
 */
import { ipAddrOf } from "./uring/sockaddr.ts";

/** Descriptors that are looked at: more than a server has clients by default. */
const MOST_DESCRIPTORS = 20_000;

/** Of `poll.h`: no such descriptor. */
const POLLNVAL = 0x20;

/** What {@linkcode connectedSockets} calls of the C library. */
export const SOCKET_CALLS = {
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getdtablesize: { parameters: [], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
} as const;

type Calls = Deno.StaticForeignLibraryInterface<typeof SOCKET_CALLS>;

/** A descriptor that is connected by IP. */
export interface ConnectedSocket {
  readonly fd: number;
  readonly peer: Deno.NetAddr;
  readonly local: () => Deno.NetAddr | undefined;
}

/** One after the other; datagram sockets as well. */
export function* connectedSockets(calls: Calls): Generator<ConnectedSocket> {
  const addressBy = (ask: Calls["getpeername"], fd: number): Deno.NetAddr | undefined => {
    const [bytes, length] = [new Uint8Array(128), Uint32Array.of(128)];
    if (ask(fd, bytes, length) !== 0) return undefined;
    return ipAddrOf(bytes.subarray(0, length[0]));
  };
  for (const fd of openDescriptors(calls)) {
    const peer = addressBy(calls.getpeername, fd);
    if (peer !== undefined) yield { fd, peer, local: () => addressBy(calls.getsockname, fd) };
  }
}

/** One call of poll(2) tells which descriptors are open; to ask each of them takes 50 ms and more. */
function* openDescriptors({ getdtablesize, poll }: Calls): Generator<number> {
  const count = Math.min(MOST_DESCRIPTORS, getdtablesize());
  // `struct pollfd`: the descriptor, the events asked for (none), and those that came.
  const asked = new Int32Array(2 * count);
  for (let fd = 0; fd < count; fd++) asked[2 * fd] = fd;
  if (poll(asked, BigInt(count), 0) < 0) return;
  const events = new Uint16Array(asked.buffer);
  for (let fd = 0; fd < count; fd++) if (((events[4 * fd + 3] ?? 0) & POLLNVAL) === 0) yield fd;
}
