/**
 * From a captured packet to the TCP segment or UDP datagram in it: link layers, VLAN tags, MPLS, PPPoE, IPv4, IPv6, fragments.
 *
 * Formats: tcpdump.org/linktypes.html, IEEE 802.1Q, RFC 791, RFC 8200, RFC 9293, RFC 768.
 *
 * @module
 */
import { hostPort, parseIp } from "../../base/address.ts";
import type { Fragment, Fragments, Payload } from "./fragments.ts";
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

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const MPLS = 0x8847;
const PPPOE = 0x8864;

/** Tags, and IPv6 extension headers, in a row that are believed. */
const MAX_NESTED = 8;

/**
 * What a packet carries; nothing where it is neither TCP nor UDP, too short to tell, or a fragment that others are
 * missing of.
 *
 * @throws {ProtocolError} `bad_capture`, where its link layer is not known.
 */
export function carriedBy({ link, bytes, at }: CapturedPacket, fragments: Fragments): Carried | undefined {
  const packet = ipIn(link, bytes);
  const version = (packet[0] ?? 0) >> 4;
  return version === 4 || version === 6
    ? carried(version === 4 ? ipv4Of(packet) : ipv6Of(packet), (part) => fragments.take(part, at))
    : undefined;
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

/** Behind the type of an Ethernet frame, and the VLAN tags, MPLS labels or the PPPoE session that stand in its place. */
function behindType(bytes: Uint8Array, at: number): Uint8Array {
  for (let nested = 0; nested < MAX_NESTED; nested++, at += 4) {
    const type = u16(bytes, at);
    if (isIp(type)) return bytes.subarray(at + 2);
    // Six bytes of PPPoE, and PPP's own numbers: 0x21 and 0x57 (RFC 2516, RFC 1332, RFC 5072).
    if (type === PPPOE) return [0x21, 0x57].includes(u16(bytes, at + 8)) ? bytes.subarray(at + 10) : NOTHING;
    if (type === MPLS) return behindLabels(bytes, at + 2);
    if (!VLAN.has(type)) break;
  }
  return NOTHING;
}

/** Behind labels of four bytes, the last of which is marked (RFC 3032). */
function behindLabels(bytes: Uint8Array, at: number): Uint8Array {
  for (let label = 0; label < MAX_NESTED; label++, at += 4) {
    if (((bytes[at + 2] ?? 0) & 1) === 1) return bytes.subarray(at + 4);
  }
  return NOTHING;
}

function isIp(type: number): boolean {
  return type === IPV4 || type === IPV6;
}

/** What an IP packet says of its payload; nothing where it is too short. */
interface IpPacket extends Payload {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  /** Of a fragment: the packet's number, and the place in it. */
  readonly fragment?: Pick<Fragment, "offset" | "isLast"> & { readonly id: number };
}

function ipv4Of(packet: Uint8Array): IpPacket | undefined {
  const header = ((packet[0] ?? 0) & 15) * 4;
  if (header < 20 || packet.length < header) return undefined;
  // With segmentation offload the length is zero.
  const length = (u16(packet, 2) || packet.length) - header;
  const place = u16(packet, 6) & 0x3fff;
  return {
    ...{ from: packet.subarray(12, 16).join("."), to: packet.subarray(16, 20).join("."), protocol: packet[9] ?? 0 },
    ...{ bytes: packet.subarray(header), length },
    ...place === 0 ? {} : { fragment: { id: u16(packet, 4), ...placeOf(place << 3, (place & 0x2000) === 0) } },
  };
}

function ipv6Of(packet: Uint8Array): IpPacket | undefined {
  if (packet.length < 40) return undefined;
  let length = u16(packet, 4) || packet.length - 40;
  let next = packet[6] ?? 0;
  let rest = packet.subarray(40);
  let fragment: IpPacket["fragment"];
  // Hop-by-hop, routing, destination options: each tells its length in units of eight bytes. A fragment's header has eight.
  for (let nested = 0; nested < MAX_NESTED && [0, 43, 44, 60].includes(next) && fragment === undefined; nested++) {
    const isFragment = next === 44;
    const size = isFragment ? 8 : ((rest[1] ?? 0) + 1) * 8;
    const place = u16(rest, 2);
    // One that is all of its packet is none (RFC 6946).
    if (isFragment && (place & 0xfff9) !== 0) fragment = { id: u32(rest, 4), ...placeOf(place, (place & 1) === 0) };
    next = rest[0] ?? 0;
    rest = rest.subarray(size);
    length -= size;
  }
  const [from, to] = [ipv6Text(packet.subarray(8, 24)), ipv6Text(packet.subarray(24, 40))];
  return { from, to, protocol: next, bytes: rest, length, ...fragment === undefined ? {} : { fragment } };
}

/** @param bits The offset in bytes, which is one of eights, with flags in its lowest and highest bits. */
function placeOf(bits: number, isLast: boolean): Pick<Fragment, "offset" | "isLast"> {
  return { offset: bits & 0xfff8, isLast };
}

/** As the rest of the program writes it: RFC 5952, and an IPv4-mapped one as IPv4. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => u16(bytes, at * 2).toString(16)).join(":");
  return parseIp(groups)?.address ?? groups;
}

function carried(
  packet: IpPacket | undefined,
  join: (fragment: Fragment) => Payload | undefined,
): Carried | undefined {
  if (packet === undefined) return undefined;
  const { from, to, protocol, fragment } = packet;
  const isTcp = protocol === 6;
  if ((!isTcp && protocol !== 17) || packet.length < 0) return undefined;
  // Ethernet pads what is too short for it.
  const own = { bytes: packet.bytes.subarray(0, packet.length), length: packet.length };
  const payload = fragment === undefined
    ? own
    : join({ ...own, ...fragment, packet: [from, to, protocol, fragment.id].join(" ") });
  if (payload === undefined || payload.bytes.length < (isTcp ? 20 : 8)) return undefined;
  const body = payload.bytes;
  const header = isTcp ? ((body[12] ?? 0) >> 4) * 4 : 8;
  const length = payload.length - header;
  if (header < (isTcp ? 20 : 8) || length < 0) return undefined;
  const [fromPort, toPort] = [u16(body, 0), u16(body, 2)];
  return {
    ...{ protocol: isTcp ? "tcp" : "udp", from: hostPort(from, fromPort), to: hostPort(to, toPort), fromPort, toPort },
    ...isTcp ? { seq: u32(body, 4), ack: u32(body, 8), flags: body[13] ?? 0 } : { seq: 0, ack: 0, flags: 0 },
    ...{ payload: body.subarray(header), length },
  };
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65_536 + u16(bytes, at + 2);
}
