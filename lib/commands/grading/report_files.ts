/**
 * The report of one program in files: JUnit's XML, a page.
 *
 * @module
 */
import { writeOutputFile } from "../../base/output_file.ts";
import type { CheckReport } from "./model.ts";
import { junitReport, type ReportStyle } from "./report.ts";
import type { Translate } from "./texts.ts";

/** Writes the report to the files that were asked for. */
export async function writeReports(
  report: CheckReport,
  { junit, html, tool, title, t }: {
    readonly junit: string | undefined;
    readonly html: string | undefined;
    /** `echo-client check` */
    readonly tool: string;
    readonly title: ReportStyle["title"];
    readonly t: Translate;
  },
): Promise<void> {
  if (junit !== undefined) writeOutputFile(junit, junitReport(report, tool));
  if (html === undefined) return;
  const { programPage } = await import("./class/page.ts");
  writeOutputFile(html, await programPage(report, { tool, title, t }));
}
