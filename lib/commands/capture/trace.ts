/**
 * What happened on connections, as every capture tells it, whatever its format: a live proxy writes it, a file is read
 * as it.
 *
 * @module
 */
import type { Direction } from "./direction.ts";

/** Bytes from the first up to, without, the second. */
export type Range = readonly [from: number, to: number];

/** What carries the bytes. */
export type Transport = "tcp" | "udp";

/** What every event has. */
interface Moment {
  /** The connection's number, from 1. */
  readonly connection: number;
  /** Ms since 1970, UTC. */
  readonly at: number;
}

/** A connection begins. */
export interface TraceOpen extends Moment {
  readonly kind: "open";
  readonly transport: Transport;
  /** `ADDRESS:PORT`, or `unix:PATH`. */
  readonly client: string;
  readonly server: string;
  /** How long the handshake took, in ms; null where it was not seen. */
  readonly connectMs: number | null;
}

/** Bytes as one read, segment or datagram brought them. */
export interface TraceData extends Moment {
  readonly kind: "data";
  readonly from: Direction;
  /** With `*` in the place of what is masked. */
  readonly bytes: Uint8Array;
  readonly masked: readonly Range[];
}

/** How a direction may end; see docs/explain.md. */
export const ENDINGS = ["half-close", "reset", "lost", "cut", "stopped", "open"] as const;

/** One direction is over. */
export interface TraceEnd extends Moment {
  readonly kind: "end";
  readonly from: Direction;
  readonly how: (typeof ENDINGS)[number];
}

/** The connection is over. */
interface TraceClose extends Moment {
  readonly kind: "close";
}

/** What a packet capture shows, and a program never sees: segments that came again, late, or not at all. */
const NOTICES = ["retransmission", "overlap", "reordered", "gap"] as const;

export interface TraceNotice extends Moment {
  readonly kind: "notice";
  readonly from: Direction;
  readonly what: (typeof NOTICES)[number];
  readonly bytes: number;
}

/** Whatever a capture tells. */
export type TraceEvent = TraceOpen | TraceData | TraceEnd | TraceClose | TraceNotice;

/** Takes events, in the order in which they happened on each connection. */
export interface TraceSink {
  take(event: TraceEvent): void;
  close(): void;
}
