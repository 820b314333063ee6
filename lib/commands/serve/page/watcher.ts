/**
 * Looks on while a server's bytes pass: how long answers take, and the last frames. It is a wire around the wire, taken
 * where somebody watches; one that nobody watches is left as it is.
 *
 * @module
 */
import { concat } from "../../../base/bytes.ts";
import { tryDecodeUtf8 } from "../../../base/text.ts";
import type { Scanner } from "../../../framing/framing.ts";
import type { EchoSink } from "../../../net/echo_sink.ts";
import type { Wire } from "../../../net/wire.ts";
import type { Seen, SeenFrame, Watch, Watched, WatchOptions, WireState } from "../../../server/watch.ts";
import { ROWS } from "./model.ts";

/** Reads looked at a second, about; what is above costs a counter. */
const SAMPLES = 1000;

/** Bytes of a payload that are kept. */
const SHOWN_BYTES = 64;

/** Watches the connections of one thread. */
export class Watcher implements Watch {
  connections: Iterable<Watched> = [];
  readonly #options: WatchOptions;
  /** Frames that each connection had the last time. */
  #counts = new Map<Watched, number>();
  #times: number[] = [];
  #frames: SeenFrame[] = [];
  /** Reads since the last time, and the bits of their number that are 0 where one is timed. */
  #reads = 0;
  #mask = 0;
  #takenAt = performance.now();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  over(wire: Wire, { peer, ...state }: { readonly peer: string } & WireState): Wire {
    const { framing, maxFrame, frames } = this.#options;
    const reader = frames === 0
      ? undefined
      : new FrameReader(framing.scanner(maxFrame), (shown) => this.#keep({ at: Date.now(), peer, shown }));
    return new WatchedWire(wire, this, { reader, ...state });
  }

