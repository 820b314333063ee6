/**
 * `check --class DIR`: examines what a class has handed in, and writes the result in the forms that were asked for.
 *
 * @module
 */
import { dirname, join, resolve } from "@std/path";
import { UsageError } from "../../../base/errors.ts";
import { checkOutputFiles } from "../../../base/output_check.ts";
import { writeOutputFile } from "../../../base/output_file.ts";
import { readText } from "../../../base/text_file.ts";
import { environment } from "../../../cli/environment.ts";
import { EXIT } from "../../../cli/exit_codes.ts";
import type { CommandLine } from "../../../cli/options.ts";
import { print, printError, printText } from "../../../cli/output.ts";
import { languageFrom } from "../../../cli/texts.ts";
import { CheckLimits } from "../interruption.ts";
import type { Translate } from "../texts.ts";
import { findSubmissions } from "./find.ts";
import { bonusesOf, DEFAULT_POINTS, mostPoints, pointsFor, readPoints, taskStates } from "./marks.ts";
import { programPath } from "./examine.ts";
import type { Before, Graded, Side } from "./model.ts";
import type { CLASS_OPTIONS } from "./options.ts";
import {
  classCsv,
  classJson,
  classJunit,
  classMarkdown,
  classMoodle,
  classroomResult,
  earlierAttempts,
  gradescopeResults,
  isKnownToMoodle,
  type OutputContext,
} from "./outputs.ts";
import { classPage } from "./page.ts";
import { forget, runClass } from "./run.ts";
import { type SandboxKind, sandboxKind } from "./sandbox.ts";
import { classTable, stateMarks } from "./table.ts";

/** What the command that was called adds to the options of its class. */
interface ClassCall {
  readonly json: boolean;
  readonly junit: string | undefined;
  readonly lang: string | undefined;
  /** Longest time of one examination, in ms. */
  readonly timeout: number;
  readonly tasks: readonly number[] | undefined;
  readonly framing: { readonly name: string } | undefined;
  /** Further options of one grader, as they stand on a command line. */
  readonly options: Readonly<Partial<Record<Side, readonly string[]>>>;
}

