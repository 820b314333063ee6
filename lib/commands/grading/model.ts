/**
 * What a grader finds, whichever side it examines: the findings of `echo-client check` and `echo-server check`.
 *
 * @module
 */

/** How a check ended; `skipped` is one that does not apply, or that another failure makes meaningless. */
export type CheckStatus = "passed" | "failed" | "skipped";

/** Why a check was skipped: the student has not done it, the teacher can give something, another failure, the place, or none of them. */
export type SkipKind = "not_done" | "needs" | "after" | "not_here" | "unknown";

/** The result of one check, told in the reader's language. Texts are escaped: they are safe for a terminal. */
export interface Finding {
  /** Stable name of the check, never translated: `split-header`. */
  readonly id: string;
  /** Number of the lab's task, 1 to 8. */
  readonly task: number;
  readonly status: CheckStatus;
  /** What the grader sent or did. */
  readonly sent: string;
  /** What came back. */
  readonly received: string;
  /** The likely mistake, or why the check does not apply; empty where there is nothing to say. */
  readonly diagnosis: string;
  /** The page that explains it, as a path inside the project. */
  readonly page: string;
  /** Of a check that was skipped. */
  readonly kind?: SkipKind;
  /** Of a check that failed: the smallest thing to try by hand. */
  readonly try?: string;
}

/** How many checks ended in which way. */
type CheckSummary = Readonly<Record<CheckStatus, number>>;

/** A whole examination. */
export interface CheckReport {
  /** Who was examined: `127.0.0.1:9090`, or a client's address. */
  readonly target: string;
  /** A name that `--framing` takes; empty where none was found. */
  readonly framing: string;
  readonly checks: readonly Finding[];
  readonly summary: CheckSummary;
  /** What the reader should know beside the findings; absent where there is nothing. */
  readonly notes?: readonly string[];
}

/**
 * Counts the findings.
 *
 * @example
 * ```ts
 * import { summaryOf } from "./model.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(summaryOf([{ status: "failed" }]), { passed: 0, failed: 1, skipped: 0 });
 * ```
 */
export function summaryOf(findings: readonly Pick<Finding, "status">[]): CheckSummary {
  const count = (status: CheckStatus): number => findings.filter((finding) => finding.status === status).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

/** What is read of {@linkcode Finding.page} with `docs`: `task-7`. */
export function pageName(page: string): string {
  return page.replace(/^.*\/|\.md$/g, "");
}

export function taskPage(task: number, language: "en" | "ru"): string {
  return `docs/lab/${language}/task-${task}.md`;
}