  take(): Seen {
    const times = this.#times;
    const frames = this.#frames.slice(-this.#options.frames || this.#frames.length).map(withoutSecret);
    const seconds = Math.max(0.05, (performance.now() - this.#takenAt) / 1000);
    this.#mask = 2 ** Math.max(0, Math.ceil(Math.log2(this.#reads / seconds / SAMPLES || 1))) - 1;
    [this.#times, this.#frames, this.#reads, this.#takenAt] = [[], [], 0, performance.now()];
    return { ...this.#look(), times, frames };
  }

  /** Whether the next read is to be timed. */
  isDue(): boolean {
    return (this.#reads++ & this.#mask) === 0;
  }

  /** A time in ms. */
  took(ms: number): void {
    if (this.#times.length < 4 * SAMPLES) this.#times.push(ms * 1000);
  }

  /** Once a second, however many connections there are: little is made of each, and all of those that are shown. */
  #look(): Pick<Seen, "open" | "connections" | "addresses"> {
    const counts = new Map<Watched, number>();
    const addresses = new Map<string, { name: string | undefined; most: number }>();
    const [active, silent]: [Watched[], Watched[]] = [[], []];
    for (const connection of this.connections) {
      const { peer: { address }, identity, totals: { frames } } = connection;
      (frames > (this.#counts.get(connection) ?? 0) ? active : silent).push(connection);
      counts.set(connection, frames);
      const known = addresses.get(address);
      if (known === undefined) addresses.set(address, { name: identity?.name, most: frames });
      else {
        known.name = identity?.name ?? known.name;
        known.most = Math.max(known.most, frames);
      }
    }
    this.#counts = counts;
    const shown = [...active.reverse(), ...silent.reverse()].slice(0, ROWS);
    const connections = shown.map(({ seen }, at) => ({ ...seen, isActive: at < active.length }));
    return { open: counts.size, connections, addresses };
  }

  #keep(frame: SeenFrame): void {
    const { frames } = this.#options;
    if (this.#frames.push(frame) >= 2 * frames + SAMPLES) this.#frames = this.#frames.slice(-frames);
  }
}

/** Looks on while bytes pass. */
class WatchedWire implements Wire {
  /** Only where the wire can. */
  readonly echo?: NonNullable<Wire["echo"]>;
  readonly #wire: Wire;
  readonly #watch: Watcher;
  readonly #reader: FrameReader | undefined;
  readonly #state: WireState;
  /** When the bytes came that are being answered; 0 where that is not timed. */
  #readAt = 0;

  constructor(
    wire: Wire,
    watch: Watcher,
    { reader, ...state }: { readonly reader: FrameReader | undefined } & WireState,
  ) {
    this.#wire = wire;
    this.#watch = watch;
    this.#reader = reader;
    this.#state = state;
    if (wire.echo !== undefined) this.echo = (sink) => this.#echo(wire, sink);
  }

  read(into: Uint8Array): Promise<number | null> {
    const isDue = this.#watch.isDue();
    // The way of nearly every read: nothing else of the watch is touched.
    if (!isDue && this.#reader === undefined) return this.#wire.read(into);
    // What was on its way while the dialogue went on is taken for a part of it.
    const isOpen = this.#state.isOpen();
    const follows = this.#follows(isDue, isOpen);
    const reading = this.#wire.read(into);
    if (!isDue && !follows) return reading;
    return reading.then((read) => {
      if (isDue && isOpen && read !== null) this.#readAt = performance.now();
      if (follows && read !== null) this.#reader?.read(into.subarray(0, read), isOpen);
      return read;
    });
  }

  write(bytes: Uint8Array): Promise<number> {
    const writing = this.#wire.write(bytes);
    if (this.#readAt === 0) return writing;
    return writing.then((written) => {
      this.#answered();
      return written;
    });
  }

  closeWrite(): Promise<void> {
    return this.#wire.closeWrite();
  }

  close(): void {
    this.#wire.close();
  }

  #echo(wire: Wire, sink: EchoSink): void {
    const received = (bytes: Uint8Array, start: number, end: number): number => {
      const isDue = this.#watch.isDue();
      if (isDue) this.#readAt = performance.now();
      if (this.#follows(isDue, true)) this.#reader?.read(bytes.subarray(start, end), true);
      return sink.received(bytes, start, end);
    };
    const sent = (bytes: number): void => {
      this.#answered();
      sink.sent(bytes);
    };
    const [ended, failed] = [sink.ended.bind(sink), sink.failed.bind(sink)];
    wire.echo?.({ large: sink.large, received, sent, ended, failed });
  }

  /** Whether the frames of the next read are looked at: all of a dialogue, and the rest of one that has begun. */
  #follows(isDue: boolean, isOpen: boolean): boolean {
    if (this.#reader === undefined) return false;
    return !isOpen || this.#reader.hasBegun || (isDue && this.#state.isBetween());
  }

  #answered(): void {
    if (this.#readAt === 0) return;
    this.#watch.took(performance.now() - this.#readAt);
    this.#readAt = 0;
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** Finds the frames in what was read. Those of a dialogue are followed and not told. */
class FrameReader {
  readonly #scanner: Scanner;
  readonly #tell: (shown: SeenFrame["shown"]) => void;
  /** What the scanner left. */
  #rest = NOTHING;
  #begun = NOTHING;
  #length = 0;
  #isSecret = false;
  /** What was said in the dialogue, to know it again where a client says it twice. */
  readonly #said = new Set<number>();

  constructor(scanner: Scanner, tell: (shown: SeenFrame["shown"]) => void) {
    this.#scanner = scanner;
    this.#tell = tell;
  }

  /** Whether a frame that has been looked at goes on. */
  get hasBegun(): boolean {
    return this.#scanner.inFrame || this.#rest.length > 0;
  }

  read(read: Uint8Array, isOpen: boolean): void {
    const bytes = this.#rest.length === 0 ? read : concat(this.#rest, read);
    let at = 0;
    while (at < bytes.length && this.#scanner.error === undefined) {
      const next = this.#scanner.step(bytes, at, bytes.length);
      if (!isOpen) this.#isSecret = true;
      if (next === at) break;
      at = next;
      this.#span(bytes.subarray(this.#scanner.payloadStart, this.#scanner.payloadEnd));
      if (this.#scanner.complete) this.#end(isOpen);
    }
    this.#rest = at < bytes.length && this.#scanner.error === undefined ? bytes.slice(at) : NOTHING;
  }

  #span(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#begun.length < SHOWN_BYTES) {
      this.#begun = concat(this.#begun, bytes.subarray(0, SHOWN_BYTES - this.#begun.length));
    }
  }

  #end(isOpen: boolean): void {
    const [length, bytes] = [this.#length, this.#begun];
    if (!isOpen) this.#said.add(fingerprint(bytes));
    else if (!this.#isSecret) {
      this.#tell(this.#said.has(fingerprint(bytes)) ? undefined : { length, bytes });
    }
    [this.#length, this.#begun, this.#isSecret] = [0, NOTHING, false];
  }
}

/** Texts that may be a password or a token: of a client that takes the echo for a log-in, or that say so themselves. */
const SECRET = /es1\.|^(?:AUTH|REGISTER|LOGOUT|USER)\b|^(?:Yz1|biws)|pass|pwd|парол|token|токен|secret|секрет/i;

function withoutSecret(frame: SeenFrame): SeenFrame {
  const text = frame.shown && tryDecodeUtf8(frame.shown.bytes, { isCut: true });
  return SECRET.test(text ?? "") ? { ...frame, shown: undefined } : frame;
}

/** FNV-1a. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
