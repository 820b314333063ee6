/**
 * What a benchmark found, told: on standard output as text or JSON, and in the files that were asked for.
 *
 * @module
 */
import { checkOutputFiles } from "../../base/output_check.ts";
import { standardStream, writeOutputFile } from "../../base/output_file.ts";
import type { Values } from "../../cli/options.ts";
import { print, printText } from "../../cli/output.ts";
import type { BENCH_OPTIONS } from "./options.ts";
import { jsonOf } from "./json.ts";
import type { Outcome } from "./runs.ts";
import { refused } from "./settings.ts";
import { textOf } from "./text.ts";
import type { Translate } from "./texts.ts";

type BenchValues = Values<typeof BENCH_OPTIONS>;

/** Whether standard output is for the report: it is not where it gets JSON, or a file. */
export function printsReport(values: BenchValues): boolean {
  return !values.json && Object.values(filesOf(values)).every((path) => !isHere(path));
}

/**
 * Makes sure that standard output gets one thing, and that each output can be made.
 *
 * @throws {UsageError} `bad_value`
 * @throws {StorageError} `cannot_write`
 */
export function checkOutputs(values: BenchValues): void {
  const { json, hgrm, sweep } = values;
  const here = Object.entries(filesOf(values)).filter(([, path]) => isHere(path));
  const [first, second = json ? ["--json"] : undefined] = here;
  if (first !== undefined && second !== undefined) throw refused(first[0], "standard_output", { other: second[0] });
  // One distribution of many settings would be nobody's.
  if (hgrm !== undefined && sweep !== undefined) throw refused("--hgrm", "conflict", { other: "--sweep" });
  checkOutputFiles(filesOf(values));
}

/** The files that were asked for, by option. */
export function filesOf(
  { hgrm, html, csv, markdown, prometheus, jsonLines }: BenchValues,
): Record<string, string | undefined> {
  return {
    ...{ "--hgrm": hgrm, "--html": html, "--csv": csv, "--markdown": markdown },
    ...{ "--prometheus": prometheus, "--jsonl": jsonLines },
  };
}

function isHere(path: string | undefined): boolean {
  return path !== undefined && standardStream(path) === Deno.stdout;
}

export async function tell(outcome: Outcome, values: BenchValues, t: Translate): Promise<void> {
  if (values.json) print(JSON.stringify(jsonOf(outcome)));
  else if (printsReport(values)) printText((values.quiet ? [outcome.verdict] : textOf(outcome, t)).join("\n"));
  const { hgrm, html, csv, markdown, prometheus, jsonLines } = values;
  if (hgrm !== undefined) writeOutputFile(hgrm, outcome.latencies.hgrm());
  if (csv !== undefined) writeOutputFile(csv, (await import("./csv.ts")).csvOf(outcome.points));
  if (prometheus !== undefined) {
    writeOutputFile(prometheus, (await import("./prometheus.ts")).prometheusOf(outcome.points));
  }
  if (jsonLines !== undefined) {
    writeOutputFile(jsonLines, (await import("./json_lines.ts")).jsonLinesOf(outcome.points));
  }
  if (markdown !== undefined) writeOutputFile(markdown, (await import("./markdown.ts")).markdownOf(outcome, t));
  if (html !== undefined) writeOutputFile(html, await (await import("./html.ts")).benchPage(outcome, t));
}
