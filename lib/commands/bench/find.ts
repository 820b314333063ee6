/**
 * `--find 'p99<5ms'`: the highest rate of an open loop at which a figure stays below a limit, by bisection.
 *
 * @module
 */

/** One measurement at a rate. */
export interface Trial {
  readonly rate_per_s: number;
  /** The figure, in µs. */
  readonly value_us: number | null;
  /** Echoes a second that came back. */
  readonly echoed_per_s: number | null;
  /** Whether the figure was below its limit, and all that was due came back. */
  readonly held: boolean;
  /** Whether what was due came later and later, and nothing in time any more at the end. */
  readonly overloaded: boolean;
  /** Whether the machine alone was slow at that time, so that the figure says nothing of the server; its queue did not grow. */
  readonly disturbed: boolean;
}

/** How the rates are tried. */
interface FindOptions {
  /** Measures at a rate; `isFinal` for the last time, longer. */
  readonly measure: (rate: number, isFinal: boolean) => Promise<Trial>;
  /** Frames a second, where the search begins. */
  readonly begin: number;
  /** Until when trials begin, as `performance.now()` has it; what was found then is tried once more, longer. */
  readonly until?: number;
  /** Ends the search, with what is known. */
  readonly signal: AbortSignal;
}

export interface Found {
  /** The highest rate that held; `null` where none did. */
  readonly held: number | null;
  /** The lowest rate above it that did not; `null` where there was none. */
  readonly failed: number | null;
  readonly trials: readonly Trial[];
}

/** The rates that are left are this close to each other: within 5 % of the truth, with a margin for noise. */
const CLOSE = 1.02;
/** A rate that held is multiplied by this until one does not, and that one divided by it, and by its square and so on. */
const STEP = 1.2;
/** No rate below this is tried: too few frames for a percentile. */
const LEAST_RATE = 10;
/** A rate that does not hold is tried so often at most; what two of the trials say alike is enough. */
const TRIES = 3;
const ALIKE = 2;
/** Trials of a search at most. */
const MOST_TRIALS = 24;

/** Searches. */
export async function findRate({ measure, begin, until = Infinity, signal }: FindOptions): Promise<Found> {
  const trials: Trial[] = [];
  let [held, failed]: [number | null, number | null] = [null, null];
  const tried = async (rate: number, isFinal = false): Promise<Trial> => {
    const trial = await measure(rate, isFinal);
    trials.push(trial);
    return trial;
  };
  // A machine that did something else for a moment is no limit of the server's.
  const holds = async (rate: number, isFinal = false): Promise<boolean> => {
    const seen = { overloaded: 0, disturbed: 0, late: 0 };
    for (let tries = 1;; tries++) {
      const trial = await tried(rate, isFinal);
      if (trial.held) return true;
      const count = ++seen[trial.overloaded ? "overloaded" : trial.disturbed ? "disturbed" : "late"];
      if (count === ALIKE || tries === TRIES || isOver()) return seen.disturbed > seen.overloaded + seen.late;
    }
  };
  const isOver = (): boolean => signal.aborted || trials.length >= MOST_TRIALS || performance.now() >= until;
  for (let [rate, factor] = [Math.max(LEAST_RATE, begin), STEP]; !isOver(); factor *= factor) {
    if (await holds(rate)) held = Math.max(held ?? 0, rate);
    else failed = Math.min(failed ?? Infinity, rate);
    if (held !== null && failed !== null) break;
    if (failed === LEAST_RATE) break;
    rate = held === null ? Math.max(LEAST_RATE, rate / factor) : rate * factor;
  }
  while (held !== null && failed !== null && failed / held > CLOSE && !isOver()) {
    const rate = Math.sqrt(held * failed);
    if (await holds(rate)) held = rate;
    else failed = rate;
  }
  // What held for a moment has to hold for longer; with no time left to know better, it stays what it was.
  while (held !== null && !signal.aborted && trials.length < MOST_TRIALS) {
    if (await holds(held, true) || isOver()) break;
    failed = held;
    held = held / CLOSE < LEAST_RATE ? null : held / CLOSE;
  }
  return { held, failed, trials };
}
