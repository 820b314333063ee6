/**
 * Whether bytes of a connection of this machine are on their way. The kernel is asked for its two sockets alone (sock_diag(7)):
 * `/proc/net/tcp` lists all there are, which takes 100 ms where 9,000 are in TIME_WAIT, as after many examinations.
 *
 * @module
 */
import { openLibrary } from "../../base/c_library.ts";
import { parseIp } from "../../base/address.ts";
import { addressBytes } from "../../net/proxy_protocol.ts";
import { sockets, STATE } from "./socket_lists.ts";

/** The ends of a connection: the grader's, and that of the examined program. */
export interface Ends {
  readonly own: Deno.NetAddr;
  readonly other: Deno.NetAddr;
  /** Whether what the other side has not read yet is on its way, too: a client reads what it gets. */
  readonly isToClient?: boolean;
}

/** What the kernel knows of one end. */
interface End {
  readonly isHandshaking: boolean;
  /** Bytes that were sent, or are to be, and not acknowledged; bytes that arrived and were not read. */
  readonly unsent: number;
  readonly unread: number;
  /** Counted over the whole connection, where the kernel does that: what was written, and what has arrived. */
  readonly written: number | undefined;
  readonly arrived: number | undefined;
}

/** Whether bytes are on their way: written and not arrived, as Nagle's algorithm or a busy system holds them; arrived and unread. */
export function hasBytesOnTheWay({ own, other, isToClient = false }: Ends): boolean {
  const [mine, its] = endsNow(own, other);
  if (its?.isHandshaking === true || (mine?.unread ?? 0) > 0 || isToClient && (its?.unread ?? 0) > 0) return true;
  return isUnderWay(mine, its) || isUnderWay(its, mine);
}

/** Whether the other side has written what has not arrived here. */
export function hasAnswerOnTheWay({ own, other }: Ends): boolean {
  const [mine, its] = endsNow(own, other);
  return isUnderWay(its, mine);
}

/** Whether the other side has not read all that was written here: it may not have accepted the connection either. */
export function isUnreadBy({ own, other }: Ends): boolean {
  const [mine, its] = endsNow(own, other);
  return its?.isHandshaking === true || (its?.unread ?? 0) > 0 || isUnderWay(mine, its);
}

/** An acknowledgement may be 40 ms late (RFC 1122, 4.2.3.2): where both ends count, what has arrived is known at once. */
function isUnderWay(from: End | undefined, to: End | undefined): boolean {
  const isCounted = from?.written !== undefined && to?.arrived !== undefined;
  return isCounted ? from.written > to.arrived : (from?.unsent ?? 0) > 0;
}

/** Of `linux/netlink.h`, `linux/sock_diag.h` and `linux/inet_diag.h`. */
const [AF_NETLINK, SOCK_RAW, SOCK_NONBLOCK, SOCK_CLOEXEC, NETLINK_SOCK_DIAG] = [16, 3, 0o4000, 0o2000000, 4];
const [NLM_F_REQUEST, SOCK_DIAG_BY_FAMILY, INET_DIAG_INFO, IPPROTO_TCP] = [1, 20, 2, 6];
const [AF_INET, AF_INET6] = [2, 10];

const LIBC = openLibrary({
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
});

function endsNow(own: Deno.NetAddr, other: Deno.NetAddr): readonly [End | undefined, End | undefined] {
  const fd = LIBC?.symbols.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG) ?? -1;
  try {
    const [mine, its] = [asked(fd, own, other), asked(fd, other, own)];
    // The grader's own end is there: where that is not found, the system does not tell.
    return mine === undefined ? endsInList(own.port, other.port) : [mine, its];
  } finally {
    if (fd >= 0) LIBC?.symbols.close(fd);
  }
}

/** Asks for the socket of that connection; `undefined` where there is none, or no way to ask. */
function asked(fd: number, from: Deno.NetAddr, to: Deno.NetAddr): End | undefined {
  if (LIBC === undefined || fd < 0) return undefined;
  const answer = new Uint8Array(1024);
  const request = requestFor(from, to);
  LIBC.symbols.write(fd, request, BigInt(request.length));
  const length = Number(LIBC.symbols.read(fd, answer, BigInt(answer.length)));
  return length < 0 ? undefined : endIn(new DataView(answer.buffer, 0, length));
}

/** `struct nlmsghdr` and `struct inet_diag_req_v2`: numbers in the order of the processor, ports in that of the network. */
function requestFor(from: Deno.NetAddr, to: Deno.NetAddr): Uint8Array<ArrayBuffer> {
  const [source, destination] = [from, to].map(({ hostname }) => addressBytes(parseIp(hostname)?.address ?? hostname));
  const request = new DataView(new ArrayBuffer(72));
  request.setUint32(0, 72, true);
  request.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  request.setUint16(6, NLM_F_REQUEST, true);
  const family = source?.length === 4 ? AF_INET : AF_INET6;
  [family, IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1)].forEach((byte, at) => request.setUint8(16 + at, byte));
  request.setUint32(20, 0xffffffff, true);
  request.setUint16(24, from.port);
  request.setUint16(26, to.port);
  // No cookie: it would name one socket among those with these addresses.
  request.setBigUint64(64, 0xffffffffffffffffn, true);
  const bytes = new Uint8Array(request.buffer);
  bytes.set(source ?? [], 28);
  bytes.set(destination ?? [], 44);
  return bytes;
}

/** `struct inet_diag_msg`, then attributes, of which one is `struct tcp_info`; a kernel before 4.18 has a shorter one. */
function endIn(answer: DataView): End | undefined {
  if (answer.byteLength < 88 || answer.getUint16(4, true) !== SOCK_DIAG_BY_FAMILY) return undefined;
  const state = answer.getUint8(17);
  // Without such a connection the listener is found.
  if (state === STATE.listens) return undefined;
  let [written, arrived]: (number | undefined)[] = [];
  for (let at = 88; at + 4 <= answer.byteLength;) {
    const [length, type] = [answer.getUint16(at, true), answer.getUint16(at + 2, true)];
    if (type === INET_DIAG_INFO && length >= 4 + 216) {
      const count = (offset: number): number => Number(answer.getBigUint64(at + 4 + offset, true));
      // Sent at all, without what was sent again, and not sent yet.
      written = count(200) - count(208) + answer.getUint32(at + 4 + 144, true);
      arrived = count(128);
    }
    at += Math.max(4, (length + 3) & ~3);
  }
  return {
    isHandshaking: state === STATE.synReceived,
    ...{ unread: answer.getUint32(72, true), unsent: answer.getUint32(76, true), written, arrived },
  };
}

/** The same from the list of all sockets, where the kernel is not asked: with the two queues, without counts. */
function endsInList(own: number, other: number): readonly [End | undefined, End | undefined] {
  const all = sockets().filter(({ state }) => state !== STATE.listens);
  const of = (from: number, to: number): End | undefined => {
    const end = all.find(({ port, otherPort }) => port === from && otherPort === to);
    if (end === undefined) return undefined;
    const { state, unsent, unread } = end;
    return { isHandshaking: state === STATE.synReceived, unsent, unread, written: undefined, arrived: undefined };
  };
  return [of(own, other), of(other, own)];
}
