/**
 * Captures as a test needs them: bytes in the formats of other programs, and what our reader makes of them.
 *
 * @module
 */
import { concat, utf8 } from "../../lib/base/bytes.ts";
import { ByteSource } from "../../lib/commands/capture/byte_source.ts";
import type { OutputFile } from "../../lib/commands/capture/output_file.ts";
import { FLAGS, type Segment, tcpPacket, type Way } from "../../lib/commands/capture/packets.ts";
import { PacketSink } from "../../lib/commands/capture/packet_sink.ts";
import { eventsOf } from "../../lib/commands/capture/read_capture.ts";
import type { TraceEvent } from "../../lib/commands/capture/trace.ts";
import type { Direction } from "../../lib/commands/capture/direction.ts";

/** The events in a capture's bytes, however they come. */
export async function traceOf(
  file: Uint8Array,
  piece = 64 * 1024,
  onKeys?: (text: string) => void,
): Promise<TraceEvent[]> {
  const pieces = Array.from(
    { length: Math.ceil(file.length / piece) },
    (_, at) => file.subarray(at * piece, (at + 1) * piece),
  );
  const stream = (async function* (): AsyncGenerator<Uint8Array> {
    yield* pieces;
  })();
  return await Array.fromAsync(eventsOf(new ByteSource(stream), { onKeys }));
}

/** What each side sent, in all. */
export function sentIn(events: readonly TraceEvent[], from: Direction): Uint8Array {
  return concat(...events.flatMap((event) => event.kind === "data" && event.from === from ? [event.bytes] : []));
}

/** A file in memory. */
export class MemoryFile implements OutputFile {
  #parts: Uint8Array[] = [];

  get bytes(): Uint8Array {
    return concat(...this.#parts);
  }

  write(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
  }

  close(): void {}
}

/** A classic capture of packets. */
export function pcapOf(
  packets: readonly Uint8Array[],
  { link = 101, isLittle = true, isNano = false } = {},
): Uint8Array {
  const head = new DataView(new ArrayBuffer(24));
  head.setUint32(0, isNano ? 0xa1b23c4d : 0xa1b2c3d4, isLittle);
  head.setUint16(4, 2, isLittle);
  head.setUint16(6, 4, isLittle);
  head.setUint32(16, 262_144, isLittle);
  head.setUint32(20, link, isLittle);
  const records = packets.flatMap((packet, number) => {
    const record = new DataView(new ArrayBuffer(16));
    record.setUint32(0, 1_700_000_000, isLittle);
    record.setUint32(4, (number + 1) * 1000 * (isNano ? 1000 : 1), isLittle);
    record.setUint32(8, packet.length, isLittle);
    record.setUint32(12, packet.length, isLittle);
    return [new Uint8Array(record.buffer), packet];
  });
  return concat(new Uint8Array(head.buffer), ...records);
}

const WAYS: Readonly<Record<Direction, Way>> = {
  client: {
    from: { address: Uint8Array.of(192, 0, 2, 1), port: 40_000 },
    to: { address: Uint8Array.of(192, 0, 2, 7), port: 9090 },
    id: 1,
  },
  server: {
    from: { address: Uint8Array.of(192, 0, 2, 7), port: 9090 },
    to: { address: Uint8Array.of(192, 0, 2, 1), port: 40_000 },
    id: 1,
  },
};

/** A segment of a connection whose first byte has the sequence number 1 of its side. */
export function segmentOf(
  from: Direction,
  { seq = 0, ack = 0, flags = FLAGS.ack, payload = new Uint8Array(0) }: Partial<Segment>,
): Uint8Array {
  return tcpPacket(WAYS[from], { seq, ack, flags, payload });
}

/** A handshake with the initial sequence numbers of both sides. */
export function handshake(client = 0, server = 0): Uint8Array[] {
  return [
    segmentOf("client", { seq: client, flags: FLAGS.syn }),
    segmentOf("server", { seq: server, ack: client + 1, flags: FLAGS.syn | FLAGS.ack }),
    segmentOf("client", { seq: client + 1, ack: server + 1 }),
  ];
}

/** Ends of connections: IPv4, IPv6, both, a Unix socket. */
export const PLACES = [
  ["192.0.2.1:40000", "192.0.2.7:9090"],
  ["[2001:db8::1]:40000", "[2001:db8::7]:9090"],
  ["127.0.0.1:40000", "[::1]:9090"],
  ["unix:", "unix:/run/echo.sock"],
] as const;

/** A connection: both sides send, the larger message in several segments; then its end. */
export function talk(
  connection: number,
  [client, server]: readonly [string, string],
  how: "half-close" | "reset",
): TraceEvent[] {
  const at = 1_700_000_000_000 + connection;
  const moment = { connection, at };
  const large = new Uint8Array(150_000).map((_, index) => index + connection);
  return [
    { kind: "open", ...moment, transport: "tcp", client, server, connectMs: 0.5 },
    {
      kind: "data",
      ...moment,
      from: "client",
      bytes: utf8(`hello ${connection}*****`),
      masked: [[6 + String(connection).length, 11 + String(connection).length]],
    },
    { kind: "data", ...moment, from: "server", bytes: large, masked: [] },
    { kind: "end", ...moment, from: "client", how },
    ...how === "reset" ? [] : [{ kind: "end", ...moment, from: "server", how } as const],
    { kind: "close", ...moment },
  ];
}

/** A capture of these events. */
export function pcapngOf(events: readonly TraceEvent[]): Uint8Array {
  const file = new MemoryFile();
  const sink = new PacketSink(file, { program: "test", target: "192.0.2.7:9090" });
  for (const event of events) sink.take(event);
  return file.bytes;
}
