/**
 * How often a client may try: guesses at passwords, names asked for, registrations. An address of `""` is one that limits
 * per address leave out, an account of `""` is nobody's.
 *
 * @module
 */
import { delay } from "../base/delay.ts";
import {
  ACCOUNT_GUESSES,
  ATTEMPTS_KEPT,
  NAMES_TOLD,
  PENALTIES,
  PENALTY_WINDOW,
  REGISTRATIONS,
  REGISTRATIONS_IN_ALL,
} from "../base/limits.ts";
import type { Attempt, Fleet, UserStore } from "../store/store.ts";
import { Penalties } from "./penalties.ts";
import { RateLimit } from "./rate_limit.ts";

/** A guess at one server keeps those at others waiting for so long at most, in ms: PBKDF2 behind a full queue, and more. */
const GUESS_TIME = 10_000;

/** How often a turn that somebody has at another server is looked at, in ms: a guess takes 100. */
const TURN_LOOK = 250;

/** What {@linkcode LoginLimits} need. */
export interface LoginLimitsOptions {
  /** Keeps the failures. */
  readonly store: Pick<UserStore, "countAttempt" | "fleet">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How waits are waited; default: {@linkcode delay}. */
  readonly wait?: typeof delay;
}

/** The limits of one server. */
export class LoginLimits {
  readonly #options: Required<LoginLimitsOptions>;
  readonly #penalties = new Penalties();
  readonly #names = new RateLimit({ ...NAMES_TOLD, sources: ATTEMPTS_KEPT });
  readonly #registrations = new RateLimit({ ...REGISTRATIONS, sources: ATTEMPTS_KEPT });
  readonly #registrationsInAll = new RateLimit({ ...REGISTRATIONS_IN_ALL, sources: 1 });

  constructor(options: LoginLimitsOptions) {
    this.#options = { wait: delay, ...options };
  }

  /**
   * Does `work` at once, or, if it is a guess or the address has failed of late, after what was begun before it. The work is
   * told whether there may be failures to forget if it succeeds.
   */
  inTurn<T>(attempt: Attempt, work: (mayHaveFailed: boolean) => Promise<T>): Promise<T> {
    const keys = keysOf(attempt);
    const isGuess = attempt.account !== "";
    const isFree = !isGuess && !keys.some((key) => this.#penalties.isSuspected(key));
    if (isFree) return work(keys.length > 0);
    const { fleet } = this.#options.store;
    return this.#penalties.inTurn(
      keys,
      fleet !== undefined && isGuess ? () => this.#inFleetTurn(fleet, { keys, attempt, work }) : () => work(true),
    );
  }

  /** A guess waits for those at other servers, too: else a hundred servers would give a hundred times the guesses. */
  async #inFleetTurn<T>(
    fleet: Fleet,
    { keys, attempt, work }: {
      readonly keys: readonly string[];
      readonly attempt: Attempt;
      readonly work: (mayHaveFailed: boolean) => Promise<T>;
    },
  ): Promise<T> {
    const by = crypto.randomUUID();
    for (;;) {
      // Where the database is away, the work itself tells so.
      const { waitMs, isTaken, hasFailed } = await fleet.takeTurn(keys, { by, forMs: GUESS_TIME, attempt })
        .catch(() => ({ waitMs: 0, isTaken: false, hasFailed: true }));
      if (waitMs > 0) {
        // The other's turn mostly ends long before its time.
        await this.#options.wait(Math.min(waitMs, TURN_LOOK));
        continue;
      }
      try {
        return await work(hasFailed);
      } finally {
        if (isTaken) void fleet.endTurn(keys, by).catch(() => {/* it ends by itself */});
      }
    }
  }

  /** Counts a failure, and resolves when its client has waited long enough, or at `signal`. */
  async failed(attempt: Attempt, signal: AbortSignal): Promise<void> {
    const keys = keysOf(attempt);
    if (keys.length === 0) return;
    const { store, now, wait } = this.#options;
    const counts = await store.countAttempt(attempt, now(), PENALTY_WINDOW)
      .catch(() => ({ address: 1, account: ACCOUNT_GUESSES + 1 }));
    const penalties = {
      address: attempt.address === "" ? 0 : penaltyOf(counts.address),
      account: attempt.account === "" ? 0 : penaltyOf(counts.account - ACCOUNT_GUESSES),
    };
    const waits = keys.map((key) => {
      const ms = penalties[key.startsWith("address") ? "address" : "account"];
      if (ms > 0) void store.fleet?.holdBack(key, { ms, keepMs: PENALTY_WINDOW }).catch(() => {/* held back here */});
      const waited = ms > 0 ? wait(ms, signal) : undefined;
      if (waited !== undefined) this.#penalties.failed(key, waited);
      return waited;
    });
    // The account's next guess waits for the account's own penalty; that of this address is none of its business.
    for (const key of keys) if (!key.startsWith("address")) this.#penalties.endTurn(key);
    await Promise.all(waits);
  }

  /** A name was told to be known or not: of too many, those of the address wait a second each. */
  nameTold(address: string): void {
    if (address === "" || this.#names.take(address, performance.now())) return;
    this.#penalties.failed(`address ${address}`, this.#options.wait(1000 / NAMES_TOLD.perSecond));
  }

  /** Whether one more may register. */
  mayRegister(address: string): boolean {
    const now = performance.now();
    return (address === "" || this.#registrations.take(address, now)) && this.#registrationsInAll.take("", now);
  }
}

function keysOf({ address, account }: Attempt): string[] {
  return [...address === "" ? [] : [`address ${address}`], ...account === "" ? [] : [`account ${account}`]];
}

/** The wait after so many failures, in ms. */
function penaltyOf(failures: number): number {
  return PENALTIES[Math.min(failures, PENALTIES.length) - 1] ?? 0;
}
