/**
 * From a captured packet to the TCP segment or UDP datagram in it: link layers, VLAN tags, IPv4, IPv6.
 *
 * Formats: tcpdump.org/linktypes.html, IEEE 802.1Q, RFC 791, RFC 8200, RFC 9293, RFC 768.
 *
 * @module
 */
import { hostPort, parseIp } from "../../base/address.ts";
import type { CapturedPacket } from "./packet.ts";
import { captureError } from "./capture_error.ts";

/** What a packet carries. */
export interface Carried {
  readonly protocol: "tcp" | "udp";
  /** `ADDRESS:PORT` */
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly seq: number;
  readonly ack: number;
  /** See FLAGS of packets.ts; 0 for UDP. */
  readonly flags: number;
  readonly payload: Uint8Array;
  /** Payload bytes on the wire: more than were kept, where the capture cut packets off. */
  readonly length: number;
}

/** A part of a packet that was too large for its way; not put together again. */
export interface Fragment {
  readonly protocol: "fragment";
  readonly length: number;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);

/** Tags, and IPv6 extension headers, in a row that are believed. */
const MAX_NESTED = 8;

/**
 * What a packet carries; nothing where it is neither TCP nor UDP, or too short to tell.
 *
 * @throws {ProtocolError} `bad_capture`, where its link layer is not known.
 */
export function carriedBy({ link, bytes }: CapturedPacket): Carried | Fragment | undefined {
  const packet = ipIn(link, bytes);
  const version = (packet[0] ?? 0) >> 4;
  return version === 4 ? inIpv4(packet) : version === 6 ? inIpv6(packet) : undefined;
}

const NOTHING = new Uint8Array(0);

/** The IP packet behind the header of the link layer. */
function ipIn(link: number, bytes: Uint8Array): Uint8Array {
  switch (link) {
    // BSD loopback: the address family in the writer's byte order, or in the network's. What follows tells which IP it is.
    case 0:
    case 108:
      return bytes.subarray(4);
    case 1:
      return behindType(bytes, 12);
    // Raw IP, under all of its numbers.
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return bytes;
    // Linux cooked, version 1 and 2.
    case 113:
      return behindType(bytes, 14);
    case 276:
      return isIp(u16(bytes, 0)) ? bytes.subarray(20) : NOTHING;
    default:
      throw captureError({ problem: "link_type", at: link });
  }
}

/** Behind the type of an Ethernet frame, and the VLAN tags that stand in its place. */
function behindType(bytes: Uint8Array, at: number): Uint8Array {
  for (let nested = 0; nested < MAX_NESTED; nested++, at += 4) {
    const type = u16(bytes, at);
    if (isIp(type)) return bytes.subarray(at + 2);
    if (!VLAN.has(type)) break;
  }
  return NOTHING;
}

function isIp(type: number): boolean {
  return type === IPV4 || type === IPV6;
}

function inIpv4(packet: Uint8Array): Carried | Fragment | undefined {
  const header = ((packet[0] ?? 0) & 15) * 4;
  if (header < 20 || packet.length < header) return undefined;
  // With segmentation offload the length is zero.
  const length = (u16(packet, 2) || packet.length) - header;
  if ((u16(packet, 6) & 0x3fff) !== 0) return { protocol: "fragment", length };
  const [from, to] = [packet.subarray(12, 16).join("."), packet.subarray(16, 20).join(".")];
  return carried(packet[9] ?? 0, packet.subarray(header), { from, to, length });
}

function inIpv6(packet: Uint8Array): Carried | Fragment | undefined {
  if (packet.length < 40) return undefined;
  let length = u16(packet, 4) || packet.length - 40;
  let next = packet[6] ?? 0;
  let rest = packet.subarray(40);
  // Hop-by-hop, routing, destination options: each tells its length in units of eight bytes.
  for (let nested = 0; nested < MAX_NESTED && (next === 0 || next === 43 || next === 60); nested++) {
    const size = ((rest[1] ?? 0) + 1) * 8;
    next = rest[0] ?? 0;
    rest = rest.subarray(size);
    length -= size;
  }
  if (next === 44) return { protocol: "fragment", length: length - 8 };
  return carried(next, rest, { from: ipv6Text(packet.subarray(8, 24)), to: ipv6Text(packet.subarray(24, 40)), length });
}

/** As the rest of the program writes it: RFC 5952, and an IPv4-mapped one as IPv4. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => u16(bytes, at * 2).toString(16)).join(":");
  return parseIp(groups)?.address ?? groups;
}

function carried(
  protocol: number,
  body: Uint8Array,
  { from, to, length }: { readonly from: string; readonly to: string; readonly length: number },
): Carried | undefined {
  const isTcp = protocol === 6;
  if ((!isTcp && protocol !== 17) || body.length < (isTcp ? 20 : 8)) return undefined;
  const header = isTcp ? ((body[12] ?? 0) >> 4) * 4 : 8;
  const carried = length - header;
  if (header < (isTcp ? 20 : 8) || carried < 0) return undefined;
  const [fromPort, toPort] = [u16(body, 0), u16(body, 2)];
  return {
    ...{ protocol: isTcp ? "tcp" : "udp", from: hostPort(from, fromPort), to: hostPort(to, toPort), fromPort, toPort },
    ...isTcp ? { seq: u32(body, 4), ack: u32(body, 8), flags: body[13] ?? 0 } : { seq: 0, ack: 0, flags: 0 },
    // Ethernet pads what is too short for it.
    ...{ payload: body.subarray(header, header + carried), length: carried },
  };
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65_536 + u16(bytes, at + 2);
}
