/**
 * What `echo-client explain` sees, as data: each of these is a line of its `--json`, key for key, and what its text and
 * its page are drawn from. Nothing in them is secret: what has to be masked is masked before an event exists.
 *
 * @module
 */
import type { ErrorCode } from "../../base/errors.ts";
import type { Impression } from "../../net/sniff.ts";
import type { FaultName, Strike } from "../faults/pieces.ts";
import type { Direction } from "../capture/direction.ts";
import type { Agreed } from "./tls_reader.ts";
import type { TraceEnd, TraceNotice } from "../capture/trace.ts";

/** What every event of a connection has. */
interface Moment {
  /** The connection's number, from 1. */
  readonly connection: number;
  /** Time since the proxy accepted the connection, in ms. */
  readonly at_ms: number;
}

/** Both connections are open. */
export interface OpenEvent extends Moment {
  readonly event: "open";
  /** RFC 3339, UTC. */
  readonly time: string;
  /** The client's address. */
  readonly client: string;
  /** Where the proxy connected to. */
  readonly server: string;
  /** How long the connection to the server took, in ms; null where a capture does not have its beginning. */
  readonly connect_ms: number | null;
}

/** The server cannot be reached, and the client's connection is closed. */
interface UnreachableEvent extends Moment {
  readonly event: "unreachable";
  readonly time: string;
  readonly client: string;
  readonly server: string;
  readonly code: ErrorCode | "failed";
  /** For people; escaped. */
  readonly reason: string;
}

/** What one read held of one frame, in bytes. */
export interface Part {
  /** The frame's number in its direction, from 1. */
  readonly frame: number;
  readonly header: number;
  readonly payload: number;
  /** A delimiter behind the payload. */
  readonly trailer: number;
  /** Whether the frame's first byte came with this read. */
  readonly begins: boolean;
  /** Whether its last one did. */
  readonly ends: boolean;
}

/** A read of the proxy's brought bytes. */
export interface ReadEvent extends Moment {
  readonly event: "read";
  readonly from: Direction;
  /** The read's number in its direction, from 1. */
  readonly read: number;
  readonly bytes: number;
  readonly framing: string;
  /** What it held, frame by frame; the first {@linkcode PARTS_SHOWN} of them. */
  readonly parts: readonly Part[];
  /** Frames it held beyond those. */
  readonly more_frames: number;
}

/** Bytes for people: as much of them as is shown, with secrets masked. */
export interface ByteView {
  readonly bytes: number;
  /** How many of them `hex` shows. */
  readonly shown: number;
  /** The UTF-8 text of as many, of a dialogue's message all; `•••••` for each secret; null where they are no text. */
  readonly text: string | null;
  /** Two digits a byte, `••` for a secret one. */
  readonly hex: string;
  /** Whether something in the bytes is masked. */
  readonly masked: boolean;
}

/** A value that a message names. */
export interface Field {
  /** As the wire has it: `r`, `s`, `p` … */
  readonly key: string;
  /** `•••••` where it is secret. */
  readonly value: string;
}

/** What a message means in the dialogue. `id` is one of a fixed list; see docs/explain.md. */
export interface Meaning {
  readonly id: string;
  /** The reply code, where it is one. */
  readonly code?: number;
  readonly fields?: readonly Field[];
}

/** A frame is whole, or its connection ended inside it. With `raw`, each read is one. */
export interface FrameEvent extends Moment {
  readonly event: "frame";
  readonly from: Direction;
  readonly frame: number;
  /** `raw` after a problem, and `tls` where the bytes are TLS records. */
  readonly framing: string;
  readonly header: ByteView;
  /** Payload bytes: as the header announced, or, without one, as they came. */
  readonly length: number;
  readonly payload: ByteView;
  readonly trailer: ByteView;
  /** The first and the last read that held bytes of it. */
  readonly reads: readonly [number, number];
  readonly complete: boolean;
  readonly meanings: readonly Meaning[];
}

/** Bytes cannot be read with the framing; from here on this direction is shown as `raw`. */
export interface ProblemEvent extends Moment, Impression {
  readonly event: "problem";
  readonly from: Direction;
  readonly code: ErrorCode;
  /** The bytes it is about. */
  readonly header: ByteView;
  /** What they announce, in bytes, where they announce anything. */
  readonly length: number | null;
}

/** One direction is over. */
export interface EndEvent extends Moment {
  readonly event: "end";
  /** Whose direction. */
  readonly from: Direction;
  /**
   * `half-close`: FIN, passed on; `reset`: RST, also after a half-close; `lost`: the system gave up; `cut`: the other side
   * is gone, and nothing more is read; `stopped`: explain was ended; `open`: not over when the capture ends.
   */
  readonly kind: TraceEnd["how"];
  readonly bytes: number;
  readonly reads: number;
  readonly frames: number;
}

/** Both connections are closed. */
interface CloseEvent extends Moment {
  readonly event: "close";
  readonly client_bytes: number;
  readonly server_bytes: number;
}

/** The analysis failed; the bytes go on. A mistake in this program. */
interface FailedEvent extends Moment {
  readonly event: "failed";
  readonly reason: string;
}

/** A datagram came (`--udp`), and goes on. */
export interface DatagramEvent extends Moment {
  readonly event: "datagram";
  readonly from: Direction;
  /** In its direction, from 1. */
  readonly number: number;
  readonly payload: ByteView;
  /** The number that it carries, where it is one of `bench --udp` or `ping --udp`, … */
  readonly sequence?: number;
  /** … and the time since it left the client, by both clocks: of the client's datagrams, the delay of one way. */
  readonly age_ms?: number;
}

/** A fault that is there on purpose strikes now; which numbers it has depends on it. */
export interface FaultEvent extends Moment, Omit<Strike, "fault"> {
  readonly event: "fault";
  /** Whose bytes. */
  readonly from: Direction;
  readonly fault: FaultName;
}

/** What is inside of TLS can be read from here on, with the keys of a key log. */
interface TlsEvent extends Moment, Agreed {
  readonly event: "tls";
}

/** What a capture shows of the way of the bytes: segments that came again, overlapped, came early, or are missing. */
export interface NoticeEvent extends Moment {
  readonly event: "notice";
  readonly from: Direction;
  readonly what: TraceNotice["what"];
  readonly bytes: number;
}

/** Whatever is seen. */
export type WireEvent =
  | OpenEvent
  | UnreachableEvent
  | ReadEvent
  | FrameEvent
  | ProblemEvent
  | EndEvent
  | NoticeEvent
  | TlsEvent
  | CloseEvent
  | FailedEvent
  | FaultEvent
  | DatagramEvent;

/** Frames of one read that are told one by one. */
export const PARTS_SHOWN = 16;
