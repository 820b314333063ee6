/**
 * `echo-client bench`: measures, tells, writes files, and says by its exit code whether bounds were kept.
 *
 * @module
 */
import manifest from "../../../deno.json" with { type: "json" };
import { EXIT, exitCodeOf } from "../../cli/exit_codes.ts";
import { durationText } from "../../cli/common_options.ts";
import { timeText } from "../../cli/format.ts";
import type { CommandLine, Values } from "../../cli/options.ts";
import { print } from "../../cli/output.ts";
import { writeOutputFile } from "../../base/output_file.ts";
import { targetText } from "../../net/dial.ts";
import { measure, measureFloor } from "./measure.ts";
import type { BENCH_OPTIONS } from "./options.ts";
import { Progress } from "./progress.ts";
import { rateOf, reportLines, titleOf, verdictText } from "./report.ts";
import { type BenchResult, type Floor, resultOf } from "./result.ts";
import type { RunResult } from "./run.ts";
import type { Sample } from "./sampler.ts";
import { Sessions } from "./sessions.ts";
import { type BenchSettings, settingsFrom } from "./settings.ts";
import type { Translate } from "./texts.ts";

type BenchLine = CommandLine<typeof BENCH_OPTIONS>;

/** Bars of the drawn histogram. */
const BARS = 14;

/** Runs the command; resolves to the exit code. */
export async function bench(line: BenchLine, t: Translate): Promise<number> {
  const { values } = line;
  const sessions = await Sessions.from(line);
  const settings = await settingsFrom(values, sessions);
  using interrupt = interruption();
  const { signal } = interrupt;
  const started = new Date().toISOString();
  const floor = values.noFloor || settings.mode === "login" ? undefined : await floorOf(settings, { signal, t });
  const run = await watched(settings, t, (onSample) => measure(settings, sessions, { signal, onSample }));
  const target = targetText(sessions.config.target);
  const version = manifest.version;
  const result = resultOf(run, { version, started, target, settings, floor, thresholds: values.failIf });
  const firstError = run.failures[0]?.error;
  if (result.count === 0 && firstError !== undefined) throw firstError;
  const verdict = verdictText(result, firstError, t);
  print(
    values.json
      ? JSON.stringify({ ...result, verdict })
      : reportLines(result, { bars: run.latencies.bars(BARS), firstError }, t).join("\n"),
  );
  await writeFiles({ values, run, result, title: titleOf(result.settings, t), verdict });
  return signal.aborted ? EXIT.interrupted : exitCode(result, firstError);
}

/** A passed bound, else a connection that failed where no bound speaks of errors. */
function exitCode({ thresholds }: BenchResult, firstError: unknown): number {
  if (thresholds.some(({ fails }) => fails)) return EXIT.threshold;
  return firstError === undefined || thresholds.some(({ figure }) => figure === "errors")
    ? EXIT.ok
    : exitCodeOf(firstError);
}

async function floorOf(
  settings: BenchSettings,
  { signal, t }: { readonly signal: AbortSignal; readonly t: Translate },
): Promise<Floor> {
  using progress = new Progress();
  progress.show(t("bench.progress.floor"));
  return await measureFloor(settings, { signal });
}

/** Measures while somebody is told how far it is. */
async function watched<T>(
  settings: BenchSettings,
  t: Translate,
  run: (onSample: (sample: Sample) => void) => Promise<T>,
): Promise<T> {
  using progress = new Progress();
  return await run((sample) => progress.show(progressText(sample, settings, t)));
}

function progressText({ at, rate, p99 }: Sample, { mode, duration }: BenchSettings, t: Translate): string {
  const values = { rate: rateOf(rate, mode, t), p99: timeText(p99), duration: durationText(duration) };
  return at < 0
    ? t("bench.progress.warmup", values)
    : t("bench.progress", { ...values, at: `${(at / 1000).toFixed(1)} s` });
}

/** What the files are made from. */
interface Files {
  readonly values: Values<typeof BENCH_OPTIONS>;
  readonly run: RunResult;
  readonly result: BenchResult;
  readonly title: string;
  readonly verdict: string;
}

async function writeFiles({ values: { hgrm, html }, run, result, title, verdict }: Files): Promise<void> {
  if (hgrm !== undefined) writeOutputFile(hgrm, run.latencies.hgrm());
  if (html === undefined) return;
  const { htmlReport } = await import("./html.ts");
  writeOutputFile(html, htmlReport({ result, title, verdict, curve: run.latencies.curve(), samples: run.samples }));
}

/** Aborts at the first Ctrl-C; the second one ends the program. */
function interruption(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) Deno.exit(EXIT.interrupted);
    controller.abort();
  };
  Deno.addSignalListener("SIGINT", onInterrupt);
  return { signal: controller.signal, [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", onInterrupt) };
}
