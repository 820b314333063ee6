/**
 * Packets that were too large for their way, put together again from their fragments: RFC 791, section 3.2, and RFC 8200,
 * section 4.5.
 *
 * @module
 */

export interface Fragment {
  /** The same for all of one packet: addresses, protocol, identification. */
  readonly packet: string;
  /** Where it belongs in the packet's payload, in bytes. */
  readonly offset: number;
  readonly isLast: boolean;
  readonly bytes: Uint8Array;
  /** Bytes on the wire: more than were kept, where the capture cut packets off. */
  readonly length: number;
}

/** The payload of a packet. */
export type Payload = Pick<Fragment, "bytes" | "length">;

/** Packets that wait for the rest of their fragments; the oldest gives way. */
const MOST_PACKETS = 256;

/** Fragments of a packet, whose 64 KiB come in 45 of Ethernet: more are an attack. */
const MOST_FRAGMENTS = 1024;

/** How long one waits for the others, in ms, before its identification may be another packet's. */
const PATIENCE = 30_000;

export class Fragments {
  readonly #waiting = new Map<string, { readonly at: number; readonly fragments: Fragment[] }>();

  /** Takes a fragment that came at a time in ms; the payload, where it was the last that was missing. */
  take(fragment: Fragment, at: number): Payload | undefined {
    const { packet } = fragment;
    const held = this.#waiting.get(packet);
    const isFresh = held !== undefined && at - held.at <= PATIENCE && held.fragments.length < MOST_FRAGMENTS;
    const fragments = isFresh ? held.fragments : [];
    fragments.push({ ...fragment, bytes: fragment.bytes.slice() });
    this.#waiting.delete(packet);
    const whole = joined(fragments);
    if (whole !== undefined) return whole;
    this.#waiting.set(packet, { at: isFresh ? held.at : at, fragments });
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined && this.#waiting.size > MOST_PACKETS) this.#waiting.delete(oldest);
    return undefined;
  }
}

/** The payload, where nothing is missing; of its bytes those before the first that the capture has not. */
function joined(fragments: readonly Fragment[]): Payload | undefined {
  const last = fragments.find(({ isLast }) => isLast);
  const length = last === undefined ? Infinity : last.offset + last.length;
  if (fragments.reduce((sum, one) => sum + one.length, 0) < length) return undefined;
  const sorted = fragments.toSorted((a, b) => a.offset - b.offset);
  const [bytes, end] = [new Uint8Array(length), { wire: 0, kept: 0 }];
  for (const one of sorted) {
    if (one.offset > end.wire) return undefined;
    if (one.offset <= end.kept) {
      bytes.set(one.bytes.subarray(0, Math.max(0, length - one.offset)), Math.min(one.offset, length));
      end.kept = Math.max(end.kept, one.offset + one.bytes.length);
    }
    end.wire = Math.max(end.wire, one.offset + one.length);
  }
  return end.wire < length ? undefined : { bytes: bytes.subarray(0, end.kept), length };
}
