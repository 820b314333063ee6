/**
 * A line on standard error that tells how a measurement goes on, where somebody watches.
 *
 * @module
 */
import { environment } from "../../cli/environment.ts";

/** One line that is written over and over. */
export class Progress implements Disposable {
  readonly #isShown = Deno.stderr.isTerminal() && environment("TERM") !== "dumb";
  #width = 0;

  /** Shows `text` in place of what was there. */
  show(text: string): void {
    if (!this.#isShown) return;
    const columns = Deno.consoleSize().columns;
    const line = text.slice(0, columns - 1);
    this.#write(`\r${line.padEnd(this.#width)}`);
    this.#width = line.length;
  }

  /** Leaves nothing behind. */
  [Symbol.dispose](): void {
    this.clear();
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#width > 0) this.#write(`\r${" ".repeat(this.#width)}\r`);
    this.#width = 0;
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}
