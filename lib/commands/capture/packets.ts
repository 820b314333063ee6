/**
 * IP packets with TCP or UDP in them, as a capture of the network would have shown them: what a proxy knows of a
 * connection is turned back into segments, with sequence numbers and checksums that hold.
 *
 * Formats: RFC 791 (IPv4), RFC 8200 (IPv6), RFC 9293 (TCP), RFC 768 (UDP), RFC 1071 (checksum).
 *
 * @module
 */
import { parseIp } from "../../base/address.ts";
import { addressBytes } from "../../net/proxy_protocol.ts";
import { concat } from "../../base/bytes.ts";

/** TCP flags, RFC 9293, section 3.1. */
export const FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

/** An end of a connection, as a packet names it. */
export interface Endpoint {
  /** 4 or 16 bytes; both ends have as many. */
  readonly address: Uint8Array;
  readonly port: number;
}

/** Who sends to whom. */
export interface Way {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Tells the packets of an end apart. */
  readonly id: number;
}

export interface Segment {
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

const TCP = 6;
const UDP = 17;

/** Payload bytes of a packet: with both headers and their options they fit the length field of either IP. */
export const MAX_SEGMENT = 65_000;

/** The window, scaled by {@linkcode SCALE}: nothing that a proxy has read was ever too much for it. */
const WINDOW = 65_535;
const SCALE = 14;

export function tcpPacket(way: Way, { seq, ack, flags, payload }: Segment): Uint8Array {
  // A SYN has the options maximum segment size, no-operation, window scale.
  const options = (flags & FLAGS.syn) === 0
    ? new Uint8Array(0)
    : Uint8Array.of(2, 4, MAX_SEGMENT >> 8, MAX_SEGMENT & 255, 1, 3, 3, SCALE);
  const header = new Uint8Array(20 + options.length);
  const view = new DataView(header.buffer);
  view.setUint16(0, way.from.port);
  view.setUint16(2, way.to.port);
  view.setUint32(4, seq >>> 0);
  view.setUint32(8, ack >>> 0);
  view.setUint16(12, (header.length / 4) << 12 | flags);
  view.setUint16(14, WINDOW);
  header.set(options, 20);
  const body = concat(header, payload);
  new DataView(body.buffer).setUint16(16, transportSum(way, { protocol: TCP, body }));
  return ipPacket(way, { protocol: TCP, body });
}

/** A packet with a UDP datagram in it. */
export function udpPacket(way: Way, payload: Uint8Array): Uint8Array {
  const body = concat(new Uint8Array(8), payload);
  const view = new DataView(body.buffer);
  view.setUint16(0, way.from.port);
  view.setUint16(2, way.to.port);
  view.setUint16(4, body.length);
  // Zero would say that there is no checksum.
  view.setUint16(6, transportSum(way, { protocol: UDP, body }) || 0xffff);
  return ipPacket(way, { protocol: UDP, body });
}

/** The checksum of a whole: one's complement of the one's complement sum of its 16-bit words. */
export function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    const even = part.length & ~1;
    for (let at = 0; at < even; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
    if (even < part.length) sum += (part[even] ?? 0) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/**
 * Both ends in one family: an IPv4 address beside an IPv6 one becomes IPv4-mapped (RFC 4291, section 2.5.5.2). What is
 * no address, as a Unix socket, is 127.0.0.1 with `port`.
 */
export function endpoints(client: string, server: string, port: number): { client: Endpoint; server: Endpoint } {
  const ends = [endOf(client) ?? local(port), endOf(server) ?? local(9090)];
  const isWide = ends.some(({ address }) => address.length === 16);
  const [one = local(port), other = local(9090)] = ends.map((end) =>
    isWide ? { ...end, address: wide(end.address) } : end
  );
  return { client: one, server: other };
}

function local(port: number): Endpoint {
  return { address: Uint8Array.of(127, 0, 0, 1), port };
}

function endOf(text: string): Endpoint | undefined {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const ip = parseIp(six ?? four ?? "");
  return ip === undefined ? undefined : { address: addressBytes(ip.address), port: Number(port) };
}

function wide(address: Uint8Array): Uint8Array {
  return address.length === 16 ? address : concat(new Uint8Array(10), Uint8Array.of(255, 255), address);
}

interface Carried {
  readonly protocol: number;
  readonly body: Uint8Array;
}

/** With the pseudo header of RFC 9293, section 3.1, and RFC 8200, section 8.1. */
function transportSum({ from, to }: Way, { protocol, body }: Carried): number {
  const rest = new Uint8Array(8);
  const view = new DataView(rest.buffer);
  view.setUint32(0, body.length);
  rest[7] = protocol;
  return checksum(from.address, to.address, rest, body);
}

function ipPacket({ from, to, id }: Way, { protocol, body }: Carried): Uint8Array {
  const isWide = from.address.length === 16;
  const header = new Uint8Array(isWide ? 40 : 20);
  const view = new DataView(header.buffer);
  if (isWide) {
    view.setUint8(0, 0x60);
    view.setUint16(4, body.length);
    view.setUint16(6, protocol << 8 | 64);
    header.set(from.address, 8);
    header.set(to.address, 24);
  } else {
    view.setUint8(0, 0x45);
    view.setUint16(2, header.length + body.length);
    view.setUint16(4, id & 0xffff);
    // Do not fragment; time to live, protocol.
    view.setUint16(6, 0x4000);
    view.setUint16(8, 64 << 8 | protocol);
    header.set(from.address, 12);
    header.set(to.address, 16);
    view.setUint16(10, checksum(header));
  }
  return concat(header, body);
}
