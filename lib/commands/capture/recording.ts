/**
 * The tools' own capture format: JSON Lines, made to be read by people and programs alike. docs/explain.md describes it.
 *
 * @module
 */
import { utf8 } from "../../base/bytes.ts";
import type { ByteSource } from "./byte_source.ts";
import { captureError } from "./capture_error.ts";
import type { Direction } from "./direction.ts";
import type { OutputFile } from "./output_file.ts";
import { ENDINGS, type Range, type TraceEvent, type TraceSink } from "./trace.ts";

/** What a recording's first line has under `record`, and its version. */
const FORMAT = "echo-client";
const VERSION = 1;

/** Longest line, in bytes: a read of 64 KiB takes 88 KiB. */
const MAX_LINE = 1024 * 1024;

/** What is told of a recording as a whole. */
interface RecordingHead {
  readonly target: string;
  /** `auto` where it was to be found out. */
  readonly framing: string;
  readonly program: string;
}

/** A trace as a recording. Throws what its file throws: `cannot_write`. */
export class RecordingSink implements TraceSink {
  readonly #file: OutputFile;

  constructor(file: OutputFile, head: RecordingHead) {
    this.#file = file;
    this.#line({ record: FORMAT, version: VERSION, ...head });
  }

  take(event: TraceEvent): void {
    const { kind, connection, at } = event;
    // Microseconds, without the noise of binary fractions.
    const moment = { event: kind, connection, at: Number(at.toFixed(3)) };
    switch (event.kind) {
      case "open": {
        const { transport, client, server, connectMs } = event;
        return this.#line({ ...moment, transport, client, server, connect_ms: connectMs });
      }
      case "data": {
        const masked = event.masked.length === 0 ? {} : { masked: event.masked };
        return this.#line({ ...moment, from: event.from, data: event.bytes.toBase64(), ...masked });
      }
      case "end":
        return this.#line({ ...moment, from: event.from, how: event.how });
      case "close":
        return this.#line(moment);
    }
  }

  close(): void {
    this.#file.close();
  }

  #line(value: unknown): void {
    this.#file.write(utf8(`${JSON.stringify(value)}\n`));
  }
}

/** Whether a file that begins with these bytes may be a recording. */
export function isRecording(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b;
}

/**
 * The events of a recording.
 *
 * @throws {ProtocolError} `bad_capture`, with the line that is wrong.
 */
export async function* readRecording(source: ByteSource): AsyncGenerator<TraceEvent> {
  let number = 0;
  for (let line = await source.line(MAX_LINE); line !== undefined; line = await source.line(MAX_LINE)) {
    number++;
    const fault = (): Error => captureError({ problem: "damaged_line", at: number });
    const value = objectIn(line);
    if (value === undefined) throw fault();
    if (number === 1) {
      if (value.record !== FORMAT) throw captureError({ problem: "unknown", at: 0 });
      if (value.version !== VERSION) throw captureError({ problem: "version", at: 0 });
      continue;
    }
    const event = eventFrom(value);
    if (event === undefined) throw fault();
    yield event;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function objectIn(line: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function eventFrom(fields: Fields): TraceEvent | undefined {
  const { event, connection, at, from, client, server, how, data, transport } = fields;
  if (!isCount(connection) || typeof at !== "number" || !Number.isFinite(at)) return undefined;
  const moment = { connection, at };
  if (event === "close") return { kind: "close", ...moment };
  if (event === "open") {
    if (typeof client !== "string" || typeof server !== "string") return undefined;
    const connectMs = typeof fields.connect_ms === "number" ? fields.connect_ms : null;
    return { kind: "open", ...moment, transport: transport === "udp" ? "udp" : "tcp", client, server, connectMs };
  }
  if (!isDirection(from)) return undefined;
  if (event === "end") {
    const found = ENDINGS.find((known) => known === how);
    return found === undefined ? undefined : { kind: "end", ...moment, from, how: found };
  }
  const bytes = event === "data" && typeof data === "string" ? bytesIn(data) : undefined;
  const masked = rangesIn(fields.masked, bytes?.length ?? 0);
  return bytes === undefined || masked === undefined ? undefined : { kind: "data", ...moment, from, bytes, masked };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isDirection(value: unknown): value is Direction {
  return value === "client" || value === "server";
}

function bytesIn(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    return undefined;
  }
}

function rangesIn(value: unknown, length: number): Range[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const ranges: Range[] = [];
  for (const range of value) {
    const [from, to]: unknown[] = Array.isArray(range) ? range : [];
    if (typeof from !== "number" || typeof to !== "number" || !(0 <= from && from <= to && to <= length)) {
      return undefined;
    }
    ranges.push([from, to]);
  }
  return ranges;
}
