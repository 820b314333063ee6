/**
 * `echo-client bench`: measures, tells, writes files, and says by its exit code whether limits were kept.
 *
 * @module
 */
import { EXIT, exitCodeOf } from "../../cli/exit_codes.ts";
import type { CommandLine } from "../../cli/options.ts";
import { Bencher, type BencherOptions, type BenchLine } from "./bencher.ts";
import { interruption } from "./interruption.ts";
import { printError } from "../../cli/output.ts";
import type { BENCH_OPTIONS } from "./options.ts";
import { checkOutputs, tell } from "./outputs.ts";
import { foundText, pointsText } from "./verdicts.ts";
import { checkRuns, type Outcome, type Point } from "./runs.ts";
import { search } from "./search.ts";
import { Sessions } from "./sessions.ts";
import { refused } from "./settings.ts";
import type { Translate } from "./texts.ts";

/** Runs the command; resolves to the exit code. */
export async function bench(line: CommandLine<typeof BENCH_OPTIONS>, t: Translate): Promise<number> {
  checkOutputs(line.values);
  checkGoal(line.values);
  using interrupt = interruption();
  const { signal } = interrupt;
  if (line.values.oneWay || line.values.reverse) {
    return await (await import("./one_way.ts")).oneWay(line, { signal, t });
  }
  await using sessions = await Sessions.from(line, (user) => {
    bencher.progress.clear();
    printError(t("login.unused", { user }));
  });
  using bencher = new Bencher({ line, t, sessions, signal });
  const outcome = await outcomeOf(bencher, line, bencher.options);
  bencher.progress.clear();
  await tell(outcome, line.values, t);
  return signal.aborted ? EXIT.interrupted : exitCode(outcome);
}

/** One run, several, a sweep, or a search. */
async function outcomeOf(bencher: Bencher, { values }: BenchLine, { signal, t }: BencherOptions): Promise<Outcome> {
  const { latencies } = bencher;
  if (values.find !== undefined) {
    const found = await search(bencher, values.find);
    const [goal, verdict] = [values.find.text, foundText(found, values.find.text, t)];
    return { points: [found.point], found, goal, latencies, firstError: bencher.firstError, verdict };
  }
  const points: Point[] = [];
  for (const value of values.sweep?.points ?? [undefined]) {
    const swept = values.sweep === undefined || value === undefined ? {} : { [values.sweep.name]: value.value };
    const runs = await bencher.runs(await bencher.settings(swept));
    const label = value === undefined ? {} : { label: value.text };
    points.push({ ...label, runs, thresholds: checkRuns(values.failIf, runs) });
    if (signal.aborted) break;
  }
  const sweep = values.sweep === undefined ? {} : { sweep: values.sweep.name };
  return { points, ...sweep, latencies, firstError: bencher.firstError, verdict: pointsText(points, t) };
}

/** An exceeded limit, a goal that no rate keeps, else a connection that failed where no limit speaks of errors. */
function exitCode({ points, found, firstError }: Outcome): number {
  const thresholds = points.flatMap((point) => point.thresholds);
  if (thresholds.some(({ fails }) => fails) || found?.held === null) return EXIT.threshold;
  return firstError === undefined || thresholds.some(({ figure }) => figure === "errors")
    ? EXIT.ok
    : exitCodeOf(firstError);
}

/** A search sets the rate itself. */
function checkGoal(values: BenchLine["values"]): void {
  if (values.find === undefined) return;
  const others = {
    "--rate": values.rate,
    "--sweep": values.sweep,
    "--count": values.count,
    "--interval": values.interval,
  };
  const flags = { "--connect": values.connect, "--login": values.login, "--runs": values.runs > 1 };
  const other = Object.entries({ ...others, ...flags }).find(([, value]) => value !== undefined && value !== false);
  if (other !== undefined) throw refused("--find", "conflict", { other: other[0] });
}
