/**
 * A capture, whatever its format: pcap, pcapng, or a recording of ours.
 *
 * @module
 */
import { EchoError } from "../../base/errors.ts";
import { fileError } from "../../base/system_errors.ts";
import { ByteSource } from "./byte_source.ts";
import { captureError } from "./capture_error.ts";
import { type FlowFilter, Flows, isWanted } from "./flows.ts";
import type { CapturedPacket } from "./packet.ts";
import { isPcap, readPcap } from "./pcap.ts";
import { isPcapng, readPcapng } from "./pcapng.ts";
import { isRecording, readRecording } from "./recording.ts";
import type { TraceEvent } from "./trace.ts";

interface ReadOptions {
  /** `-` for standard input. */
  readonly path: string;
  readonly filter?: FlowFilter | undefined;
  /** Told where the file ends inside of a packet. */
  readonly onCutShort?: () => void;
  /** Takes the text of each key log that is in the file. */
  readonly onKeys?: ((text: string) => void) | undefined;
}

/**
 * The events of a file.
 *
 * @throws {StorageError} `cannot_read`
 * @throws {ProtocolError} `bad_capture`, after the events before the fault.
 */
export async function* readCapture({ path, filter, onCutShort, onKeys }: ReadOptions): AsyncGenerator<TraceEvent> {
  try {
    const stream = path === "-" ? Deno.stdin.readable : (await Deno.open(path)).readable;
    const source = new ByteSource(stream);
    try {
      yield* eventsOf(source, { filter, onKeys });
    } finally {
      await source.close();
    }
    if (source.isCutShort) onCutShort?.();
  } catch (error) {
    if (!(error instanceof EchoError)) throw fileError(error, "read", path);
    if (error.code === "bad_capture") error.annotate({ path });
    throw error;
  }
}

/** The events of a capture's bytes, which may be compressed with gzip. */
export async function* eventsOf(
  source: ByteSource,
  options: Pick<ReadOptions, "filter" | "onKeys"> = {},
): AsyncGenerator<TraceEvent> {
  const [first, second] = await source.peek(2);
  if (first !== 0x1f || second !== 0x8b) return yield* plainEventsOf(source, options);
  const inside = new ByteSource(unpacked(source));
  yield* plainEventsOf(inside, options);
  if (inside.isCutShort) source.cutShort();
}

async function* plainEventsOf(
  source: ByteSource,
  { filter, onKeys }: Pick<ReadOptions, "filter" | "onKeys">,
): AsyncGenerator<TraceEvent> {
  const magic = await source.peek(4);
  if (isRecording(magic)) {
    const others = new Set<number>();
    for await (const event of readRecording(source)) {
      if (event.kind === "open" && !isWanted(event.server, filter ?? {})) others.add(event.connection);
      if (!others.has(event.connection)) yield event;
    }
    return;
  }
  const packets = packetsOf(source, magic, onKeys);
  const flows = new Flows(filter);
  let fault: unknown;
  try {
    for await (const packet of packets) yield* flows.take(packet);
  } catch (error) {
    fault = error;
  }
  // What came before a fault is told all the same.
  yield* flows.end();
  if (fault !== undefined) throw fault;
}

/**
 * What is compressed with gzip, as Wireshark may write it.
 *
 * @throws {ProtocolError} `bad_capture`
 */
async function* unpacked(source: ByteSource): AsyncGenerator<Uint8Array> {
  try {
    yield* ReadableStream.from(source.rest()).pipeThrough(new DecompressionStream("gzip"));
  } catch (error) {
    throw error instanceof TypeError ? captureError({ problem: "damaged", at: source.position }) : error;
  }
}

function packetsOf(
  source: ByteSource,
  magic: Uint8Array,
  onKeys: ReadOptions["onKeys"],
): AsyncGenerator<CapturedPacket> {
  if (isPcap(magic)) return readPcap(source);
  if (isPcapng(magic)) return readPcapng(source, onKeys);
  throw captureError({ problem: "unknown", at: 0 });
}
