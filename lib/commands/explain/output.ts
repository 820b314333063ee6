/**
 * Output that may be slow, beside a wire that must not stand still because of it.
 *
 * Lines wait in memory, up to a bound; then the wire waits with them, for as long as the output moves. Where it does not
 * move at all for a while (Ctrl-S, a pager) the wire goes on, and entries that find no room are left out and counted.
 *
 * @module
 */
import { fileError } from "../../base/system_errors.ts";

/** Output that may wait for a slow terminal or pipe, in bytes; the wire waits for room then … */
const MAX_WAITING = 1024 * 1024;

/** … but no longer than this, in ms, without the output moving at all: from then on what finds no room is left out. */
const OUTPUT_TIMEOUT = 1000;

/** How to put out. */
interface PatientOutputOptions {
  /** The line that tells how many entries were left out. */
  readonly skipped: (entries: number) => string;
  /** Told once when nothing can be written any more. */
  readonly onError: (error: unknown) => void;
  /** Bytes that may wait; default {@linkcode MAX_WAITING}. */
  readonly most?: number;
  /** Longest standstill, in ms; default {@linkcode OUTPUT_TIMEOUT}. */
  readonly patience?: number;
}

/** The size of a piece, in bytes: whoever takes that much now and then moves. */
const PIECE = 64 * 1024;

/** Of pieces that have been written so many are kept for what comes next. */
const SPARES = 16;

/** Lines of one write. */
interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  used: number;
  isFull: boolean;
}

/** One read's worth of lines may go over the bound, but not by more than this factor. */
const BURST = 32;

export class PatientOutput {
  readonly #sink: { write(bytes: Uint8Array): Promise<number> };
  readonly #options: PatientOutputOptions;
  readonly #most: number;
  readonly #patience: number;
  readonly #encoder = new TextEncoder();
  /** Many small lines leave in one write, and need no bytes of their own. */
  readonly #waiting: Piece[] = [];
  readonly #spares: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #skipped = 0;
  #isStuck = false;
  #hasFailed = false;
  #moved = Promise.withResolvers<void>();
  #flushing: Promise<void> | undefined;

  constructor(sink: { write(bytes: Uint8Array): Promise<number> }, options: PatientOutputOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#most = options.most ?? MAX_WAITING;
    this.#patience = options.patience ?? OUTPUT_TIMEOUT;
  }

  /** Adds the lines of an entry; at once. What finds no room is not even made. */
  add(entry: () => readonly string[]): void {
    if (this.#hasFailed) return;
    const isFull = this.#size > (this.#isStuck ? this.#most : BURST * this.#most);
    if (isFull) this.#skipped++;
    else this.#push(entry());
  }

  /** Waits for room, where there is none and the output moves. */
  room(): Promise<void> | undefined {
    return this.#size <= this.#most || this.#isStuck || this.#hasFailed ? undefined : this.#drainedTo(this.#most);
  }

  /** Waits until all is out, or the output stands still. */
  async done(): Promise<void> {
    this.#isStuck = false;
    await this.#drainedTo(0);
  }

  async #drainedTo(size: number): Promise<void> {
    while (this.#size > size && !this.#isStuck && !this.#hasFailed) {
      // Taken first: the first timer of a process can let other tasks run before it returns (seen in Deno 2.9.6).
      const moved = this.#moved.promise;
      const late = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => late.resolve(true), this.#patience);
      const isLate = await Promise.race([late.promise, moved.then(() => false)]);
      clearTimeout(timer);
      if (isLate) this.#isStuck = true;
    }
  }

  #push(lines: readonly string[]): void {
    if (lines.length === 0) return;
    for (let rest = `${lines.join("\n")}\n`; rest !== "";) {
      const piece = this.#roomy();
      const { read, written } = this.#encoder.encodeInto(rest, piece.bytes.subarray(piece.used));
      piece.used += written;
      // The next character would not fit.
      piece.isFull = read < rest.length;
      this.#size += written;
      rest = rest.slice(read);
    }
    this.#flushing ??= this.#flush();
  }

  /** The last piece, or a new one. */
  #roomy(): Piece {
    const last = this.#waiting.at(-1);
    if (last !== undefined && !last.isFull) return last;
    const piece = { bytes: this.#spares.pop() ?? new Uint8Array(PIECE), used: 0, isFull: false };
    this.#waiting.push(piece);
    return piece;
  }

  /** Never rejects. */
  async #flush(): Promise<void> {
    try {
      for (let piece = this.#waiting.shift(); piece !== undefined; piece = this.#waiting.shift()) {
        for (let at = 0; at < piece.used;) {
          const written = await this.#sink.write(piece.bytes.subarray(at, piece.used));
          at += written;
          this.#size -= written;
          this.#progress();
        }
        if (this.#spares.length < SPARES) this.#spares.push(piece.bytes);
      }
    } catch (error) {
      this.#hasFailed = true;
      this.#options.onError(
        error instanceof Deno.errors.BrokenPipe ? error : fileError(error, "write", "standard output"),
      );
      this.#progress();
    }
    this.#flushing = undefined;
  }

  #progress(): void {
    const moved = this.#moved;
    this.#moved = Promise.withResolvers();
    moved.resolve();
    if (this.#size > this.#most / 2 || this.#hasFailed) return;
    this.#isStuck = false;
    if (this.#skipped === 0) return;
    const line = this.#options.skipped(this.#skipped);
    this.#skipped = 0;
    this.#push([line]);
  }
}
