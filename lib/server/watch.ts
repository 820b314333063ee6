/**
 * What somebody who watches a server is shown of its connections; a server that nobody watches has nothing of it.
 *
 * @module
 */
import type { Framing } from "../framing/framing.ts";
import type { Wire } from "../net/wire.ts";

/** What a watch looks at of each connection that is open. */
export interface Watched {
  readonly peer: { readonly address: string };
  /** Once the dialogue has told. */
  readonly identity: { readonly name: string } | undefined;
  readonly totals: { readonly frames: number };
  /** Made when it is asked for: of a thousand connections few are shown. */
  readonly seen: SeenConnection;
}

/** A connection that is shown. */
export interface SeenConnection {
  /** `127.0.0.1:50000` */
  readonly peer: string;
  /** Without the port. */
  readonly address: string;
  /** Once the dialogue has told. */
  readonly name: string | undefined;
  /** In ms since 1970. */
  readonly since: number;
  readonly frames: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly isUnauthenticated: boolean;
}

/** A frame that came in. */
export interface SeenFrame {
  /** In ms since 1970. */
  readonly at: number;
  readonly peer: string;
  /** Its payload's length in bytes, and the first of them; nothing where it looks like a secret. */
  readonly shown: { readonly length: number; readonly bytes: Uint8Array } | undefined;
}

/** What was seen since the last time. */
export interface Seen {
  /** Connections that are open. */
  readonly open: number;
  /** Of these, the ones that are shown: first those that sent something since the last time, and the newest first. */
  readonly connections: readonly (SeenConnection & { readonly isActive: boolean })[];
  /** By addresses that have connections: who it is, and the most frames of one connection. */
  readonly addresses: ReadonlyMap<string, { readonly name: string | undefined; readonly most: number }>;
  /** From reading to the end of the answer's write, in µs: of about 1,000 reads a second, evenly spread. */
  readonly times: readonly number[];
  /** The last ones of the same reads, in their order. */
  readonly frames: readonly SeenFrame[];
}

/** What is watched. */
export interface WatchOptions {
  readonly framing: Framing;
  /** Largest payload, in bytes. */
  readonly maxFrame: number;
  /** Frames kept; with 0 no payload is looked at. */
  readonly frames: number;
}

/** What is known of what a wire brings next. */
export interface WireState {
  /** Whether what is read from now on is not part of a dialogue, which may hold passwords. */
  readonly isOpen: () => boolean;
  /** Whether it is the beginning of a frame. */
  readonly isBetween: () => boolean;
}

/** Watches the connections of one thread. */
export interface Watch {
  /** Set by the server: its connections, the oldest first. */
  connections: Iterable<Watched>;
  /** The same wire, watched; `peer` is who is at its other end. */
  over(wire: Wire, about: { readonly peer: string } & WireState): Wire;
  /** What was seen since the last time. */
  take(): Seen;
}
