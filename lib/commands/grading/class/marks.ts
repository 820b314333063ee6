/**
 * From findings to tasks, and from tasks to points.
 *
 * @module
 */
import { ConfigError } from "../../../base/errors.ts";
import { readText } from "../../../base/text_file.ts";
import { parseToml } from "../../../cli/config_file.ts";
import type { CheckReport } from "../model.ts";
import { type Bonus, BONUSES, type Examined, type Submission, TASKS, type TaskState } from "./model.ts";

export interface Points {
  readonly tasks: Readonly<Record<number, number>>;
  readonly bonuses: Readonly<Record<Bonus, number>>;
  /** Share of a task's points for one that is done partly. */
  readonly partly: number;
}

/** For this lab: a point a task and a bonus. */
export const DEFAULT_POINTS: Points = {
  tasks: Object.fromEntries(TASKS.map((task) => [task, 1])),
  bonuses: { hash: 1, token: 1, subclass: 1 },
  partly: 0.5,
};

/**
 * Reads points from TOML: `partly = 0.5`, `[tasks]` with `1 = 2`, `[bonus]` with `hash = 1`. What is not named is worth nothing.
 *
 * @throws {StorageError} `cannot_read`
 * @throws {ConfigError} `bad_config`
 */
export function readPoints(path: string): Points {
  return parsePoints(readText(path), path);
}

/**
 * The points in `text`, which came from `path`.
 *
 * @throws {ConfigError} `bad_config`
 *
 * @example
 * ```ts
 * import { parsePoints } from "./marks.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { tasks, bonuses } = parsePoints("[tasks]\n7 = 3\n[bonus]\nhash = 2\n", "points.toml");
 * assertEquals([tasks[7], tasks[1], bonuses.hash], [3, 0, 2]);
 * ```
 */
export function parsePoints(text: string, path: string): Points {
  const { partly = DEFAULT_POINTS.partly, tasks = {}, bonus = {}, ...rest } = parseToml(text, path);
  const own: Record<string, readonly string[]> = { tasks: TASKS.map(String), bonus: BONUSES };
  for (const [name, values] of Object.entries({ tasks, bonus })) {
    for (const [key, value] of Object.entries(values as Record<string, unknown>)) {
      if (!own[name]?.includes(key)) throw badPoints(path, `[${name}] has no ${key}`);
      if (typeof value !== "number" || !(value >= 0 && value < Infinity)) {
        throw badPoints(path, `${name}.${key} is no number from 0 up`);
      }
    }
  }
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw badPoints(path, `there is no ${unknown}`);
  if (typeof partly !== "number" || !(partly >= 0 && partly <= 1)) {
    throw badPoints(path, "partly is no share from 0 to 1");
  }
  const of = (values: unknown, key: string | number): number => (values as Record<string, number>)[key] ?? 0;
  return {
    partly,
    tasks: Object.fromEntries(TASKS.map((task) => [task, of(tasks, task)])),
    bonuses: { hash: of(bonus, "hash"), token: of(bonus, "token"), subclass: of(bonus, "subclass") },
  };
}

/** How far each task has been done, with both programs taken together. */
export function taskStates(examined: readonly Examined[]): Record<number, TaskState> {
  const reports = examined.flatMap(({ report }) => report ?? []);
  return Object.fromEntries(TASKS.map((task) => {
    const states = reports.filter(({ checks }) => checks.some((check) => check.task === task)).map((report) =>
      stateIn(report, task)
    );
    return [task, combined(states)];
  }));
}

/** The bonuses that were earned. */
export function bonusesOf(examined: readonly Examined[], { hasSubclass }: Submission): Bonus[] {
  const checks = examined.flatMap(({ report }) => report?.checks ?? []);
  const isPassed = (id: string): boolean => checks.some((check) => check.id === id && check.status === "passed");
  const earned: Readonly<Record<Bonus, boolean>> = {
    hash: isPassed("password-not-plain"),
    token: isPassed("token"),
    subclass: hasSubclass,
  };
  return BONUSES.filter((bonus) => earned[bonus]);
}

/** What that is worth. */
export function pointsFor(
  tasks: Readonly<Record<number, TaskState>>,
  bonuses: readonly Bonus[],
  points: Points,
): number {
  const share: Readonly<Record<TaskState, number>> = { done: 1, partly: points.partly, not_done: 0, not_tried: 0 };
  const forTasks = TASKS.reduce((sum, task) => sum + (points.tasks[task] ?? 0) * share[tasks[task] ?? "not_tried"], 0);
  // Halves of tenths are not exact in binary.
  return Math.round((forTasks + bonuses.reduce((sum, bonus) => sum + points.bonuses[bonus], 0)) * 100) / 100;
}

/** The most that can be reached. */
export function mostPoints({ tasks, bonuses }: Points): { readonly tasks: number; readonly all: number } {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const forTasks = sum(Object.values(tasks));
  return { tasks: forTasks, all: forTasks + sum(Object.values(bonuses)) };
}

function stateIn({ checks, framing }: CheckReport, task: number): TaskState {
  const own = checks.filter((check) => check.task === task);
  const count = (status: string): number => own.filter((check) => check.status === status).length;
  // Without a header there are no messages, whatever else goes well.
  if (task === 7 && (framing === "raw" || framing === "") && count("skipped") > 0) return "not_tried";
  if (count("failed") === 0) return count("passed") > 0 ? "done" : "not_tried";
  return count("passed") > 0 ? "partly" : "not_done";
}

function combined(states: readonly TaskState[]): TaskState {
  const [first = "not_tried"] = states;
  if (states.every((state) => state === first)) return first;
  return states.some((state) => state === "done" || state === "partly") ? "partly" : "not_done";
}

function badPoints(path: string, reason: string): ConfigError {
  return new ConfigError("bad_config", `${path}: ${reason}`, { details: { path, reason } });
}
