/**
 * From the reads of one connection to events, in the order of the reads.
 *
 * What comes first is held back for a moment: who speaks first, whether it is TLS, which framing it is, and whether the
 * server greets, decides how it is read. No byte waits for that, only its explanation.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import type { Framing } from "../../framing/framing.ts";
import { DialogueReader, type Explained } from "./dialogue.ts";
import type { EndEvent, Meaning, WireEvent } from "./events.ts";
import { guessFraming, impressionOf } from "../../net/sniff.ts";
import type { Range } from "../capture/trace.ts";
import { byteView } from "./byte_view.ts";
import { type BothDirections, type Direction, opposite } from "../capture/direction.ts";
import { merged } from "./secret_words.ts";
import { type FoundFrame, type FoundProblem, type ReadResult, StreamReader } from "./stream.ts";
import { opensTls, recordName, TLS_RECORDS } from "../../net/tls_records.ts";

/** First bytes of a connection that may wait to be explained, in bytes; they wait `GREETING_WAIT` at most. */
const MAX_HELD = 64 * 1024;

/**
 * Up to so many bytes each read is a reason to look at all of them once more; from there on only twice as many are. To
 * look at each of many small reads would take the square of the time.
 */
const LOOKED_AT_EACH = 1024;

/** Frames that are told of in one step: a third of a MiB of lines. A read may hold 64 Ki of them, and 21 MiB. */
const TOLD_AT_ONCE = 1024;

/** How to look at a connection. */
export interface ObserverOptions {
  readonly connection: number;
  /** `undefined`: to be found out. */
  readonly framing: Framing | undefined;
  /** Largest payload taken for one, in bytes. */
  readonly maxFrame: number;
  /** Payload bytes of each frame to show. */
  readonly most: number;
  readonly showSecrets: boolean;
  /** Whether it had begun before anything of it was seen. */
  readonly isMidway?: boolean | undefined;
  /** Takes each event; in order, and not later than the call that it belongs to, but for what is held back. */
  readonly emit: (event: WireEvent) => void;
  /** Is told, in order, how many more bytes of a direction are explained, and which of them are secret. */
  readonly judged?: ((direction: Direction, size: number, secrets: readonly Range[]) => void) | undefined;
}

/** A read whose explanation waits. */
interface Held {
  readonly direction: Direction;
  readonly chunk: Uint8Array;
  readonly at: number;
}

/** A read, taken apart. */
interface Taken {
  readonly direction: Direction;
  readonly bytes: number;
  readonly at: number;
  readonly result: ReadResult;
}

