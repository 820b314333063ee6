/**
 * What the kernel knows of a TCP connection (TCP_INFO of tcp(7)). Deno gives no descriptor away, so that the process's own
 * are looked through.
 *
 * @module
 */
import { addressText } from "../../base/address.ts";
import { addrOf } from "../../net/uring/sockaddr.ts";

/** Of one connection; what an older kernel does not tell is null. */
export interface TcpInfo {
  /** The local end, `ADDRESS:PORT`. */
  readonly local: string;
  /** Payload bytes of a segment, and the path's MTU as it is known. */
  readonly mss: number | null;
  readonly pmtu: number | null;
  /** Smoothed and smallest round-trip time, in µs. */
  readonly rttUs: number | null;
  readonly minRttUs: number | null;
  /** Congestion window, in segments. */
  readonly cwnd: number | null;
  /** Segments sent again, in all. */
  readonly retransmissions: number;
  /** Bytes that the peer's system has acknowledged, and that have come from it. */
  readonly acked: number;
  readonly received: number;
}

/** Descriptors that are looked at. */
const MOST_DESCRIPTORS = 20_000;

/** IPPROTO_TCP and TCP_INFO of `netinet/tcp.h`. */
const [IPPROTO_TCP, TCP_INFO] = [6, 11];
/** Of `poll.h`: no such descriptor. */
const POLLNVAL = 0x20;

/**
 * The connections of this process to a port, `most` at most; nothing where they cannot be had: no Linux, no C library, no
 * permission.
 */
export function tcpInfos(port: number, most = Infinity): readonly TcpInfo[] | undefined {
  using library = openLibrary();
  if (library === undefined) return undefined;
  const { getpeername, getsockname, getsockopt } = library.symbols;
  const [bytes, length] = [new Uint8Array(256), new Uint32Array(1)];
  const addressBy = (ask: typeof getpeername, fd: number): Deno.NetAddr | undefined => {
    length[0] = bytes.length;
    if (ask(fd, bytes, length) !== 0) return undefined;
    const address = addrOf(bytes.subarray(0, length[0]));
    return address.transport === "tcp" ? address : undefined;
  };
  const infos: TcpInfo[] = [];
  for (const fd of openDescriptors(library.symbols)) {
    if (infos.length === most) break;
    if (addressBy(getpeername, fd)?.port !== port) continue;
    const local = addressBy(getsockname, fd);
    length[0] = bytes.length;
    // A datagram socket has an address, too, and no TCP_INFO.
    if (local === undefined || getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes, length) !== 0) continue;
    infos.push(infoOf(addressText(local), bytes.subarray(0, length[0])));
  }
  return infos;
}

/** One call of poll(2) tells which descriptors are open; to ask each of them costs 50 ms and more. */
function* openDescriptors({ getdtablesize, poll }: Pick<Libc, "getdtablesize" | "poll">): Generator<number> {
  const count = Math.min(MOST_DESCRIPTORS, getdtablesize());
  // `struct pollfd`: the descriptor, the events asked for (none), and those that came.
  const asked = new Int32Array(2 * count);
  for (let fd = 0; fd < count; fd++) asked[2 * fd] = fd;
  if (poll(asked, BigInt(count), 0) < 0) return;
  const events = new Uint16Array(asked.buffer);
  for (let fd = 0; fd < count; fd++) if (((events[4 * fd + 3] ?? 0) & POLLNVAL) === 0) yield fd;
}

/** The offsets are those of `struct tcp_info` in `linux/tcp.h`, which only ever grows. */
function infoOf(local: string, bytes: Uint8Array): TcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): number | null => at + 4 <= bytes.length ? view.getUint32(at, true) : null;
  const long = (at: number): number => at + 8 <= bytes.length ? Number(view.getBigUint64(at, true)) : 0;
  return {
    ...{ local, mss: word(16), pmtu: word(60), rttUs: word(68), minRttUs: word(148), cwnd: word(80) },
    ...{ retransmissions: word(100) ?? 0, acked: long(120), received: long(128) },
  };
}

type Libc = NonNullable<ReturnType<typeof openLibrary>>["symbols"];

// deno-lint-ignore explicit-function-return-type -- what it gives is what it declares
function openLibrary() {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const library = Deno.dlopen("libc.so.6", {
      getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
      getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
      getdtablesize: { parameters: [], result: "i32" },
      poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
      getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
    });
    return { symbols: library.symbols, [Symbol.dispose]: () => library.close() };
  } catch {
    return undefined;
  }
}
