/**
 * A class as files: for spreadsheets, for learning platforms, for programs.
 *
 * @module
 */
import { environment } from "../../../cli/environment.ts";
import { escapeJson } from "../../../base/text.ts";
import type { CheckReport, Finding } from "../model.ts";
import { xmlText } from "../report.ts";
import type { Translate } from "../texts.ts";
import { csvOf } from "./csv.ts";
import { mostPoints, type Points } from "./marks.ts";
import { type Before, BONUSES, type Graded, TASKS } from "./model.ts";
import { amissIn, pointsText, problemText, STATE_MARKS } from "./table.ts";

/** What every form needs beside the results. */
export interface OutputContext {
  readonly points: Points;
  readonly t: Translate;
  /** Of this run, for forms that hold one. */
  readonly time: Date;
}

/** Everything, as one line of JSON; `--before` reads it. */
export function classJson(graded: readonly Graded[], { points }: OutputContext): string {
  return escapeJson(JSON.stringify({
    kind: "echo-check-class",
    points: mostPoints(points).all,
    submissions: graded.map((one) => ({
      name: one.submission.name,
      student: one.submission.student,
      tasks: one.tasks,
      bonuses: one.bonuses,
      points: one.points,
      ...one.before === undefined ? {} : { before: one.before },
      programs: one.examined,
      others: one.submission.others,
    })),
  }));
}

/** The earlier attempts in what {@linkcode classJson} wrote, by name; `undefined` where it is something else. */
export function earlierAttempts(text: string): ReadonlyMap<string, Before> | undefined {
  try {
    const { kind, submissions } = JSON.parse(text);
    if (kind !== "echo-check-class") return undefined;
    return new Map(
      // Written above.
      (submissions as readonly (Before & { name: string })[]).map((
        { name, tasks, points },
      ) => [name, { tasks, points }]),
    );
  } catch {
    return undefined;
  }
}

/** A row a submission, for a spreadsheet. */
export function classCsv(graded: readonly Graded[], { t }: OutputContext): string {
  return csvOf([
    ["folder", "name", "email", "id", ...TASKS.map((task) => `task ${task}`), ...BONUSES, "points", "remarks"],
    ...graded.map((one) => {
      const { submission: { name, student }, tasks, bonuses, points } = one;
      const states = TASKS.map((task) => t(`class.state.${tasks[task] ?? "not_tried"}`));
      const earned = BONUSES.map((bonus) => bonuses.includes(bonus) ? 1 : 0);
      return [name, student.name, student.email, student.id, ...states, ...earned, points, remarks(one, t).join("; ")];
    }),
  ]);
}

/** As Moodle imports grades: who it is, by e-mail and number, the points, the feedback. Who is known by neither is left out. */
export function classMoodle(graded: readonly Graded[], { points, t }: OutputContext): string {
  const known = graded.filter(isKnownToMoodle);
  return csvOf([
    ["Email address", "ID number", "Grade", "Maximum grade", "Feedback comments"],
    ...known.map((one) => {
      const { submission: { student } } = one;
      return [student.email, student.id, one.points, mostPoints(points).all, feedback(one, t)];
    }),
  ]);
}

/** Whether Moodle can tell who that is. */
export function isKnownToMoodle({ submission: { student } }: Graded): boolean {
  return student.email !== "" || student.id !== "";
}

/** A table for a page or an issue. */
export function classMarkdown(graded: readonly Graded[], { points, t }: OutputContext): string {
  const rows = graded.map((one) => [
    one.submission.student.name,
    ...TASKS.map((task) => STATE_MARKS[one.tasks[task] ?? "not_tried"]),
    one.bonuses.map((bonus) => t(`class.bonus.${bonus}`)).join(", "),
    pointsText(one.points, t),
  ]);
  const head = [t("class.name"), ...TASKS.map(String), t("class.bonuses"), t("class.points")];
  const line = (cells: readonly string[]): string => `| ${cells.map(markdown).join(" | ")} |`;
  return [
    line(head),
    `| --- |${" :-: |".repeat(TASKS.length)} --- | --: |`,
    ...rows.map(line),
    "",
    t("class.legend", {
      points: mostPoints(points).all,
    }),
    "",
  ].join("\n");
}

/** JUnit's XML: a suite a submission, a case a check, with its task in the name. */
export function classJunit(graded: readonly Graded[], { t }: OutputContext): string {
  const suites = graded.map((one) => {
    const cases = one.examined.flatMap(({ side, report, problem }) => [
      ...problem === undefined ? [] : [{ name: side, failure: problemText(problem, t), text: "" }],
      ...(report?.checks ?? []).map((finding) => caseOf(finding, side)),
    ]);
    return { name: one.submission.name, cases };
  });
  const all = suites.flatMap(({ cases }) => cases);
  const counts = (cases: readonly JunitCase[]): string =>
    `tests="${cases.length}" failures="${cases.filter(({ failure }) => failure !== undefined).length}" skipped="${
      cases.filter(({ skipped }) => skipped !== undefined).length
    }"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="echo-check" ${counts(all)}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${xmlText(name)}" ${counts(cases)}>`,
      ...cases.map((one) => junitCase(one, name)),
      "  </testsuite>",
    ]),
    "</testsuites>",
    "",
  ].join("\n");
}

