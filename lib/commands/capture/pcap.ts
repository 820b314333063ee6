/**
 * The classic capture file of tcpdump (draft-ietf-opsawg-pcap): both byte orders, microseconds and nanoseconds.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { captureError } from "./capture_error.ts";
import { type CapturedPacket, MAX_PACKET } from "./packet.ts";

/** The first four bytes, read big-endian: byte order, and fractions of a second to a millisecond. */
const MAGIC: ReadonlyMap<number, { readonly isLittle: boolean; readonly perMs: number }> = new Map([
  [0xa1b2c3d4, { isLittle: false, perMs: 1e3 }],
  [0xd4c3b2a1, { isLittle: true, perMs: 1e3 }],
  [0xa1b23c4d, { isLittle: false, perMs: 1e6 }],
  [0x4d3cb2a1, { isLittle: true, perMs: 1e6 }],
]);

/** Whether a file that begins with these bytes is one. */
export function isPcap(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && MAGIC.has(viewOf(bytes).getUint32(0));
}

/**
 * The packets of a file; where it ends inside one, `source` says so.
 *
 * @throws {ProtocolError} `bad_capture`
 */
export async function* readPcap(source: ByteSource): AsyncGenerator<CapturedPacket> {
  const head = await source.take(24);
  if (head === undefined) return source.cutShort();
  const order = MAGIC.get(viewOf(head).getUint32(0));
  if (order === undefined) throw captureError({ problem: "unknown", at: 0 });
  const { isLittle, perMs } = order;
  // The upper bits tell whether packets end with a frame check sequence.
  const link = viewOf(head).getUint32(20, isLittle) & 0x0fffffff;
  for (;;) {
    const start = source.position;
    const record = await source.take(16);
    if (record === undefined) return source.position > start ? source.cutShort() : undefined;
    const view = viewOf(record);
    const kept = view.getUint32(8, isLittle);
    if (kept > MAX_PACKET) throw captureError({ problem: "damaged", at: start });
    const at = view.getUint32(0, isLittle) * 1000 + view.getUint32(4, isLittle) / perMs;
    const bytes = await source.take(kept);
    if (bytes === undefined) return source.cutShort();
    yield { at, link, bytes };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
