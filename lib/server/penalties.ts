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
  /** Ends the turn that a key has now. */
  readonly #ends = new Map<string, () => void>();
  /** Before these nobody is served: at most {@linkcode ATTEMPTS_KEPT} of them, the oldest are forgotten. */
  readonly #waits = new Map<string, Promise<unknown>>();

  /**
   * Does `work` when its turn has come at each key, one after the other: whoever still waits at the first key does not stand
   * in the queue of the second. So an address with a penalty does not hold up those at other addresses.
   */
  inTurn<T>([key, ...others]: readonly string[], work: () => Promise<T>): Promise<T> {
    if (key === undefined) return work();
    const over = Promise.withResolvers<void>();
    const done = this.#run(key, this.#turns.get(key), () => {
      this.#ends.set(key, over.resolve);
      return this.inTurn(others, work);
    });
    const turn: Promise<void> = Promise.race([over.promise, done.then(() => {}, () => {/* its own client is told */})])
      .then(() => {
        forget(this.#turns, key, turn);
        forget(this.#ends, key, over.resolve);
      });
    this.#turns.set(key, turn);
    return done;
  }

  /** The work whose turn it is at `key` needs it no longer, although it goes on: its penalty is waited out. */
  endTurn(key: string): void {
    this.#ends.get(key)?.();
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

  async #run<T>(key: string, before: Promise<unknown> | undefined, work: () => Promise<T>): Promise<T> {
    await before;
    await this.#waits.get(key);
    return await work();
  }
}

/** Lets the entry go, unless another one has taken its place. */
function forget<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.get(key) === value) map.delete(key);
}
