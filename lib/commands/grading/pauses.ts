/**
 * Programs that take their time on purpose: they sleep before they answer, and say nothing meanwhile.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { areAsleep, sleepers } from "./processes.ts";

/** Longest sleep that is waited for, in ms. */
export const LONGEST_PAUSE = 4000;

/** Times that a thread goes to sleep again without a word; one that does more often looks at something in turns. */
const MOST_TURNS = 4;

/** Longest time in which two turns of a program are looked for, and between two looks at it, in ms. */
const TWO_TURNS = 3000;
const LOOK = 2;

/** Looks one behind the other at which a program that sleeps in turns is not asleep, at most. */
const MOST_AWAKE = 10;

/** The pauses of one program. Where they are known to say nothing they are not waited for. */
export class Pauses {
  readonly #pids: () => Promise<readonly number[]>;
  #areTelling = true;
  #turn = 0;

  private constructor(pids: () => Promise<readonly number[]>) {
    this.#pids = pids;
  }

  /** Those of a program to which nobody has spoken yet: who sleeps already does so whatever is said. */
  static async of(pids: () => Promise<readonly number[]>): Promise<Pauses> {
    const pauses = new Pauses(pids);
    pauses.#areTelling = !await pauses.next().isSleeping();
    if (!pauses.#areTelling) pauses.#turn = await turnOf(await pids());
    return pauses;
  }

  /** How long it sleeps between two looks at its clients, in ms; 0 where it waits for them in another way. */
  get turn(): number {
    return this.#turn;
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

/** How long these processes sleep between two looks at something, in ms, where they do nothing else; otherwise 0. */
async function turnOf(pids: readonly number[]): Promise<number> {
  const ends: number[] = [];
  const begun = performance.now();
  let before = sleepers(pids, LONGEST_PAUSE);
  for (let awake = 0; ends.length < 2 && awake < MOST_AWAKE && performance.now() < begun + TWO_TURNS;) {
    await delay(LOOK);
    awake = areAsleep(pids) ? 0 : awake + 1;
    const now = sleepers(pids, LONGEST_PAUSE);
    if (awake > 0 || now === before) continue;
    before = now;
    ends.push(performance.now());
  }
  const [first, second] = ends;
  return first === undefined || second === undefined ? 0 : second - first;
}
