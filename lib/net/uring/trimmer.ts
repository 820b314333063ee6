/**
 * Gives memory back to the system once a ring has little to do.
 *
 * Of 15,000 connections that came 6 to 8 MiB were left over in the allocator, 0.5 KiB each, most of it the compiler's; of
 * 2,000 that were busy once, 5 KiB each in large buffers.
 *
 * @module
 */
import type { BufferGroup } from "./buffers.ts";
import type { Libc } from "./libc.ts";

/** Operations after which something is given back: some hundred connections, or large frames. */
const SOME = 1000;

/** Operations within {@linkcode LATER} that show that much is going on: nothing is given back then. */
const MUCH = 10_000;

/** Operations after which it is worth to look again. */
const LITTLE = 100;

/** How long after the first idle moment, in ms; and after that, when large buffers have been given back as well. */
const SOON = 500;
const LATER = 4000;

/** What a {@linkcode Trimmer} knows of its ring. */
interface Trimmed {
  readonly libc: Libc;
  readonly buffers: BufferGroup;
  /** Operations begun so far. */
  readonly begun: number;
  /** Whether the kernel has completed something that nobody has been told of. */
  readonly hasCompletions: boolean;
}

export class Trimmer implements AsyncDisposable {
  readonly #ring: Trimmed;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #trimmedAt = 0;
  #trimming: Promise<void> | undefined;

  constructor(ring: Trimmed) {
    this.#ring = ring;
  }

  /** To be called when there is nothing to do. */
  idle(): void {
    if (this.#timer === undefined && this.#ring.begun - this.#trimmedAt >= SOME) this.#trimIn(SOON);
  }

  /** Resolves when nothing is called any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#trimming;
  }

  #trimIn(ms: number): void {
    const { libc, buffers, begun } = this.#ring;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#trimmedAt = this.#ring.begun;
      const since = this.#ring.begun - begun;
      if (since < MUCH) {
        if (!this.#ring.hasCompletions) buffers.trim(libc);
        // 15 ms, on another thread.
        this.#trimming = libc.trimMemory();
      }
      if (since > LITTLE || ms === SOON) this.#trimIn(LATER);
    }, ms);
    Deno.unrefTimer(this.#timer);
  }
}