/** Gradescope's `results.json` for one submission (gradescope-autograders.readthedocs.io, "Autograder Specifications"). */
export function gradescopeResults(one: Graded, { points, t }: OutputContext): string {
  return JSON.stringify(
    {
      score: one.points,
      tests: [
        ...TASKS.map((task) => ({
          name: t("check.task", { task }),
          number: String(task),
          score: scoreOf(one, task, points),
          max_score: points.tasks[task] ?? 0,
          output: [t(`class.state.${one.tasks[task] ?? "not_tried"}`), ...taskRemarks(one, task)].join("\n"),
        })),
        ...BONUSES.map((bonus) => ({
          name: t(`class.bonus.${bonus}`),
          score: one.bonuses.includes(bonus) ? points.bonuses[bonus] : 0,
          max_score: points.bonuses[bonus],
        })),
      ],
      ...one.examined.some(({ problem }) => problem !== undefined) ? { output: remarks(one, t).join("\n") } : {},
    },
    undefined,
    1,
  );
}

/**
 * Classroom 50's `result.json`, schema `classroom50/result/v1`; what its runner knows stands in the environment. Its scores are
 * whole numbers: parts of a point are dropped.
 */
export function classroomResult(one: Graded, { points, t, time }: OutputContext): string {
  const tests = [
    ...TASKS.map((task) => ({
      "test-name": t("check.task", { task }),
      passed: one.tasks[task] === "done",
      score: Math.floor(scoreOf(one, task, points)),
      "max-score": Math.floor(points.tasks[task] ?? 0),
    })),
    ...one.bonuses.map((bonus) => ({
      "test-name": t(`class.bonus.${bonus}`),
      passed: true,
      score: Math.floor(points.bonuses[bonus]),
      "max-score": Math.floor(points.bonuses[bonus]),
    })),
  ];
  const given = (name: string): string => environment(name) || "-";
  const sum = (key: "score" | "max-score"): number => tests.reduce((total, test) => total + test[key], 0);
  return JSON.stringify(
    {
      schema: "classroom50/result/v1",
      classroom: given("CLASSROOM"),
      assignment: given("ASSIGNMENT"),
      submission: environment("SUBMISSION_TAG") || one.submission.name,
      commit: given("COMMIT_URL"),
      release: given("RELEASE_URL"),
      review: environment("REVIEW_URL") || given("COMMIT_URL"),
      datetime: time.toISOString().replace(/\.\d+Z$/, "Z"),
      score: sum("score"),
      "max-score": sum("max-score"),
      tests,
    },
    undefined,
    1,
  );
}

/** What a person should know beside the states: no program, an examination that failed. */
export function remarks({ examined, submission: { others } }: Graded, t: Translate): string[] {
  return [
    ...examined.length === 0 ? [t("class.no_program")] : [],
    ...examined.flatMap((one) => amissIn(one, t)),
    ...others.length === 0 ? [] : [t("class.others", { files: others.join(", ") })],
  ];
}

/** All reports of a submission. */
function reportsOf({ examined }: Graded): readonly CheckReport[] {
  return examined.flatMap(({ report }) => report ?? []);
}

interface JunitCase {
  readonly name: string;
  readonly failure?: string;
  readonly skipped?: string;
  readonly text?: string;
}

function caseOf({ id, task, status, sent, received, diagnosis, page }: Finding, side: string): JunitCase {
  const name = `${side} task ${task}: ${id}`;
  if (status === "passed") return { name };
  if (status === "skipped") return { name, skipped: diagnosis };
  return { name, failure: diagnosis, text: `sent: ${sent}\nreceived: ${received}\nsee: ${page}` };
}

function junitCase({ name, failure, skipped, text = "" }: JunitCase, suite: string): string {
  const inner = failure !== undefined
    ? `<failure message="${xmlText(failure)}">${xmlText(text)}</failure>`
    : skipped !== undefined
    ? `<skipped message="${xmlText(skipped)}"/>`
    : "";
  return `    <testcase name="${xmlText(name)}" classname="${xmlText(suite)}">${inner}</testcase>`;
}

function scoreOf({ tasks }: Graded, task: number, { tasks: points, partly }: Points): number {
  const share = tasks[task] === "done" ? 1 : tasks[task] === "partly" ? partly : 0;
  return (points[task] ?? 0) * share;
}

function taskRemarks(one: Graded, task: number): string[] {
  return reportsOf(one).flatMap(({ checks }) =>
    checks.filter((check) => check.task === task && check.status === "failed").map(({ id, diagnosis }) =>
      `${id}: ${diagnosis}`
    )
  );
}

function feedback(one: Graded, t: Translate): string {
  const lines = TASKS.map((task) => {
    const state = t(`class.state.${one.tasks[task] ?? "not_tried"}`);
    return [`${t("check.task", { task })}: ${state}`, ...taskRemarks(one, task)].join("; ");
  });
  return [...lines, ...remarks(one, t)].join("\n");
}

/** Text in a cell of a Markdown table, in which nothing is markup. */
function markdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|~]/g, "\\$&").replace(/[<>&]/g, (mark) => `&#${mark.charCodeAt(0)};`).replace(
    /\s+/g,
    " ",
  );
}
