/**
 * Guesses one after the other: what is still being checked counts as much as what has failed. Who opens many connections, or
 * leaves early, gets no more guesses, whether at one account or from one address.
 *
 * @module
 */
import { ATTEMPTS_KEPT } from "../base/limits.ts";

/** Turns and waits by key: an address or an account. */
export class Penalties {
  /** The last turn taken of each key. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Before these nobody is served: at most {@linkcode ATTEMPTS_KEPT} of them, the oldest are forgotten. */
  readonly #waits = new Map<string, Promise<unknown>>();

  /** Does `work` when all before it with one of these keys are done, and their waits are over. */
  inTurn<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const done = this.#run(keys, keys.map((key) => this.#turns.get(key)), work);
    const turn: Promise<void> = done.then(() => {}, () => {/* its own client is told */}).then(() => {
      for (const key of keys) forget(this.#turns, key, turn);
    });
    for (const key of keys) this.#turns.set(key, turn);
    return done;
  }

  /** A log-in failed: nobody with this key is served before `waited` resolves. */
  failed(key: string, waited: Promise<unknown>): void {
    const wait: Promise<void> = Promise.all([this.#waits.get(key), waited]).then(() => forget(this.#waits, key, wait));
    this.#waits.delete(key);
    this.#waits.set(key, wait);
    for (const oldest of this.#waits.keys()) {
      if (this.#waits.size <= ATTEMPTS_KEPT) break;
      this.#waits.delete(oldest);
    }
  }

  /** Whether there is a wait that is not over. */
  isSuspected(key: string): boolean {
    return this.#waits.has(key);
  }

  /** Keys under suspicion, or with work that is not done. */
  get size(): number {
    return new Set([...this.#turns.keys(), ...this.#waits.keys()]).size;
  }

  async #run<T>(keys: readonly string[], before: readonly unknown[], work: () => Promise<T>): Promise<T> {
    await Promise.all(before);
    await Promise.all(keys.map((key) => this.#waits.get(key)));
    return await work();
  }
}

/** Lets the entry go, unless another one has taken its place. */
function forget(map: Map<string, Promise<unknown>>, key: string, value: Promise<unknown>): void {
  if (map.get(key) === value) map.delete(key);
}