/** An option as it stands on a command line; nothing, where it was not given. */
export function asArgument(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

/** Longer than any class takes: each examination has its own limit. */
const NO_LIMIT = 2 ** 31 - 1;

/** Name of the file in which findings are kept until all are there. */
const JOURNAL = ".echo-check.jsonl";

/** Examines the class; resolves to the exit code. */
export async function checkClass(
  { values }: CommandLine<typeof CLASS_OPTIONS>,
  { json, junit, lang, timeout, tasks, framing, options, t }: ClassCall & { readonly t: Translate },
): Promise<number> {
  const points = values.points === undefined ? DEFAULT_POINTS : readPoints(values.points);
  const submissions = findSubmissions({
    ...{ folder: values.class, list: values.list, globs: { server: values.servers, client: values.clients } },
  });
  checkPaths(values, submissions.length);
  const { csv, moodle, markdown, html, before, list } = values;
  checkOutputFiles(
    { "--csv": csv, "--moodle": moodle, "--markdown": markdown, "--junit": junit, "--html": html },
    { "--points": values.points, "--before": before, "--list": list },
  );
  const earlier = values.before === undefined ? undefined : readEarlier(values.before);
  const kind = await sandboxKind();
  if (kind === "none") printError(t("class.no_sandbox"));
  using limits = new CheckLimits(NO_LIMIT);
  const folder = resolve(values.class ?? dirname(values.list ?? "."));
  const journal = join(folder, JOURNAL);
  if (values.afresh) forget(journal);
  const language = languageFrom(lang, environment);
  const both = [`--lang=${language}`, ...asArgument("tasks", tasks?.join()), ...asArgument("framing", framing?.name)];
  let done = 0;
  const found = await runClass({
    submissions,
    settings: {
      ...{ kind, timeout, isInPlace: values.inPlace, path: await programPath(), signal: limits.signal },
      hidden: values.inPlace || values.list !== undefined ? undefined : folder,
      options: { server: [], client: [], ...options, both },
    },
    jobs: jobsFor(kind, values.jobs),
    journal,
    onDone: (submission, examined, isKnown) => {
      const marks = stateMarks(taskStates(examined));
      const known = isKnown ? t("class.known") : "";
      printError(t("class.progress", { done: ++done, count: submissions.length, name: submission.name, marks, known }));
    },
  });
  const graded = submissions.flatMap((submission): Graded[] => {
    const examined = found.get(submission.name);
    if (examined === undefined) return [];
    const [tasks, bonuses] = [taskStates(examined), bonusesOf(examined, submission)];
    const before = earlier?.get(submission.name);
    const own = { submission, examined, tasks, bonuses, points: pointsFor(tasks, bonuses, points) };
    return [{ ...own, ...before === undefined ? {} : { before } }];
  });
  const context = { points, t, time: new Date() };
  if (json) print(classJson(graded, context));
  else printText(classTable(graded, { points: mostPoints(points), t }));
  if (limits.endedBy !== undefined) {
    printError(t("class.interrupted", { done: graded.length, count: submissions.length }));
    return EXIT.interrupted;
  }
  await writeOutputs(graded, { values, junit, context });
  return graded.some(({ examined }) => examined.some(({ problem }) => problem === "timeout")) ? EXIT.timeout : EXIT.ok;
}

/** Writes every form that was asked for. */
async function writeOutputs(
  graded: readonly Graded[],
  { values, junit, context }: {
    readonly values: CommandLine<typeof CLASS_OPTIONS>["values"];
    readonly junit: string | undefined;
    readonly context: OutputContext;
  },
): Promise<void> {
  const write = (path: string | undefined, text: () => string): void => {
    if (path !== undefined) writeOutputFile(path, text());
  };
  write(values.csv, () => classCsv(graded, context));
  write(values.moodle, () => classMoodle(graded, context));
  write(values.markdown, () => classMarkdown(graded, context));
  write(junit, () => classJunit(graded, context));
  const unknown = graded.filter((one) => !isKnownToMoodle(one)).length;
  if (values.moodle !== undefined && unknown > 0) printError(context.t("class.moodle_unknown", { count: unknown }));
  if (values.html !== undefined) writeOutputFile(values.html, await classPage(graded, context));
  for (const one of graded) {
    const name = one.submission.name.replace(/[/\\\0]/g, "_");
    write(values.gradescope?.replaceAll("{name}", name), () => gradescopeResults(one, context));
    write(values.classroom?.replaceAll("{name}", name), () => classroomResult(one, context));
  }
}

/** Forms that hold one submission need a path for each. */
function checkPaths({ gradescope, classroom }: CommandLine<typeof CLASS_OPTIONS>["values"], count: number): void {
  for (const [option, value] of [["--gradescope", gradescope], ["--classroom50", classroom]] as const) {
    if (value === undefined || count === 1 || value.includes("{name}")) continue;
    throw new UsageError("bad_value", `Cannot use ${option} ${value}: it is one file for several submissions`, {
      details: { option, value, reason: "one_file" },
    });
  }
}

function readEarlier(path: string): ReadonlyMap<string, Before> {
  const earlier = earlierAttempts(readText(path));
  if (earlier !== undefined) return earlier;
  throw new UsageError("bad_value", `Cannot use --before ${path}: it is no class in JSON`, {
    details: { option: "--before", value: path, reason: "no_class" },
  });
}

/** Programs that share one network want the same port: they come one after the other. */
function jobsFor(kind: SandboxKind, asked: number | undefined): number {
  // An examination waits most of its time.
  return kind === "none" ? 1 : asked ?? 2 * navigator.hardwareConcurrency;
}
