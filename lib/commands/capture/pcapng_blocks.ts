/**
 * Blocks of a pcapng file (draft-ietf-opsawg-pcapng) as this program writes them: little-endian, one interface of raw IP
 * packets, microseconds.
 *
 * @module
 */
import { concat, utf8 } from "../../base/bytes.ts";

/** Block types: section header, interface description, packets, decryption secrets. */
export const BLOCKS = { section: 0x0a0d0d0a, interface: 1, packet: 6, simple: 3, secrets: 10 } as const;

/** LINKTYPE_RAW of tcpdump.org/linktypes.html: the packet begins with an IPv4 or IPv6 header. */
const LINKTYPE_RAW = 101;

/** What a file begins with: who wrote it, and what its packets are. */
export function fileHead({ program, about }: { readonly program: string; readonly about: string }): Uint8Array {
  const section = new Uint8Array(16);
  const view = new DataView(section.buffer);
  view.setUint32(0, 0x1a2b3c4d, true);
  view.setUint16(4, 1, true);
  // The section's length is not known beforehand.
  view.setBigInt64(8, -1n, true);
  const description = new Uint8Array(8);
  new DataView(description.buffer).setUint16(0, LINKTYPE_RAW, true);
  const options = [option(2, utf8("explain")), option(3, utf8(about)), option(9, Uint8Array.of(6))];
  return concat(
    block(BLOCKS.section, section, option(4, utf8(program)), END),
    block(BLOCKS.interface, description, ...options, END),
  );
}

/** A packet. @param at Ms since 1970. @param comment For whoever looks at it; empty for none. */
export function packetBlock(packet: Uint8Array, { at, comment }: { at: number; comment: string }): Uint8Array {
  const head = new Uint8Array(20);
  const view = new DataView(head.buffer);
  const time = BigInt(Math.max(0, Math.round(at * 1000)));
  view.setUint32(4, Number(time >> 32n), true);
  view.setUint32(8, Number(time & 0xffffffffn), true);
  view.setUint32(12, packet.length, true);
  view.setUint32(16, packet.length, true);
  const options = comment === "" ? [] : [option(1, utf8(comment)), END];
  return block(BLOCKS.packet, head, padded(packet), ...options);
}

/** opt_endofopt */
const END = new Uint8Array(4);

function option(code: number, value: Uint8Array): Uint8Array {
  const head = new Uint8Array(4);
  const view = new DataView(head.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  return concat(head, padded(value));
}

/** Everything in a block stands at multiples of four. */
function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : concat(bytes, new Uint8Array(4 - bytes.length % 4));
}

/** The length stands at both ends, so that a file can be read backwards. */
function block(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, body.length + 12, true);
  return concat(head, body, head.subarray(4));
}
