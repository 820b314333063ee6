/**
 * A class: what was handed in, how it is examined, what came of it.
 *
 * @module
 */
import type { CheckReport } from "../model.ts";

/** The two programs of the lab, each examined by the other tool. */
export const SIDES = ["server", "client"] as const;

export type Side = typeof SIDES[number];

/** One student's work, as it was found. */
export interface Submission {
  /** Name of its folder or file. */
  readonly name: string;
  /** Its folder; of a class that is one folder of programs, the program. */
  readonly source: string;
  readonly student: Student;
  /** How each program is started, from inside the folder, as a shell takes it. */
  readonly commands: Readonly<Partial<Record<Side, string>>>;
  /** Other programs that could be meant. */
  readonly others: readonly string[];
  /** Whether its sources have a class that is derived from a socket. */
  readonly hasSubclass: boolean;
}

/** Who a learning platform knows the student as; empty where that is not known. */
export interface Student {
  readonly name: string;
  readonly email: string;
  readonly id: string;
}

/** What the examination of one program came to. */
export interface Examined {
  readonly side: Side;
  readonly command: string;
  /** Absent where there was none. */
  readonly report?: CheckReport;
  /** Why there is no report, or why it is not whole: for a person. */
  readonly problem?: string;
  readonly ms: number;
}

/** How far a task has been done. */
export type TaskState = "done" | "partly" | "not_done" | "not_tried";

/** The lab's tasks. */
export const TASKS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** What is worth a point beside the tasks. */
export const BONUSES = ["hash", "token", "subclass"] as const;

export type Bonus = typeof BONUSES[number];

/** One student's result. */
export interface Graded {
  readonly submission: Submission;
  readonly examined: readonly Examined[];
  readonly tasks: Readonly<Record<number, TaskState>>;
  readonly bonuses: readonly Bonus[];
  readonly points: number;
  /** Of an earlier attempt, where that is known. */
  readonly before?: Before;
}

/** What is kept of an earlier attempt. */
export interface Before {
  readonly tasks: Readonly<Record<string, TaskState>>;
  readonly points: number;
}
