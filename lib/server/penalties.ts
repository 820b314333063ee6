/**
 * What failed log-ins cost their address: each waits for its answer, and while an address is under suspicion its clients are
 * answered one after the other, so that leaving early or opening many connections buys no more guesses.
 *
 * @module
 */
import { ATTEMPTS_KEPT } from "../base/limits.ts";

/** Addresses whose log-ins failed, at most {@linkcode ATTEMPTS_KEPT} of them; the oldest are forgotten. */
export class Penalties {
  /** What the next client of an address has to wait for. */
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Does `work` at once, or, for an address under suspicion, when those before it are done and their waits are over. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key);
    if (before === undefined) return work();
    const done = before.then(work);
    this.#turns.set(key, done.catch(() => {/* its own client is told */}));
    return done;
  }

  /** A log-in failed: nobody of the address is answered before `waited` resolves. */
  failed(key: string, waited: Promise<void>): void {
    const before = this.#turns.get(key);
    this.#turns.delete(key);
    this.#turns.set(key, Promise.all([before, waited]));
    if (this.#turns.size <= ATTEMPTS_KEPT) return;
    for (const oldest of this.#turns.keys()) {
      this.#turns.delete(oldest);
      break;
    }
  }

  /** The address is trusted again. */
  clear(key: string): void {
    this.#turns.delete(key);
  }

  /** Addresses under suspicion. */
  get size(): number {
    return this.#turns.size;
  }
}
