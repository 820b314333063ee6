/**
 * The class at a glance, for a terminal.
 *
 * @module
 */
import { escapeText } from "../../../base/text.ts";
import type { Translate } from "../texts.ts";
import type { CheckReport } from "../model.ts";
import { type Examined, type Graded, TASKS, type TaskState } from "./model.ts";

/** How far a task is done, in one character. */
export const STATE_MARKS: Readonly<Record<TaskState, string>> = {
  done: "✓",
  partly: "◐",
  not_done: "✗",
  not_tried: "–",
};

/** All tasks, in one character each. */
export function stateMarks(tasks: Readonly<Record<number, TaskState>>): string {
  return TASKS.map((task) => STATE_MARKS[tasks[task] ?? "not_tried"]).join(" ");
}

/** Longest name that is shown, in characters. */
const LONGEST = 40;

/** A line a submission: name, tasks, bonuses, points, and what was amiss. */
export function classTable(
  graded: readonly Graded[],
  { points, t }: { readonly points: { readonly all: number }; readonly t: Translate },
): string {
  const rows = graded.map((one) => ({ one, name: cut(escapeText(one.submission.student.name)) }));
  const width = Math.max(t("class.name").length, ...rows.map(({ name }) => [...name].length));
  const pad = (text: string): string => text + " ".repeat(Math.max(0, width - [...text].length));
  return [
    `${pad(t("class.name"))}  ${TASKS.join(" ")}  ${t("class.points").padStart(6)}`,
    ...rows.map(({ one, name }) => {
      const problems = one.examined.flatMap((program) => amissIn(program, t));
      const none = one.examined.length === 0 ? [t("class.no_program")] : [];
      const more = [...one.bonuses.map((bonus) => t(`class.bonus.${bonus}`)), ...problems, ...none].join(" · ");
      return `${pad(name)}  ${stateMarks(one.tasks)}  ${pointsText(one.points, t, 1).padStart(6)}  ${more}`.trimEnd();
    }),
    "",
    t("class.legend", { points: points.all }),
  ].join("\n");
}

/** Why nothing is known of a program, which leaves what the other one has done half done; nothing where there is a report. */
export function amissIn({ side, problem, report }: Examined, t: Translate): readonly string[] {
  const text = problem === undefined ? unexamined(report, t) : problemText(problem, t);
  return text === undefined ? [] : [`${t(`class.side.${side}`)}: ${text}`];
}

function unexamined(report: CheckReport | undefined, t: Translate): string | undefined {
  if (report === undefined || report.checks.some(({ status }) => status !== "skipped")) return undefined;
  const reason = report.checks.find(({ diagnosis }) => diagnosis !== "")?.diagnosis;
  return reason === undefined ? undefined : t("class.unexamined", { reason });
}

/** Points as the reader's language writes them, with so many decimals at least. */
export function pointsText(points: number, { language }: Translate, least = 0): string {
  return new Intl.NumberFormat(language, { minimumFractionDigits: least, maximumFractionDigits: 2 }).format(points);
}

/** Why there is no report. */
export function problemText(problem: string, t: Translate): string {
  return problem === "timeout" ? t("class.timeout") : problem === "" ? t("class.no_report") : problem;
}

function cut(name: string): string {
  const characters = [...name];
  return characters.length <= LONGEST ? name : `${characters.slice(0, LONGEST - 1).join("")}…`;
}
