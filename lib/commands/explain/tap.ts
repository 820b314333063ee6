/**
 * One connection on its way into the explanation and into captures. Whatever happens there, it throws nothing.
 *
 * @module
 */
import { escapeText } from "../../base/text.ts";
import type { Direction } from "../capture/direction.ts";
import type { TraceEvent } from "../capture/trace.ts";
import type { EndEvent, WireEvent } from "./events.ts";
import type { KeyLog } from "./key_log.ts";
import { MaskedTrace } from "./masked_trace.ts";
import { Observer, type ObserverOptions } from "./observer.ts";
import { type Plain, TlsReader } from "./tls_reader.ts";

export interface TapOptions extends Omit<ObserverOptions, "connection" | "emit" | "judged"> {
  /** Takes each event; what it throws does not touch the bytes. */
  readonly onEvent: (event: WireEvent) => void;
  /** Takes what passes, with what is secret masked, for a capture. */
  readonly onTrace?: ((event: TraceEvent) => void) | undefined;
  /** What is inside of TLS is explained where this has the keys. */
  readonly keyLog?: KeyLog | undefined;
}

/** See the module. Times are ms since the connection began. */
export class Tap {
  readonly #connection: number;
  readonly #began: number;
  readonly #onEvent: (event: WireEvent) => void;
  readonly #observer: Observer;
  readonly #trace: MaskedTrace | undefined;
  readonly #tls: TlsReader | undefined;
  #isTls = false;
  readonly #bytes = { client: 0, server: 0 };
  #at = 0;
  #hasFailed = false;

  /** @param began Ms since 1970. */
  constructor(connection: number, { began, options }: { readonly began: number; readonly options: TapOptions }) {
    const { onTrace: take, onEvent: emit, showSecrets } = options;
    this.#connection = connection;
    this.#began = began;
    this.#onEvent = emit;
    this.#tls = options.keyLog === undefined ? undefined : new TlsReader(options.keyLog);
    const trace = this.#trace = take === undefined ? undefined : new MaskedTrace({
      ...{ take, showSecrets },
      secretsIn: (bytes, isKnown) => this.#observer.secretsIn(bytes, isKnown),
    });
    this.#observer = new Observer({
      ...{ ...options, connection, emit },
      judged: (direction, size, secrets) => trace?.judge(direction, size, secrets),
    });
  }

  /** Whether something waits to be explained: {@linkcode Tap.settle} ends that. */
  get isHolding(): boolean {
    return this.#observer.isHolding;
  }

  /** Explains what was held back. */
  settle(): void {
    this.#safely(() => this.#observer.settle());
  }

  /** Passes an event on to the captures as it is. */
  trace(event: TraceEvent): void {
    this.#trace?.add(event);
  }

  /** A read brought these bytes; as {@linkcode Observer.read}. */
  *read(direction: Direction, chunk: Uint8Array, at: number): Generator<void> {
    this.#bytes[direction] += chunk.length;
    if (this.#tls === undefined) yield* this.#look({ from: direction, bytes: chunk }, at);
    else yield* this.#plain((reader) => reader.take(direction, chunk), at);
  }

  /** Bytes of a side are missing. */
  gap(direction: Direction, size: number, at: number): void {
    this.#safely(() => {
      const filled = this.#observer.gap(direction, size, at);
      this.#trace?.gap(direction, filled);
    });
  }

  /** A side's direction is over. */
  end(direction: Direction, kind: EndEvent["kind"], at: number): void {
    for (const _step of this.#plain((reader) => reader.end(), at));
    this.#safely(() => this.#observer.end(direction, kind, at));
    this.trace({ kind: "end", ...this.#moment(at), from: direction, how: kind });
  }

  /** The connection is over. @param bytes Of each side; default: those it read. */
  closed(at: number, bytes: Readonly<Record<Direction, number>> = this.#bytes): void {
    const { client: client_bytes, server: server_bytes } = bytes;
    const moment = { connection: this.#connection, at_ms: rounded(at) };
    this.#safely(() => this.#onEvent({ event: "close", ...moment, client_bytes, server_bytes }), true);
    this.#trace?.end();
    this.trace({ kind: "close", ...this.#moment(at) });
  }

  *#look({ from, bytes }: Plain, at: number): Generator<void> {
    this.trace({ kind: "data", ...this.#moment(at), from, bytes, masked: [] });
    const steps = this.#observer.read(from, bytes, at);
    let isOver = false;
    for (;;) {
      this.#safely(() => isOver = steps.next().done === true);
      if (isOver || this.#hasFailed) return;
      yield;
    }
  }

  /** What a reader of TLS has by now. */
  *#plain(read: (reader: TlsReader) => Plain[], at: number): Generator<void> {
    const tls = this.#tls;
    if (tls === undefined) return;
    let plain: Plain[] = [];
    this.#safely(() => {
      plain = read(tls);
      if (!this.#isTls && tls.agreed !== undefined) {
        this.#isTls = true;
        this.#observer.begin();
        const { version, cipher } = tls.agreed;
        this.#onEvent({ event: "tls", connection: this.#connection, at_ms: rounded(at), version, cipher });
      }
    });
    for (const piece of plain) yield* this.#look(piece, at);
  }

  #moment(at: number): { connection: number; at: number } {
    this.#at = at;
    return { connection: this.#connection, at: this.#began + at };
  }

  /** After a failure of the analysis nothing more of this connection is analyzed. */
  #safely(look: () => void, isPlain = false): void {
    if (this.#hasFailed && !isPlain) return;
    try {
      look();
    } catch (error) {
      this.#hasFailed = true;
      this.#trace?.hideAll();
      const reason = escapeText(error instanceof Error ? error.message : String(error));
      try {
        this.#onEvent({ event: "failed", connection: this.#connection, at_ms: rounded(this.#at), reason });
      } catch {
        // Whoever takes events fails at this one, too: there is nobody left to tell.
      }
    }
  }
}

/** Ms, to the microsecond. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
