/**
 * A line on standard error that tells how long work goes on, where somebody watches.
 *
 * @module
 */
import { environment } from "./environment.ts";
import { writeError } from "./output.ts";
import { terminalWidth } from "./terminal_size.ts";

/** Between two texts, in ms: what changes faster cannot be read. */
const PAUSE = 100;

/** Work that is usually short is told of from here on, in ms. */
export const UNTOLD = 2000;

/** One line that is written over and over; nothing where standard error is no terminal, or cannot be written over. */
export class Progress implements Disposable {
  /** Whether somebody watches. */
  readonly isShown: boolean;
  #width = 0;
  #next: number;

  /** @param options `after`: work shorter than this is done in silence, in ms. `quiet`: nothing is shown. */
  constructor({ after = 0, quiet = false }: { readonly after?: number; readonly quiet?: boolean } = {}) {
    this.isShown = !quiet && Deno.stderr.isTerminal() && environment("TERM") !== "dumb";
    this.#next = performance.now() + after;
  }

  /** Shows a text in place of what was there; what comes too early is left out, and not even made. */
  show(text: () => string): void {
    if (!this.isShown || performance.now() < this.#next) return;
    this.#next = performance.now() + PAUSE;
    const line = text().slice(0, terminalWidth(Deno.stderr) - 1);
    writeError(`\r${line.padEnd(this.#width)}`);
    this.#width = line.length;
  }

  /** Shows what `text` says at each time, until the result is disposed; then nothing of it is left. */
  follow(text: () => string): Disposable {
    const timer = this.isShown ? setInterval(() => this.show(text), PAUSE) : undefined;
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        this.clear();
      },
    };
  }

  /** Leaves nothing behind. */
  [Symbol.dispose](): void {
    this.clear();
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#width > 0) writeError(`\r${" ".repeat(this.#width)}\r`);
    this.#width = 0;
  }
}

/** Whole seconds since a time of `performance.now()`. */
export function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 1000);
}
