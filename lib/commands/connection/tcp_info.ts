/**
 * What the kernel knows of a TCP connection (TCP_INFO of tcp(7)).
 *
 * @module
 */
import { addressText } from "../../base/address.ts";
import { openLibrary } from "../../base/c_library.ts";
import { connectedSockets, SOCKET_CALLS } from "../../net/own_sockets.ts";

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

/** IPPROTO_TCP and TCP_INFO of `netinet/tcp.h`. */
const [IPPROTO_TCP, TCP_INFO] = [6, 11];

/**
 * The connections of this process to a port, `most` at most; nothing where they cannot be had: no Linux, no C library, no
 * permission.
 */
export function tcpInfos(port: number, most = Infinity): readonly TcpInfo[] | undefined {
  using library = openLibrary({
    ...SOCKET_CALLS,
    getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  });
  if (library === undefined) return undefined;
  const infos: TcpInfo[] = [];
  for (const { fd, peer, local } of connectedSockets(library.symbols)) {
    if (infos.length === most) break;
    if (peer.port !== port) continue;
    const [bytes, length, address] = [new Uint8Array(256), Uint32Array.of(256), local()];
    // A datagram socket has an address, too, and no TCP_INFO.
    if (address === undefined || library.symbols.getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes, length) !== 0) continue;
    infos.push(infoOf(addressText(address), bytes.subarray(0, length[0])));
  }
  return infos;
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
