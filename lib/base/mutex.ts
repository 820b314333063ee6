/**
 * One at a time.
 *
 * @module
 */

/**
 * What only one may hold. Taking it when it is free takes no waiting, not even for a microtask: a write of every echo does.
 *
 * @example
 * ```ts
 * import { Mutex } from "./mutex.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const mutex = new Mutex();
 * const order: string[] = [];
 * mutex.take();
 * const second = mutex.wait().then(() => (order.push("second"), mutex.release()));
 * order.push("first");
 * mutex.release();
 * await second;
 * assertEquals(order, ["first", "second"]);
 * assertEquals(mutex.isHeld, false);
 * ```
 */
export class Mutex {
  #isHeld = false;
  #waiting: (() => void)[] | undefined;

  /** Whether somebody holds it. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes it, where it is free. */
  take(): void {
    this.#isHeld = true;
  }

  /** Resolves when the caller holds it, after all who came before. Only while it is held. */
  wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    (this.#waiting ??= []).push(resolve);
    return promise;
  }

  /** Hands it to the next one. */
  release(): void {
    const next = this.#waiting?.shift();
    if (next === undefined) this.#isHeld = false;
    else next();
  }
}
