/**
 * A trace as a pcapng file that Wireshark and tshark read: each connection as its packets, one segment a read.
 *
 * The packets were never on a wire: handshake, acknowledgements and sequence numbers are made from what the proxy saw. A
 * comment tells what a packet cannot: a secret that is masked, a connection that explain itself ended.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { type BothDirections, type Direction, opposite } from "./direction.ts";
import type { OutputFile } from "./output_file.ts";
import { type Endpoint, endpoints, FLAGS, MAX_SEGMENT, tcpPacket, udpPacket, type Way } from "./packets.ts";
import { fileHead, packetBlock } from "./pcapng_blocks.ts";
import type { TraceData, TraceEnd, TraceEvent, TraceOpen, TraceSink } from "./trace.ts";

const NOTHING = new Uint8Array(0);

interface Flow {
  readonly isUdp: boolean;
  readonly ends: BothDirections<Endpoint>;
  /** The next sequence number of each side. */
  readonly next: Record<Direction, number>;
  readonly ids: Record<Direction, number>;
  readonly hasEnded: Set<Direction>;
  isReset: boolean;
}

/** See the module. Throws what its file throws: `cannot_write`. */
export class PacketSink implements TraceSink {
  readonly #file: OutputFile;
  readonly #flows = new Map<number, Flow>();

  constructor(file: OutputFile, { program, target }: { readonly program: string; readonly target: string }) {
    this.#file = file;
    file.write(fileHead({ program, about: `made from what a proxy to ${target} read` }));
  }

  take(event: TraceEvent): void {
    if (event.kind === "open") return this.#open(event);
    const flow = this.#flows.get(event.connection);
    if (flow === undefined) return;
    if (event.kind === "data") this.#data(flow, event);
    else if (event.kind === "end") this.#end(flow, event);
    else if (event.kind === "close") this.#flows.delete(event.connection);
  }

  close(): void {
    this.#file.close();
  }

  #open({ connection, at, client, server, transport }: TraceOpen): void {
    const isn = Math.imul(connection, 0x9e3779b1) >>> 0;
    const flow: Flow = {
      isUdp: transport === "udp",
      ends: endpoints(client, server, 32_768 + connection % 28_232),
      next: { client: isn, server: (isn ^ 0x5bd1e995) >>> 0 },
      ids: { client: 0, server: 0 },
      hasEnded: new Set(),
      isReset: false,
    };
    this.#flows.set(connection, flow);
    if (flow.isUdp) return;
    const comment = `connection ${connection}: ${client} to ${server}`;
    const { syn, ack } = FLAGS;
    this.#file.write(concat(
      packetBlock(segment(flow, "client", { flags: syn }), { at, comment }),
      packetBlock(segment(flow, "server", { flags: syn | ack }), { at, comment: "" }),
      packetBlock(segment(flow, "client", { flags: ack }), { at, comment: "" }),
    ));
  }

  #data(flow: Flow, { from, bytes, at, masked }: TraceData): void {
    const blocks: Uint8Array[] = [];
    const most = flow.isUdp ? Math.max(1, bytes.length) : MAX_SEGMENT;
    for (let start = 0; start < bytes.length || (flow.isUdp && start === 0); start += most) {
      const payload = bytes.subarray(start, start + most);
      const hidden = masked.reduce((sum, [a, b]) => {
        return sum + Math.max(0, Math.min(b - start, payload.length) - Math.max(a - start, 0));
      }, 0);
      const comment = hidden === 0 ? "" : `secret: ${hidden} bytes are masked as *`;
      if (flow.isUdp) {
        blocks.push(packetBlock(udpPacket(way(flow, from), payload), { at, comment }));
      } else {
        blocks.push(packetBlock(segment(flow, from, { flags: FLAGS.psh | FLAGS.ack, payload }), { at, comment }));
        blocks.push(packetBlock(segment(flow, opposite(from), { flags: FLAGS.ack }), { at, comment: "" }));
      }
    }
    this.#file.write(concat(...blocks));
  }

  #end(flow: Flow, { from, how, at }: TraceEnd): void {
    if (flow.isUdp || flow.isReset || how === "open") return;
    if (how === "half-close") {
      if (flow.hasEnded.has(from)) return;
      flow.hasEnded.add(from);
      this.#file.write(concat(
        packetBlock(segment(flow, from, { flags: FLAGS.fin | FLAGS.ack }), { at, comment: "" }),
        packetBlock(segment(flow, opposite(from), { flags: FLAGS.ack }), { at, comment: "" }),
      ));
    } else {
      flow.isReset = true;
      const comment = how === "reset" ? "" : COMMENTS[how];
      this.#file.write(
        packetBlock(segment(flow, from, { flags: FLAGS.rst | FLAGS.ack }), { at, comment }),
      );
    }
  }
}

/** Ends that no packet has a word for. */
const COMMENTS = {
  lost: "the system gave this connection up; there was no such packet",
  cut: "nothing more was read from here: the other side was gone; there was no such packet",
  stopped: "explain was ended; there was no such packet",
} as const;

/** The next segment of a side; its sequence number moves on. */
function segment(
  flow: Flow,
  from: Direction,
  { flags, payload = NOTHING }: { readonly flags: number; readonly payload?: Uint8Array },
): Uint8Array {
  const isFirst = (flags & FLAGS.syn) !== 0 && (flags & FLAGS.ack) === 0;
  const packet = tcpPacket(way(flow, from), {
    ...{ seq: flow.next[from], ack: isFirst ? 0 : flow.next[opposite(from)], flags, payload },
  });
  const step = payload.length + ((flags & (FLAGS.syn | FLAGS.fin)) !== 0 ? 1 : 0);
  flow.next[from] = (flow.next[from] + step) >>> 0;
  return packet;
}

function way(flow: Flow, from: Direction): Way {
  return { from: flow.ends[from], to: flow.ends[opposite(from)], id: flow.ids[from]++ };
}
