/**
 * Keeps garbage from piling up in the heap of a thread.
 *
 * V8 moves what lives through two of its small collections to its old space, and looks there for garbage only when that has
 * grown to four times what was in use: from 10.7 to 43 MiB in a thread that does little. A client whose registration waits for
 * the disk lives that long, and leaves 10 KiB in the main thread of `--workers` and as much in the worker.
 *
 * Measured with `--workers 2 --engine io_uring`: 1,300 strangers that register, 50 at a time, left 153 MiB (VmHWM), 5,000 left
 * 179. With this it is 136 and 140. A collection takes 10 to 30 ms, on two busy cores;
 * log-ins of 16 clients at once take 7 % more processor time (four pairs, 6.75 and 7.23 ms at the median).
 *
 * @module
 */

/** Things that end until it is worth to look. Looking takes 20 µs. */
const SOME = 50;

/** What the heap may grow by until it is collected, in bytes, and as a part of what was in use: a collection looks at all of it. */
const GROWTH = 2 * 1024 ** 2;
const PART = 1 / 5;

/** `gc` of V8's `--expose-gc`, which the compiled server has. */
type Collect = (options: { readonly type: "major"; readonly execution: "async" }) => Promise<void>;

/** What a {@linkcode HeapKeeper} works with: other things in tests. */
export interface Heap {
  /** Bytes in use, garbage too. */
  readonly used: () => number;
  /** Resolves when the garbage is gone. */
  readonly collect: () => Promise<void>;
}

/** See the module. Does nothing where the program cannot collect. */
export class HeapKeeper {
  readonly #heap: Heap | undefined;
  #ended = 0;
  /** In use when it was least, or behind the last collection. */
  #base: number;
  #isCollecting = false;

  constructor(heap: Heap | undefined = ownHeap()) {
    this.#heap = heap;
    this.#base = heap?.used() ?? 0;
  }

  /** Something that has lived for a while is over, such as a connection. */
  ended(): void {
    if (this.#heap === undefined || ++this.#ended < SOME || this.#isCollecting) return;
    this.#ended = 0;
    const used = this.#heap.used();
    this.#base = Math.min(this.#base, used);
    if (used - this.#base > Math.max(GROWTH, this.#base * PART)) void this.#collect(this.#heap);
  }

  async #collect({ used, collect }: Heap): Promise<void> {
    this.#isCollecting = true;
    await collect();
    this.#base = used();
    this.#isCollecting = false;
  }
}

/** The heap of this thread. */
function ownHeap(): Heap | undefined {
  const { gc } = globalThis as { readonly gc?: Collect };
  if (gc === undefined) return undefined;
  return { used: () => Deno.memoryUsage().heapUsed, collect: () => gc({ type: "major", execution: "async" }) };
}
