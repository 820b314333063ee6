/**
 * From captured packets to what happened on each connection. Who sent the SYN is the client; where none was captured,
 * the end with the smaller port is the server.
 *
 * @module
 */
import { type Direction, opposite } from "./direction.ts";
import { Fragments } from "./fragments.ts";
import { type Carried, carriedBy } from "./network.ts";
import { FLAGS } from "./packets.ts";
import type { CapturedPacket } from "./packet.ts";
import { type StreamPart, TcpStream } from "./tcp_stream.ts";
import type { TraceEvent } from "./trace.ts";

/** Connections that are followed at once; the one that was silent longest gives way to another. */
const MAX_FLOWS = 4096;

/** Connections that are over, of which late segments may still come. */
const CLOSED_KEPT = 1024;

/** Bytes that wait for what is before them, of all connections together. */
const MAX_EARLY = 64 * 1024 * 1024;

interface Flow {
  readonly connection: number;
  readonly isUdp: boolean;
  readonly client: string;
  readonly server: string;
  readonly streams: Readonly<Record<Direction, TcpStream>>;
  /** When the SYN came, and its sequence number. */
  readonly began: { readonly at: number; readonly seq: number | undefined };
  connectMs: number | null;
  isTold: boolean;
  isOver: boolean;
  resetBy: Direction | undefined;
  last: number;
}

/** Which connections are wanted: those to this host, to this port. */
export interface FlowFilter {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Told of servers that are not. */
  readonly onOther?: (server: string) => void;
}

/** Whether connections to `server`, as `HOST:PORT`, are wanted. */
export function isWanted(server: string, { host, port, onOther }: FlowFilter): boolean {
  const [, ownHost, ownPort] = /^(.*):(\d+)$/.exec(server) ?? [];
  const isHost = host === undefined || ownHost?.replace(/^\[|\]$/g, "") === host;
  if (isHost && (port === undefined || Number(ownPort) === port)) return true;
  onOther?.(server);
  return false;
}

/** Follows the connections of a capture. */
export class Flows {
  readonly #flows = new Map<string, Flow>();
  readonly #filter: FlowFilter;
  readonly #fragments = new Fragments();
  readonly #budget = { bytes: MAX_EARLY };
  #connections = 0;

  constructor(filter: FlowFilter = {}) {
    this.#filter = filter;
  }

