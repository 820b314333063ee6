/**
 * What is known of the examined server from outside its connections.
 *
 * @module
 */
import type { Target } from "../../net/dial.ts";
import type { Pauses } from "../grading/pauses.ts";
import type { Limits, WorkDone } from "../grading/processes.ts";

/** Where the server is, and what can be seen of its process. */
export interface ServerUnderTestSpec {
  readonly target: Target;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Whether it is at work, or would be if it had a processor, where that can be seen. */
  readonly isHeldUp?: (() => Promise<boolean>) | undefined;
  /** Whether it does nothing until it gets something, where that can be seen. */
  readonly isAtRest?: (limits?: Limits) => Promise<boolean>;
  /** How far it has come, where that can be seen. */
  readonly workDone?: () => Promise<WorkDone>;
  /** When it sleeps on purpose, where that can be seen. */
  readonly pauses?: Pauses;
  /** Whether it is at work for nothing, where that can be seen. */
  readonly spins?: () => Promise<boolean>;
  /** What it has printed since it listened. */
  readonly prints?: () => string;
  /** How many bytes it waits for, `most` at most, where that can be seen. */
  readonly wants?: (most: number) => Promise<number | undefined>;
  /** Whether all it waits for is its keyboard, where that can be seen. */
  readonly readsKeyboard?: () => Promise<boolean>;
  /** Whether it ends of what has been done to it so far, where that can be seen. */
  readonly endsSoon?: () => Promise<boolean>;
  /** Whether it has ended, where it was started here. */
  readonly hasEnded?: () => boolean;
}
