/**
 * Looking for a line typed before, as Ctrl-R does in a shell.
 *
 * @module
 */

/**
 * One search, newest line first.
 *
 * @example
 * ```ts
 * import { HistorySearch } from "./history_search.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const search = new HistorySearch(["third try", "second", "first try"]);
 * search.type("try");
 * assertEquals(search.match, "third try");
 * search.older();
 * assertEquals(search.match, "first try");
 * ```
 */
export class HistorySearch {
  readonly #history: readonly string[];
  #query = "";
  #at = 0;

  /** @param history Newest first. */
  constructor(history: readonly string[]) {
    this.#history = history;
  }

  get query(): string {
    return this.#query;
  }

  /** The line that was found; `undefined` where there is none. */
  get match(): string | undefined {
    return this.#query === "" ? undefined : this.#history[this.#find(this.#at)];
  }

  /** Looks for more. */
  type(text: string): void {
    this.#query += text;
  }

  /** Looks for one character less, from the newest line on. */
  erase(): void {
    this.#query = [...this.#query].slice(0, -1).join("");
    this.#at = 0;
  }

  /** Goes on to the match before; stays where there is none. */
  older(): void {
    const next = this.#find(this.#find(this.#at) + 1);
    if (next >= 0) this.#at = next;
  }

  #find(from: number): number {
    return this.#history.findIndex((line, at) => at >= from && line.includes(this.#query));
  }
}