  /**
   * Takes the next packet.
   *
   * @throws {ProtocolError} `bad_capture`, where its link layer is not known.
   */
  *take(packet: CapturedPacket): Generator<TraceEvent> {
    const carried = carriedBy(packet, this.#fragments);
    if (carried === undefined) return;
    const { at } = packet;
    const key = [carried.protocol, ...[carried.from, carried.to].toSorted()].join(" ");
    const isSyn = (carried.flags & (FLAGS.syn | FLAGS.ack)) === FLAGS.syn;
    const old = this.#flows.get(key);
    const isNew = old === undefined || (isSyn && (old.isOver || old.began.seq !== carried.seq));
    // What is left of a connection that began before the capture says nothing until bytes come.
    if (isNew && !isSyn && carried.protocol === "tcp" && (carried.flags & FLAGS.syn) === 0 && carried.length === 0) {
      return;
    }
    if (isNew && old !== undefined) yield* this.#over(old, at);
    const flow = isNew ? this.#open(carried, { at, isSyn }) : old;
    if (flow === undefined) return;
    // The last in the order of the map is the one that was heard of last.
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    flow.last = at;
    if (flow.isOver) return;
    yield* flow.isUdp ? this.#datagram(flow, carried, at) : this.#segment(flow, carried, at);
    if (flow.isOver) yield* this.#forget(CLOSED_KEPT);
    yield* this.#forget(MAX_FLOWS);
  }

  /** The capture is over. */
  *end(): Generator<TraceEvent> {
    for (const flow of this.#flows.values()) yield* this.#over(flow, flow.last);
    this.#flows.clear();
  }

  #open(carried: Carried, { at, isSyn }: { readonly at: number; readonly isSyn: boolean }): Flow | undefined {
    const { protocol, from, to, fromPort, toPort, flags, seq } = carried;
    const isFromServer = protocol === "tcp" && ((flags & FLAGS.syn) !== 0 ? !isSyn : fromPort < toPort);
    const [client, server] = isFromServer ? [to, from] : [from, to];
    if (!isWanted(server, this.#filter)) return undefined;
    return {
      ...{ connection: ++this.#connections, isUdp: protocol === "udp", client, server },
      streams: { client: new TcpStream(this.#budget), server: new TcpStream(this.#budget) },
      ...{ began: { at, seq: isSyn ? seq : undefined }, connectMs: null, isTold: false, isOver: false },
      ...{ resetBy: undefined, last: at },
    };
  }

  *#datagram(flow: Flow, { from, payload }: Carried, at: number): Generator<TraceEvent> {
    yield* this.#tell(flow);
    const direction = from === flow.client ? "client" : "server";
    yield { kind: "data", connection: flow.connection, at, from: direction, bytes: payload, masked: [] };
  }

  *#segment(flow: Flow, carried: Carried, at: number): Generator<TraceEvent> {
    const { from: sender, seq, ack, flags, payload, length } = carried;
    const from: Direction = sender === flow.client ? "client" : "server";
    const stream = flow.streams[from];
    const isSyn = (flags & FLAGS.syn) !== 0;
    if (isSyn && !stream.isOpen) {
      stream.begin(seq + 1);
      if (from === "server" && flow.began.seq !== undefined) flow.connectMs = at - flow.began.at;
    }
    // TCP Fast Open (RFC 7413) waits for nothing; a SYN has a number of its own before the data.
    if (isSyn && length > 0) flow.connectMs ??= 0;
    if (from === "server" || length > 0) yield* this.#tell(flow);
    if ((flags & FLAGS.rst) !== 0) {
      yield* this.#tell(flow);
      yield* this.#parts(flow, { parts: stream.close(), from, at });
      flow.resetBy = from;
      yield { kind: "end", connection: flow.connection, at, from, how: "reset" };
      return yield* this.#over(flow, at, "cut");
    }
    const isFin = (flags & FLAGS.fin) !== 0;
    if (length > 0 || isFin) {
      yield* this.#parts(flow, { parts: stream.take(isSyn ? seq + 1 : seq, { length, payload, isFin }), from, at });
    }
    const other = opposite(from);
    if ((flags & FLAGS.ack) !== 0 && flow.streams[other].isOpen) {
      yield* this.#parts(flow, { parts: flow.streams[other].acknowledged(ack), from: other, at });
    }
    if (flow.streams.client.hasEnded && flow.streams.server.hasEnded) yield* this.#over(flow, at);
  }

  *#parts(
    { connection }: Flow,
    { parts, from, at }: { readonly parts: Iterable<StreamPart>; readonly from: Direction; readonly at: number },
  ): Generator<TraceEvent> {
    const moment = { connection, at, from };
    for (const part of parts) {
      if (part.part === "bytes") yield { kind: "data", ...moment, bytes: part.bytes, masked: [] };
      else if (part.part === "end") yield { kind: "end", ...moment, how: "half-close" };
      else yield { kind: "notice", ...moment, what: part.what, bytes: part.bytes };
    }
  }

  *#tell(flow: Flow): Generator<TraceEvent> {
    if (flow.isTold) return;
    flow.isTold = true;
    const { connection, client, server, connectMs, began: { at } } = flow;
    yield { kind: "open", connection, at, transport: flow.isUdp ? "udp" : "tcp", client, server, connectMs };
  }

  /** Nothing more comes on a connection: `open` where nothing says that it ended, `cut` where the other side did that. */
  *#over(flow: Flow, at: number, how: "open" | "cut" = "open"): Generator<TraceEvent> {
    if (flow.isOver) return;
    flow.isOver = true;
    yield* this.#tell(flow);
    const { connection } = flow;
    for (const from of ["client", "server"] as const) {
      // Datagrams have no end.
      if (flow.resetBy === from || flow.isUdp) continue;
      yield* this.#parts(flow, { parts: flow.streams[from].close(), from, at });
      if (!flow.streams[from].hasEnded) yield { kind: "end", connection, at, from, how };
    }
    yield { kind: "close", connection, at };
  }

  /** Keeps memory bounded, however many connections there are. */
  *#forget(most: number): Generator<TraceEvent> {
    for (const [key, flow] of this.#flows) {
      if (this.#flows.size <= most) return;
      if (most === CLOSED_KEPT && !flow.isOver) continue;
      yield* this.#over(flow, flow.last);
      this.#flows.delete(key);
    }
  }
}
