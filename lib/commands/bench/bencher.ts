/**
 * Measures what a command line asks for, while somebody is told how far it is.
 *
 * @module
 */
import { VERSION } from "../../cli/version.ts";
import type { CommandLine } from "../../cli/options.ts";
import { printText } from "../../cli/output.ts";
import { Progress } from "../../cli/progress.ts";
import { targetText } from "../../net/dial.ts";
import { Latencies } from "./latencies.ts";
import { measure, measureFloor } from "./measure.ts";
import type { BENCH_OPTIONS } from "./options.ts";
import { printsReport } from "./outputs.ts";
import { progressText, rowText, verdictText } from "./report.ts";
import { type BenchResult, type Floor, type Measured, resultOf } from "./result.ts";
import type { Sessions } from "./sessions.ts";
import { type BenchSettings, settingsFrom } from "./settings.ts";
import type { Translate } from "./texts.ts";
import type { Sample } from "./timeline.ts";

export type BenchLine = CommandLine<typeof BENCH_OPTIONS>;

export interface BencherOptions {
  readonly line: BenchLine;
  readonly t: Translate;
  readonly sessions: Sessions;
  /** Ends what runs, with what there is. */
  readonly signal: AbortSignal;
}

export class Bencher implements Disposable {
  readonly options: BencherOptions;
  readonly progress: Progress;
  /** Of all runs together. */
  readonly latencies = new Latencies();
  /** What ended the first connection that failed. */
  firstError: unknown;

  constructor(options: BencherOptions) {
    this.options = options;
    this.progress = new Progress({ quiet: options.line.values.quiet });
  }

  /** What the command line says, but for what a sweep says otherwise. */
  async settings(swept: Partial<BenchLine["values"]> = {}): Promise<BenchSettings> {
    const { line, sessions } = this.options;
    const isGiven = (option: "duration" | "warmup" | "size" | "window"): boolean => line.source(option) !== undefined;
    return await settingsFrom({ ...line.values, ...swept }, { isGiven, hasDialogue: () => sessions.hasDialogue() });
  }

  /** As many runs as wanted, or until somebody ends them; at least one. */
  async runs(settings: BenchSettings): Promise<BenchResult[]> {
    const { line: { values }, signal } = this.options;
    const floor = await this.floor(settings);
    const runs: BenchResult[] = [];
    do {
      const started = new Date().toISOString();
      const run = await this.#watched(settings);
      this.latencies.add(run.latencies);
      runs.push(this.result(run, { settings, floor, started }));
    } while (runs.length < values.runs && !signal.aborted);
    return runs;
  }

  /** The client against itself, where that is wanted. */
  async floor(settings: BenchSettings): Promise<Floor | undefined> {
    const { line: { values }, sessions, signal, t } = this.options;
    if (values.noFloor || settings.mode === "login" || settings.mode === "udp" || settings.duration === 0) {
      return undefined;
    }
    this.progress.show(() => t("bench.progress.floor"));
    const { sockets } = sessions.config;
    return await measureFloor(settings, {
      signal,
      sockets,
      onOpened: this.opening(settings, t("bench.progress.floor")),
    });
  }

  /** The record of a run. */
  result(
    run: Measured,
    about: { readonly settings: BenchSettings; readonly floor: Floor | undefined; readonly started: string },
  ): BenchResult {
    const { line: { values }, sessions, signal, t } = this.options;
    const error = run.failures[0]?.error;
    const result = resultOf(run, {
      ...{ ...about, version: VERSION, target: targetText(sessions.config.target) },
      ...{ isInterrupted: signal.aborted, thresholds: values.failIf },
    });
    if (result.count === 0 && error !== undefined) throw error;
    this.firstError ??= error;
    return { ...result, verdict: verdictText(result, error, t) };
  }

  /** Tells how many connections are open, behind what they are for. */
  opening({ connections: all }: Pick<BenchSettings, "connections">, purpose = ""): (count: number) => void {
    const { t } = this.options;
    return (count) => this.progress.show(() => `${purpose} ${t("bench.progress.open", { count, all })}`.trimStart());
  }

  [Symbol.dispose](): void {
    this.progress[Symbol.dispose]();
  }

  async #watched(settings: BenchSettings): Promise<Measured> {
    const { line: { values }, sessions, signal, t } = this.options;
    const rates: number[] = [];
    const onSample = (sample: Sample): void => {
      rates.push(sample.rate);
      this.progress.show(() => progressText(sample, { settings, rates }, t));
    };
    const onRow = (row: Sample): void => {
      this.progress.clear();
      printText(rowText(row, settings.mode, t));
    };
    const isPrinted = values.interval !== undefined && !values.quiet && printsReport(values);
    return await measure(settings, sessions, {
      ...{ signal, onOpened: this.opening(settings) },
      // A sample's percentiles cost the client that measures.
      onSample: this.progress.isShown ? onSample : undefined,
      onRow: isPrinted ? onRow : undefined,
    });
  }
}
