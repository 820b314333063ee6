/**
 * What is on its way on one connection: when each frame was due, and when it was sent. Frames sent in one go are one
 * entry, so that a window of thousands costs as little to keep as one frame.
 *
 * @module
 */

/** Takes a group of frames that were answered together; times in ms. */
export type Answered = (count: number, sentAt: number, dueAt: number) => void;

/**
 * A queue of numbers in groups of {@linkcode SendLog}'s three, without an object for each.
 *
 * @example
 * ```ts
 * import { SendLog } from "./send_log.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const log = new SendLog();
 * log.sent(3, 10, 10);
 * log.sent(1, 12, 11);
 * const answers: number[][] = [];
 * log.answered(2, (...group) => answers.push(group));
 * log.answered(2, (...group) => answers.push(group));
 * assertEquals(answers, [[2, 10, 10], [1, 10, 10], [1, 12, 11]]);
 * assertEquals(log.outstanding, 0);
 * ```
 */
export class SendLog {
  #entries = new Float64Array(3 * 8);
  /** Index of the oldest entry. */
  #head = 0;
  #length = 0;
  #outstanding = 0;

  /** Frames on their way. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Notes `count` frames that were due at `dueAt` and are sent at `sentAt`, in ms. */
  sent(count: number, sentAt: number, dueAt: number): void {
    if (this.#length * 3 === this.#entries.length) this.#grow();
    const at = this.#slot(this.#length++);
    this.#entries[at] = count;
    this.#entries[at + 1] = sentAt;
    this.#entries[at + 2] = dueAt;
    this.#outstanding += count;
  }

  /** Takes the oldest `count` frames off; tells `each` group of them. Not more than are outstanding. */
  answered(count: number, each: Answered): void {
    this.#outstanding -= count;
    while (count > 0) {
      const at = this.#slot(0);
      const [left = 0, sentAt = 0, dueAt = 0] = [this.#entries[at], this.#entries[at + 1], this.#entries[at + 2]];
      const taken = Math.min(left, count);
      each(taken, sentAt, dueAt);
      count -= taken;
      this.#entries[at] = left - taken;
      if (taken < left) return;
      this.#head = (this.#head + 1) % (this.#entries.length / 3);
      this.#length--;
    }
  }

  #slot(index: number): number {
    return (this.#head + index) % (this.#entries.length / 3) * 3;
  }

  #grow(): void {
    const grown = new Float64Array(this.#entries.length * 2);
    const first = this.#entries.subarray(this.#head * 3);
    grown.set(first);
    grown.set(this.#entries.subarray(0, this.#head * 3), first.length);
    this.#entries = grown;
    this.#head = 0;
  }
}
