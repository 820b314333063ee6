/**
 * The capture file of Wireshark (draft-ietf-opsawg-pcapng): any number of sections and interfaces, in either byte order,
 * with the resolution of time that each interface has.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { captureError } from "./capture_error.ts";
import { type CapturedPacket, MAX_PACKET } from "./packet.ts";
import { BLOCKS } from "./pcapng_blocks.ts";

/** What packets had before there were enhanced ones. */
const OLD_PACKET = 2;

/** Longest description of an interface, in bytes, and most interfaces of a section. */
const MAX_DESCRIPTION = 64 * 1024;
const MAX_INTERFACES = 4096;

/** The type of secrets that are a key log, and the longest one, in bytes. */
const TLS_KEY_LOG = 0x544c534b;
const MAX_SECRETS = 16 * 1024 * 1024;

interface Interface {
  readonly link: number;
  /** Ticks of its clock in a ms. */
  readonly perMs: number;
  /** Ms to add. */
  readonly offset: number;
}

interface Block {
  readonly type: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly isLittle: boolean;
}

/** Whether a file that begins with these bytes is one. */
export function isPcapng(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0) === BLOCKS.section;
}

/**
 * The packets of a file; where it ends inside a block, `source` says so.
 *
 * @param onKeys Takes the text of each key log in the file.
 * @throws {ProtocolError} `bad_capture`
 */
export async function* readPcapng(
  source: ByteSource,
  onKeys?: (text: string) => void,
): AsyncGenerator<CapturedPacket> {
  let interfaces: Interface[] = [];
  let last = 0;
  for await (const block of blocks(source)) {
    if (block.type === BLOCKS.section) interfaces = [];
    else if (block.type === BLOCKS.interface) {
      if (interfaces.length >= MAX_INTERFACES) throw captureError({ problem: "damaged", at: source.position });
      interfaces.push(interfaceFrom(block));
    } else if (block.type === BLOCKS.secrets) {
      const { view, bytes, isLittle } = block;
      if (bytes.length < 8 || view.getUint32(0, isLittle) !== TLS_KEY_LOG) continue;
      onKeys?.(new TextDecoder().decode(bytes.subarray(8, 8 + view.getUint32(4, isLittle))));
    } else {
      const packet = packetFrom(block, interfaces, last);
      if (packet === undefined) throw captureError({ problem: "damaged", at: source.position });
      last = packet.at;
      yield packet;
    }
  }
}

/** The blocks that matter; others are passed over, however long they say they are. */
async function* blocks(source: ByteSource): AsyncGenerator<Block> {
  let isLittle = true;
  for (;;) {
    const start = source.position;
    const damaged = (): Error => captureError({ problem: "damaged", at: start });
    const head = await source.peek(12);
    if (head.length === 0) return;
    if (head.length < 12) return source.cutShort();
    const isSection = viewOf(head).getUint32(0) === BLOCKS.section;
    if (isSection) {
      const magic = viewOf(head).getUint32(8);
      if (magic !== 0x1a2b3c4d && magic !== 0x4d3c2b1a) throw damaged();
      isLittle = magic === 0x4d3c2b1a;
    } else if (start === 0) throw captureError({ problem: "unknown", at: 0 });
    const type = isSection ? BLOCKS.section : viewOf(head).getUint32(0, isLittle);
    const length = viewOf(head).getUint32(4, isLittle);
    if (length < 12 || length % 4 !== 0) throw damaged();
    const most = mostOf(type);
    if (most === undefined || isSection) {
      if (isSection && length < 28) throw damaged();
      if (!await source.skip(length)) return source.cutShort();
      if (isSection) yield { type, view: viewOf(head), bytes: head, isLittle };
      continue;
    }
    if (length > most) throw damaged();
    const whole = await source.take(length);
    if (whole === undefined) return source.cutShort();
    if (viewOf(whole).getUint32(length - 4, isLittle) !== length) throw damaged();
    const bytes = whole.subarray(8, length - 4);
    yield { type, view: viewOf(bytes), bytes, isLittle };
  }
}

/** The longest that a block may be; nothing for one that is passed over. */
function mostOf(type: number): number | undefined {
  if (type === BLOCKS.interface) return MAX_DESCRIPTION;
  if (type === BLOCKS.secrets) return MAX_SECRETS;
  const isPacket = type === BLOCKS.packet || type === BLOCKS.simple || type === OLD_PACKET;
  // Behind the bytes there are options, such as comments.
  return isPacket ? MAX_PACKET + MAX_DESCRIPTION : undefined;
}

function interfaceFrom({ view, bytes, isLittle }: Block): Interface {
  const link = bytes.length < 8 ? 0 : view.getUint16(0, isLittle);
  let perMs = 1000;
  let offset = 0;
  for (let at = 8; at + 4 <= bytes.length;) {
    const code = view.getUint16(at, isLittle);
    const length = view.getUint16(at + 2, isLittle);
    if (code === 0 || at + 4 + length > bytes.length) break;
    // if_tsresol: a negative power of 10, or of 2 where the highest bit is set; if_tsoffset: seconds.
    const resolution = bytes[at + 4] ?? 6;
    if (code === 9 && length === 1) perMs = (resolution < 128 ? 10 ** resolution : 2 ** (resolution - 128)) / 1000;
    if (code === 14 && length === 8) offset = Number(view.getBigInt64(at + 4, isLittle)) * 1000;
    at += 4 + length + (4 - length % 4) % 4;
  }
  return { link, perMs, offset };
}

function packetFrom(block: Block, interfaces: readonly Interface[], last: number): CapturedPacket | undefined {
  const { type, view, bytes, isLittle } = block;
  if (type === BLOCKS.simple) {
    const [only] = interfaces;
    if (only === undefined || bytes.length < 4) return undefined;
    // Such a packet has no time: it has that of the one before.
    return { at: last, link: only.link, bytes: bytes.slice(4, 4 + view.getUint32(0, isLittle)) };
  }
  if (bytes.length < 20) return undefined;
  const kept = view.getUint32(12, isLittle);
  const on = interfaces[type === OLD_PACKET ? view.getUint16(0, isLittle) : view.getUint32(0, isLittle)];
  if (on === undefined || kept > bytes.length - 20) return undefined;
  const ticks = view.getUint32(4, isLittle) * 2 ** 32 + view.getUint32(8, isLittle);
  const at = ticks / on.perMs + on.offset;
  return Number.isFinite(at) ? { at, link: on.link, bytes: bytes.subarray(20, 20 + kept) } : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
