/**
 * `echo-client compare A.json B.json`.
 *
 * @module
 */
import { ConfigError } from "../../base/errors.ts";
import { checkOutputFiles } from "../../base/output_check.ts";
import { standardStream, writeOutputFile } from "../../base/output_file.ts";
import { readText } from "../../base/text_file.ts";
import { EXIT } from "../../cli/exit_codes.ts";
import type { CommandLine } from "../../cli/options.ts";
import { print, printText } from "../../cli/output.ts";
import { type ChangeLimit, isChangeExceeded } from "./change.ts";
import { type Compared, compareResults, differingSettings, parseResults } from "./compare.ts";
import { type CheckedChange, type Comparison, comparisonLines } from "./compare_text.ts";
import type { COMPARE_OPTIONS } from "./options.ts";
import type { BenchResult } from "./result.ts";
import type { Translate } from "./texts.ts";

/** Runs the command; resolves to the exit code. */
export async function compare(line: CommandLine<typeof COMPARE_OPTIONS>, t: Translate): Promise<number> {
  const { values, positionals: [a = "", b = ""] } = line;
  const [ofA, ofB] = [readResults(a, values.allowInterrupted), readResults(b, values.allowInterrupted)];
  const [firstA, firstB] = [ofA[0], ofB[0]];
  if (firstA === undefined || firstB === undefined) throw new RangeError("parsed results are not empty");
  checkOutputFiles({ "--html": values.html }, { A: a, B: b });
  const compared = compareResults(ofA, ofB);
  const limits = values.failIf.map((limit) => checkChange(limit, compared));
  const comparison = { a, b, ofA, ofB, compared, differing: differingSettings(firstA, firstB), limits };
  if (values.json) print(JSON.stringify(jsonOf(comparison)));
  else if (values.html === undefined || standardStream(values.html) !== Deno.stdout) {
    printText(comparisonLines(comparison, t).join("\n"));
  }
  if (values.html !== undefined) {
    const { comparisonPage } = await import("./compare_html.ts");
    writeOutputFile(values.html, await comparisonPage(comparison, t));
  }
  return limits.some(({ fails }) => fails) ? EXIT.threshold : EXIT.ok;
}

function jsonOf({ a, b, ofA, ofB, compared, differing, limits }: Comparison): unknown {
  return { a, b, runs_a: ofA.length, runs_b: ofB.length, differing, figures: compared, thresholds: limits };
}

function checkChange(limit: ChangeLimit, compared: readonly Compared[]): CheckedChange {
  const ratio = compared.find(({ figure }) => figure === limit.figure)?.ratio ?? null;
  const change = ratio === null ? null : ratio - 1;
  return { text: limit.text, figure: limit.figure, change, fails: isChangeExceeded(limit, ratio) };
}

/** The results in a file; interrupted ones only where somebody wants them. */
function readResults(path: string, allowsInterrupted: boolean): BenchResult[] {
  const results = parsedResults(path);
  if (allowsInterrupted || !results.some(({ interrupted }) => interrupted)) return results;
  throw new ConfigError("bad_store", `Cannot use ${path}: a run in it was interrupted`, {
    details: { path, problem: "interrupted" },
  });
}

function parsedResults(path: string): BenchResult[] {
  // A shell of Windows that keeps what a program prints may write UTF-16.
  const text = readText(path);
  try {
    return parseResults(text);
  } catch (error) {
    throw new ConfigError("bad_store", `Cannot use ${path}: it holds no results of echo-client bench --json`, {
      details: { path, problem: "results" },
      cause: error,
    });
  }
}
