/**
 * What a check is, and what it is run with.
 *
 * @module
 */
import type { Dialogue } from "./dialogue.ts";
import type { ServerUnderTest } from "./server_under_test.ts";
import type { CheckId } from "./ids.ts";
import type { Program, Second } from "./program.ts";
import type { Outcome } from "./messages.ts";
import type { Answer, Reaction } from "./terminal.ts";

/** What a check is run with. */
export interface Context {
  readonly server: ServerUnderTest;
  readonly program: Program | undefined;
  /** What the server holds before, or instead of, an echo. */
  readonly dialogue: Dialogue | undefined;
  /** Folder whose files are searched; `undefined` where none is known. */
  readonly folder: string | undefined;
  /** Whether the server serves nobody: what needs a client is not to be done then. */
  readonly isLifeless: boolean;
  /** Starts a second server beside the first, once, and tells where that listened. */
  readonly second: () => Promise<Second>;
  /** Ends the server and starts it at a terminal, once, and tells what it made of answers: what comes last. */
  readonly terminal: () => Promise<ReadonlyMap<Answer, Reaction> | undefined>;
  /** Starts the server anew; false where it does not come to listen. */
  readonly restart: () => Promise<boolean>;
  /** Whether the user asked for the check's task by its number: what is not done is not "not applicable" then. */
  readonly isAskedFor: boolean;
  /** Whether the framing was found out, not given. */
  readonly isFound: boolean;
  readonly hasFailed: (id: CheckId) => boolean;
}

export interface Check {
  readonly id: CheckId;
  readonly run: (context: Context) => Promise<Outcome> | Outcome;
  /** Checks without whose success this one says nothing of its own. */
  readonly needs?: readonly CheckId[];
  readonly isClientless?: boolean;
  /** The outcome where it does not apply. */
  readonly unfit?: (context: Context) => Outcome | undefined;
}
