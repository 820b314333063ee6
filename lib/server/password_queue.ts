/**
 * PBKDF2 on the server: one run at a time, so that log-ins cannot take all cores, and few waiting.
 *
 * @module
 */
import { checkPassword, makeVerifier, type Verifier } from "../auth/verifier.ts";
import { PASSWORD_QUEUE, SALT_BYTES, SCRAM_ITERATIONS } from "../base/limits.ts";
import type { PasswordService } from "../protocol/server_dialogue.ts";

/** See the module. */
export class PasswordQueue implements PasswordService {
  readonly #iterations: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @param iterations Rounds of new verifiers. */
  constructor(iterations: number = SCRAM_ITERATIONS) {
    this.#iterations = iterations;
  }

  /** Runs under way or waiting. */
  get length(): number {
    return this.#waiting;
  }

  check(password: string, verifier: Verifier): Promise<boolean | "busy"> {
    return this.#run(() => checkPassword(password, verifier));
  }

  make(password: string): Promise<Verifier | "busy"> {
    const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
    return this.#run(() => makeVerifier(password, { salt, iterations: this.#iterations }));
  }

  async #run<T>(work: () => Promise<T>): Promise<T | "busy"> {
    // The one that runs is no longer waiting.
    if (this.#waiting > PASSWORD_QUEUE) return "busy";
    this.#waiting++;
    const done = this.#last.then(work);
    this.#last = done.catch(() => {/* its caller is told; the next one runs all the same */});
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }
}
