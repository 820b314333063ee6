/**
 * What a proxy read, on its way into a capture: each read waits until it is known which of its bytes are secret. Those are
 * written as `*`, so that lengths and positions stay what they were.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import type { BothDirections, Direction } from "../capture/direction.ts";
import type { Range, TraceData, TraceEvent } from "../capture/trace.ts";
import { merged } from "./secret_words.ts";

/** Bytes that may wait; the oldest read is written when there are more. */
const MAX_WAITING = 256 * 1024;

const ASTERISK = 0x2a;

interface MaskOptions {
  /** Secrets that bytes hold whatever they are part of; `isKnown`: all of them have been judged. */
  readonly secretsIn: (bytes: Uint8Array, isKnown: boolean) => readonly Range[];
  readonly take: (event: TraceEvent) => void;
  /** Whether everything is written as it is. */
  readonly showSecrets: boolean;
}

interface Side {
  /** Bytes written. */
  written: number;
  /** Bytes of which all is known. */
  judged: number;
  /** In the order of the stream, counted from its beginning; those already written are gone. */
  secrets: Range[];
}

/** See the module. The events of one connection, in order. */
export class MaskedTrace {
  readonly #options: MaskOptions;
  readonly #sides: BothDirections<Side> = {
    client: { written: 0, judged: 0, secrets: [] },
    server: { written: 0, judged: 0, secrets: [] },
  };
  #waiting: TraceEvent[] = [];
  #size = 0;
  #hidesAll = false;

  constructor(options: MaskOptions) {
    this.#options = options;
  }

  /** Takes an event; the bytes of a read are copied. */
  add(event: TraceEvent): void {
    if (this.#options.showSecrets) return this.#options.take(event);
    if (event.kind !== "data") this.#waiting.push(event);
    else {
      this.#waiting.push({ ...event, bytes: event.bytes.slice() });
      this.#size += event.bytes.length;
    }
    this.#flush();
  }

  /** `size` more bytes of a side are known; what of them is secret. */
  judge(direction: Direction, size: number, secrets: readonly Range[]): void {
    const side = this.#sides[direction];
    side.secrets.push(...secrets.map(([from, to]): Range => [side.judged + from, side.judged + to]));
    side.judged += size;
    this.#flush();
  }

  /** Bytes are missing, and so many were judged in their place. */
  gap(direction: Direction, size: number): void {
    this.end();
    this.#sides[direction].written += size;
  }

  /** From here on nobody knows what is secret. */
  hideAll(): void {
    this.#hidesAll = true;
    this.end();
  }

  /** Writes what still waits: nothing more will be known of it. */
  end(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) this.#write(first);
  }

  #flush(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const isKnown = first.kind !== "data" || this.#hidesAll ||
        this.#sides[first.from].written + first.bytes.length <= this.#sides[first.from].judged;
      if (!isKnown && this.#size <= MAX_WAITING) return;
      this.#write(first);
    }
  }

  #write(event: TraceEvent): void {
    if (event.kind === "data") this.#options.take(this.#masked(event));
    else this.#options.take(event);
    this.#waiting.shift();
  }

  #masked(event: TraceData): TraceData {
    const { bytes, from } = event;
    const { length } = bytes;
    const side = this.#sides[from];
    const start = side.written;
    const end = side.written += length;
    this.#size -= length;
    const known = side.secrets.map(([a, b]): Range => [a - start, b - start]);
    // Also what goes on in the next read.
    const next = this.#waiting.find((other) => other !== event && other.kind === "data" && other.from === from);
    const together = next?.kind === "data" ? concat(bytes, next.bytes) : bytes;
    const found = this.#options.secretsIn(together, end <= side.judged);
    const all: Range[] = this.#hidesAll ? [[0, length]] : [...known, ...found];
    side.secrets = all.filter(([, b]) => b > length).map(([a, b]): Range => [start + Math.max(a, length), start + b]);
    return maskedData(event, within(all, bytes));
  }
}

/** A read without what is secret, which stays as long as it is. @param masked In order, and apart from each other. */
export function maskedData(data: TraceData, masked: readonly Range[]): TraceData {
  if (masked.length === 0) return data;
  const bytes = data.bytes.slice();
  for (const [from, to] of masked) bytes.fill(ASTERISK, from, to);
  return { ...data, bytes, masked };
}

/** Ranges in order, cut to the bytes, and apart from each other. */
function within(ranges: readonly Range[], { length }: Uint8Array): Range[] {
  return merged(ranges.map(([from, to]): Range => [Math.max(0, from), Math.min(length, to)]).filter(([a, b]) => a < b));
}
