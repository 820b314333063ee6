/**
 * Programs that take their time on purpose: they sleep before they answer, and say nothing meanwhile.
 *
 * @module
 */
import { sleepers } from "./processes.ts";

/** Longest sleep that is waited for, in ms. */
export const LONGEST_PAUSE = 4000;

/** Times that a thread goes to sleep again without a word; one that does more often looks at something in turns. */
const MOST_TURNS = 4;

/** The pauses of one program. Where they are known to say nothing they are not waited for. */
export class Pauses {
  readonly #pids: () => Promise<readonly number[]>;
  #areTelling = true;

  private constructor(pids: () => Promise<readonly number[]>) {
    this.#pids = pids;
  }

  /** Those of a program to which nobody has spoken yet: who sleeps already does so whatever is said. */
  static async of(pids: () => Promise<readonly number[]>): Promise<Pauses> {
    const pauses = new Pauses(pids);
    pauses.#areTelling = !await pauses.next().isSleeping();
    return pauses;
  }

  /** The pause that it may be in now. */
  next(): { isSleeping(): Promise<boolean>; wasInVain(): void } {
    let [turns, before] = [0, ""];
    return {
      isSleeping: async () => {
        const now = this.#areTelling ? sleepers(await this.#pids(), LONGEST_PAUSE) : "";
        if (before !== "" && now !== "" && now !== before) turns++;
        before = now;
        if (turns > MOST_TURNS) this.#areTelling = false;
        return now !== "" && this.#areTelling;
      },
      wasInVain: () => {
        this.#areTelling = false;
      },
    };
  }
}