/** See the module. Times are ms since the connection was accepted. */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #dialogue: DialogueReader;
  readonly #streams: BothDirections<StreamReader>;
  /** Bytes of each side that have been told. */
  readonly #told = { client: 0, server: 0 };
  #held: Held[] | undefined = [];
  #heldBytes = 0;
  readonly #speakers = new Set<Direction>();
  /** So many have to be held before they are looked at again. */
  #enough = 0;
  #isTls = false;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#dialogue = new DialogueReader(options);
    const stream = (): StreamReader =>
      new StreamReader({ framing: options.framing ?? TLS_RECORDS, maxFrame: options.maxFrame, kept: options.most });
    this.#streams = { client: stream(), server: stream() };
  }

  /** Whether something waits to be explained: {@linkcode Observer.settle} ends that. */
  get isHolding(): boolean {
    return this.#held !== undefined && this.#held.length > 0;
  }

  /** Bytes, reads and whole frames of a side so far. */
  totals(direction: Direction): StreamReader["totals"] {
    return this.#streams[direction].totals;
  }

  /**
   * A read brought these bytes; they may be changed once this has ended. Each step tells of {@linkcode TOLD_AT_ONCE} frames;
   * nothing else may be called before the last one.
   */
  *read(direction: Direction, chunk: Uint8Array, at: number): Generator<void> {
    if (!this.#isTls) this.#dialogue.sees(direction, chunk);
    if (this.#held === undefined) return yield* this.#tell([this.#take({ direction, chunk, at })]);
    const isFirst = !this.#speakers.has(direction);
    this.#speakers.add(direction);
    this.#held.push({ direction, chunk: chunk.slice(), at });
    this.#heldBytes += chunk.length;
    if (!isFirst && this.#heldBytes < this.#enough) return;
    this.#enough = this.#heldBytes < LOOKED_AT_EACH ? 0 : Math.min(2 * this.#heldBytes, MAX_HELD + 1);
    yield* this.#settle(this.#heldBytes > MAX_HELD);
  }

  /** What comes next is the beginning after all. */
  begin(): void {
    this.#dialogue.begin();
  }

  /** Secrets that bytes hold whatever they are part of; all of it, where it is not known and may be a log-in. */
  secretsIn(bytes: Uint8Array, isKnown: boolean): readonly Range[] {
    const hidesAll = !isKnown && this.#dialogue.hidesUnknown;
    return hidesAll ? [[0, bytes.length]] : this.#dialogue.returningIn(bytes);
  }

  /** Explains what was held back: nothing more is waited for. */
  settle(): void {
    for (const _step of this.#settle(true));
  }

  /** Bytes of a side are missing from the capture; returns how many bytes of frames took their place. */
  gap(direction: Direction, size: number, at: number): number {
    this.settle();
    const { frame, filled } = this.#streams[direction].gap(size);
    this.#dialogue.gap(direction, filled);
    if (frame !== undefined) this.#tellFrame(direction, frame, { at, explained: undefined });
    return filled;
  }

  /** A side's direction is over. */
  end(direction: Direction, kind: EndEvent["kind"], at: number): void {
    this.settle();
    const frame = this.#streams[direction].end();
    if (frame !== undefined) this.#tellFrame(direction, frame, { at, explained: undefined });
    const { bytes, reads, frames } = this.totals(direction);
    this.#options.emit({ event: "end", ...this.#moment(at), from: direction, kind, bytes, reads, frames });
  }

  *#settle(isLast: boolean): Generator<void> {
    const held = this.#held;
    const speaker = held?.[0]?.direction;
    if (held === undefined || speaker === undefined) return;
    const said = concat(...held.filter(({ direction }) => direction === speaker).map(({ chunk }) => chunk));
    const isAnswered = held.some(({ direction }) => direction !== speaker);
    const tls = opensTls(said);
    const framing = this.#options.framing ??
      guessFraming(said, { maxFrame: this.#options.maxFrame, isLast: isLast || isAnswered });
    const isClear = tls !== undefined && framing !== undefined && (speaker === "server" || this.#hasAnswer(framing));
    if (!isClear && !isLast && tls !== true) return;
    this.#held = undefined;
    this.#isTls = tls === true;
    for (const direction of [speaker, opposite(speaker)]) {
      if (this.#isTls) this.#streams[direction].framing = TLS_RECORDS;
      else if (this.#options.framing === undefined && framing !== undefined) this.#streams[direction].framing = framing;
    }
    yield* this.#tell(held.map((read) => this.#take(read)));
  }

  /** Whether the server, who was spoken to, has said its first message whole: it may be a greeting. */
  #hasAnswer(framing: Framing): boolean {
    const answer = concat(
      ...this.#held?.filter(({ direction }) => direction === "server").map(({ chunk }) => chunk) ?? [],
    );
    const scanner = framing.scanner(this.#options.maxFrame);
    scanner.step(answer, 0, answer.length);
    return answer.length > 0 && (!framing.hasBoundaries || scanner.complete || scanner.error !== undefined);
  }

  #take({ direction, chunk, at }: Held): Taken {
    return { direction, bytes: chunk.length, at, result: this.#streams[direction].read(chunk) };
  }

  *#tell(reads: readonly Taken[]): Generator<void> {
    const early = this.#greeting(reads);
    const earlyFor = (direction: Direction, { frame }: FoundFrame): Explained | undefined =>
      direction === "server" && frame === early?.frame ? early.explained : undefined;
    for (const { direction, bytes, at, result } of reads) {
      const { read, framing, parts, moreFrames, found } = result;
      this.#options.emit({
        ...{ event: "read", ...this.#moment(at), from: direction, read, bytes },
        ...{ framing: framing.name, parts, more_frames: moreFrames },
      });
      let told = 0;
      for (const it of found) {
        if (it.kind === "problem") this.#tellProblem(direction, it, at);
        else this.#tellFrame(direction, it, { at, explained: earlyFor(direction, it) });
        if (++told % TOLD_AT_ONCE === 0) yield;
      }
    }
  }

  /**
   * What the client said before the greeting came through here, it said to a server that greets: the greeting is
   * understood first, or a password sent with the name would be shown.
   */
  #greeting(reads: readonly Taken[]): { readonly frame: number; readonly explained: Explained } | undefined {
    if (reads.length < 2 || this.#isTls || !this.#dialogue.awaitsGreeting) return undefined;
    const greeting = firstFrame(reads, "server");
    if (greeting === undefined) return undefined;
    const said = firstFrame(reads, "client");
    if (said !== undefined) this.#dialogue.heard(said.payload);
    return { frame: greeting.frame, explained: this.#explain("server", greeting) };
  }

  #explain(direction: Direction, { payload, framing }: FoundFrame): Explained {
    return this.#dialogue.explain(direction, payload, !framing.hasBoundaries);
  }

  #tellFrame(
    direction: Direction,
    found: FoundFrame,
    { at, explained }: { readonly at: number; readonly explained: Explained | undefined },
  ): void {
    const { frame, framing, header, length, payload, trailer, reads, complete, received } = found;
    const isTls = framing === TLS_RECORDS;
    const isBlind = !isTls && this.#dialogue.isBlind;
    const { meanings, secrets: own } = explained ?? (isTls ? tlsRecord(found) : this.#explain(direction, found));
    const start = this.#told[direction];
    const size = header.length + received + trailer.length;
    this.#told[direction] += size;
    const others = isTls ? [] : this.#dialogue.othersIn(direction, [start, start + size]);
    // Where the end of what was looked at is secret, so is what follows it in the same payload.
    const all = isBlind ? [[0, size] as const] : merged([
      ...own.map(([from, to]): Range => [header.length + from, header.length + (to >= payload.length ? received : to)]),
      ...others,
    ]);
    this.#options.judged?.(direction, size, all);
    const hidden = (part: Uint8Array, at: number): { secrets: Range[] } => ({
      secrets: all.map(([from, to]): Range => [Math.max(0, from - at), Math.min(part.length, to - at)])
        .filter(([from, to]) => from < to),
    });
    const { secrets } = isBlind ? { secrets: own } : hidden(payload, header.length);
    this.#options.emit({
      ...{ event: "frame", ...this.#moment(at), from: direction, frame, framing: framing.name },
      header: byteView(header, {
        ...hidden(header, 0),
        most: header.length,
        isText: !isTls && !BINARY.test(framing.name),
      }),
      length,
      payload: byteView(payload, {
        ...{ total: received, most: this.#options.most, secrets, isText: !isTls },
        ...meanings.length > 0 ? { mostText: payload.length } : {},
      }),
      trailer: byteView(trailer, { ...hidden(trailer, header.length + received), most: trailer.length }),
      ...{ reads, complete, meanings },
    });
  }

  #tellProblem(direction: Direction, { code, length, bytes, framing }: FoundProblem, at: number): void {
    const header = bytes.subarray(0, headerWidth(framing.name) ?? PROBLEM_SHOWN);
    const start = this.#told[direction];
    const secrets = this.#dialogue.hidesUnknown
      ? [[0, header.length] as const]
      : merged(this.#dialogue.othersIn(direction, [start, start + header.length]));
    this.#options.emit({
      ...{ event: "problem", ...this.#moment(at), from: direction, code, length },
      header: byteView(header, { most: header.length, secrets }),
      ...impressionOf(bytes, this.#options.maxFrame),
    });
  }

  #moment(at: number): { connection: number; at_ms: number } {
    return { connection: this.#options.connection, at_ms: Math.round(at * 1000) / 1000 };
  }
}

/** The first frame that a side's reads brought. */
function firstFrame(reads: readonly Taken[], wanted: Direction): FoundFrame | undefined {
  for (const { direction, result } of reads) {
    if (direction !== wanted) continue;
    for (const it of result.found) if (it.kind === "frame") return it;
  }
  return undefined;
}

/** Headers that are no text. */
const BINARY = /^u\d/;

/** Bytes that are shown where a header of no fixed width is wrong: no more, as something secret may follow. */
const PROBLEM_SHOWN = 8;

/** The size of a framing's header in bytes, where it has one. */
function headerWidth(name: string): number | undefined {
  const [, bits, width] = /^(?:u(\d+)(?:le)?|(?:dec|hex):(\d+))$/.exec(name) ?? [];
  return bits !== undefined ? Number(bits) / 8 : width !== undefined ? Number(width) : undefined;
}

function tlsRecord({ header, payload }: FoundFrame): { meanings: readonly Meaning[]; secrets: readonly Range[] } {
  return {
    meanings: [{ id: "tls_record", fields: [{ key: "type", value: recordName(header, payload) }] }],
    secrets: [],
  };
}
