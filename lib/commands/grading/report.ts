/**
 * The report of a grader: for people, for programs, and for systems that collect test results.
 *
 * @module
 */
import { EXIT } from "../../cli/exit_codes.ts";
import type { CheckLimits } from "./interruption.ts";
import { type CheckReport, type CheckStatus, type Finding, pageName } from "./model.ts";
import { escapeJson } from "../../base/text.ts";
import type { Translate } from "./texts.ts";

export { CheckLimits } from "./interruption.ts";

/** How a report for people looks. */
export interface ReportStyle {
  /** What a check examines, by its id: `a header in single bytes`. */
  readonly title: (id: string) => string;
  /** Whether escape sequences for colours may be used. */
  readonly colour: boolean;
  /** Only the last line: how many passed. Default: `false`. */
  readonly isBrief?: boolean;
}

/** How a check ended, in one character. */
export const MARKS: Readonly<Record<CheckStatus, string>> = { passed: "✓", failed: "✗", skipped: "–" };
const COLOURS: Readonly<Record<CheckStatus, number>> = { passed: 32, failed: 31, skipped: 2 };

/** The report for people: task by task, each failure with what was seen, the likely mistake and the page about it. */
export function humanReport(report: CheckReport, t: Translate, style: ReportStyle): string {
  const { checks, summary, notes = [] } = report;
  if (style.isBrief) return t("check.summary", summary);
  const width = Math.max(0, ...checks.map(({ id }) => id.length));
  const tasks = [...new Set(checks.map(({ task }) => task))].sort((a, b) => a - b);
  return [
    t(report.framing === "" ? "check.head.unframed" : "check.head", { target: report.target, framing: report.framing }),
    ...notes.map((note) => `  ${note}`),
    ...tasks.flatMap((task) => [
      "",
      t("check.task", { task }),
      ...checks.filter((finding) => finding.task === task).flatMap((finding) => rows(finding, { width, t, style })),
    ]),
    "",
    t("check.summary", summary),
  ].join("\n");
}

/** The report as one line of JSON. */
export function jsonReport({ target, framing, checks, summary, notes }: CheckReport): string {
  return escapeJson(
    JSON.stringify({ target, framing, ...notes === undefined || notes.length === 0 ? {} : { notes }, checks, summary }),
  );
}

/** The report as JUnit's XML (https://github.com/testmoapp/junitxml), one suite a task. */
export function junitReport(report: CheckReport, suite: string): string {
  const { checks, summary } = report;
  const tasks = [...new Set(checks.map(({ task }) => task))].sort((a, b) => a - b);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${
      xmlText(suite)
    }" tests="${checks.length}" failures="${summary.failed}" skipped="${summary.skipped}">`,
    ...tasks.flatMap((task) => {
      const own = checks.filter((finding) => finding.task === task);
      const count = (status: CheckStatus): number => own.filter((finding) => finding.status === status).length;
      const counts = `tests="${own.length}" failures="${count("failed")}" errors="0" skipped="${count("skipped")}"`;
      return [
        `  <testsuite name="task ${task}" hostname="${xmlText(report.target)}" ${counts}>`,
        ...own.flatMap((finding) => testCase(finding, suite)),
        "  </testsuite>",
      ];
    }),
    "</testsuites>",
    "",
  ].join("\n");
}

/** The exit code of an examination: one in which nothing was examined is no success. */
export function exitOf(
  { summary: { passed, failed } }: CheckReport,
  { endedBy }: Pick<CheckLimits, "endedBy">,
): number {
  if (failed > 0) return EXIT.threshold;
  return endedBy === "timeout" ? EXIT.timeout : passed > 0 ? EXIT.ok : EXIT.threshold;
}

function rows(
  { id, status, sent, received, diagnosis, page, kind, try: attempt = "" }: Finding,
  { width, t, style }: { readonly width: number; readonly t: Translate; readonly style: ReportStyle },
): string[] {
  const paint = (text: string): string => style.colour ? `\x1b[${COLOURS[status]}m${text}\x1b[0m` : text;
  const head = `  ${paint(MARKS[status])} ${id.padEnd(width)}  ${style.title(id)}`;
  if (status === "passed") return diagnosis === "" ? [head] : [head, `      ${diagnosis}`];
  if (status === "skipped") {
    return [kind === undefined ? `${head} – ${diagnosis}` : `${head} [${t(`check.kind.${kind}`)}: ${diagnosis}]`];
  }
  const told = [
    ...[["check.sent", sent], ["check.received", received], ["check.likely", diagnosis], ["check.try", attempt]],
    ["check.see", `${page} (echo-client docs ${pageName(page)})`],
  ];
  const shown = told.filter(([, text]) => text !== "");
  const column = Math.max(...shown.map(([key = ""]) => label(key, t).length));
  return [head, ...shown.map(([key = "", text = ""]) => `      ${label(key, t).padEnd(column)}  ${text}`)];
}

function label(key: string, t: Translate): string {
  return key === "check.sent" || key === "check.received" || key === "check.likely" || key === "check.try" ||
      key === "check.see"
    ? t(key)
    : "";
}

function testCase({ id, status, sent, received, diagnosis, page }: Finding, suite: string): string[] {
  const open = `    <testcase name="${xmlText(id)}" classname="${xmlText(suite)}"`;
  if (status === "passed") return [`${open}/>`];
  if (status === "skipped") return [`${open}>`, `      <skipped message="${xmlText(diagnosis)}"/>`, "    </testcase>"];
  const text = xmlText([`sent: ${sent}`, `received: ${received}`, `see: ${page}`].join("\n"));
  return [`${open}>`, `      <failure message="${xmlText(diagnosis)}">${text}</failure>`, "    </testcase>"];
}

/** Characters that XML 1.0 allows (section 2.2), the markup ones escaped. */
export function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
