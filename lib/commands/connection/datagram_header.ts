/**
 * How a measuring datagram begins (`bench --udp`, `ping --udp`): "EU", the run's number (u16), its own number (u32), and
 * when it left (f64, ms since 1970), all big-endian.
 *
 * @module
 */

/** "EU" */
export const MARK = 0x4555;

/** Bytes of the header. */
export const HEADER = 16;

/** What a datagram says of itself. */
interface DatagramHeader {
  readonly run: number;
  /** From 1. */
  readonly number: number;
  /** In ms since 1970, by the sender's clock. */
  readonly sentAt: number;
}

/** The header; nothing where there is none. */
export function readDatagramHeader(bytes: Uint8Array): DatagramHeader | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(0) !== MARK) return undefined;
  return { run: view.getUint16(2), number: view.getUint32(4), sentAt: view.getFloat64(8) };
}
