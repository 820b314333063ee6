/**
 * The server's time, kept with its store: what has expired stays so when the clock is set back and the server starts anew.
 *
 * @module
 */
import { type Clocks, SteadyClock } from "../auth/clock.ts";
import type { UserStore } from "../store/store.ts";

/** How far the kept time may lag behind while the server runs, in ms: a server that is killed loses so much. */
const LAG = 600_000;

/** What the clock says is kept once it has said so for this long, in ms: a jump ahead for a moment leaves nothing behind. */
const SETTLED = 10_000;

/** See the module. */
export class KeptClock {
  readonly #clocks: Clocks;
  readonly #clock: SteadyClock;
  readonly #store: Pick<UserStore, "keepTime">;
  #kept = 0;
  /** What the clock said, and when by the steady one. */
  #seen: { readonly now: number; readonly at: number };

  /** Answers the machine's time until {@linkcode KeptClock.keep} was called. */
  constructor(store: Pick<UserStore, "keepTime">, clocks: Clocks) {
    this.#clocks = clocks;
    this.#clock = new SteadyClock(clocks);
    this.#store = store;
    this.#seen = { now: this.#clock.now(), at: clocks.steady() };
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#clock.now();

  /** Looks at the clock, and keeps the time where it is due. To be called every second or so. */
  async look(): Promise<void> {
    if (this.#clocks.steady() - this.#seen.at < SETTLED) return;
    if (this.#settled() >= this.#kept + LAG) await this.keep();
    this.#seen = { now: this.now(), at: this.#clocks.steady() };
  }

  /** Keeps the time, and takes over the one that is there when that is later. */
  async keep(): Promise<void> {
    const time = this.#settled();
    // At most once in {@linkcode LAG}, also where nothing can be written.
    this.#kept = time;
    this.#clock.advance(await this.#store.keepTime(time));
  }

  #settled(): number {
    const { now, at } = this.#seen;
    return Math.min(Math.round(now + this.#clocks.steady() - at), this.now());
  }
}
