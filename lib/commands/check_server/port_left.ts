/**
 * A port that an earlier server has left in TIME_WAIT: of thirty submissions that are graded in a loop, the next that
 * does not set SO_REUSEADDR cannot be started for a minute.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { isPortAtRest } from "../grading/processes.ts";
import type { Target } from "../../net/dial.ts";

/** Longest wait, of which Linux needs a minute (`TCP_TIMEWAIT_LEN`), and how often the start is tried, in ms. */
const LONGEST = 65_000;
const RETRY = 1000;

/** Told once where a start waits, and for how long at most, in ms. */
export type OnPortLeft = (longest: number) => void;

/** Starts a server again until it listens; false where its port is not what keeps it, or at the end of the wait. */
export async function restartOncePortIsFree(
  program: { readonly isPortLeft: boolean; restart(): Promise<boolean> },
  { target, signal, onPortLeft }: {
    readonly target: Target;
    readonly signal: AbortSignal;
    readonly onPortLeft?: OnPortLeft;
  },
): Promise<boolean> {
  const port = target.transport === "tcp" ? target.port : 0;
  const until = performance.now() + LONGEST;
  for (let tries = 0; !signal.aborted && performance.now() < until; tries++) {
    if (!program.isPortLeft || !isPortAtRest(port)) return false;
    if (tries === 0) onPortLeft?.(LONGEST);
    await delay(RETRY, signal);
    if (await program.restart()) return true;
  }
  return false;
}
