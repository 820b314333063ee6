/**
 * `--find` as the command line has it: what a trial is, and what is told while the rate is searched.
 *
 * @module
 */
import type { Bencher } from "./bencher.ts";
import { findRate, type Found, type Trial } from "./find.ts";
import { measure } from "./measure.ts";
import type { Measured } from "./result.ts";
import { progressText } from "./report.ts";
import type { Point } from "./runs.ts";
import type { BenchSettings } from "./settings.ts";
import { checkThreshold, type Threshold } from "./thresholds.ts";
import type { Sample } from "./timeline.ts";

/** A trial takes so long, in ms, longer at a low rate, and the last one so many times longer, up to the same bound. */
const TRIAL = 1000;
const LONGEST_TRIAL = 4000;
const FINAL = 3;
const WARMUP = 200;
/** Frames that a trial should have for its percentiles. */
const ENOUGH = 200;

/** From the first trial to the last one's begin, in ms: with all around it, half a minute. */
const BUDGET = 22_000;

/** The search begins at this share of what goes through in a closed loop. */
const FIRST_SHARE = 0.9;

/** This share of what was due has to come back in time. */
const KEPT = 0.99;

/** Where less than this share came back, no moment's stall of a machine explains it. */
const SURELY_LOST = 0.97;

/** A trial is given up when half of a part took so many times longer than the limit. */
const HOPELESS = 4;

/** The highest rate that keeps `goal`, and the last measurement at it. */
export async function search(bencher: Bencher, goal: Threshold): Promise<Found & { readonly point: Point }> {
  const { line, sessions, signal, t } = bencher.options;
  const base = await bencher.settings();
  const floor = await bencher.floor(base);
  const started = new Date().toISOString();
  bencher.progress.show(() => t("bench.progress.find"));
  // An open loop over the same connections cannot echo more than a closed one.
  const all = await measure({ ...base, duration: TRIAL / 2, warmup: WARMUP }, sessions, { signal });
  const begin = FIRST_SHARE * all.answered / Math.max(1, all.elapsed) * 1000;
  const longest = line.source("duration") === undefined ? undefined : base.duration;
  let [best, bestRate]: [Measured, number] = [all, begin];
  const tryRate = async (rate: number, isFinal: boolean): Promise<Trial> => {
    const settings = trialSettings(base, { rate, isFinal, longest, goal });
    const run = await trial(bencher, settings, goal);
    const { value } = checkThreshold(goal, { latencies: run.latencies, errors: 0, rate: null });
    const echoed = run.frames.reduce((sum, frames) => sum + frames, 0);
    // One frame of each connection may be on its way at either end.
    const isWhole = echoed >= KEPT * run.due - 2 * settings.connections && run.elapsed >= settings.duration - 1;
    const held = value !== null && value < goal.bound && isWhole && run.failures.length === 0;
    if (held || best === all) [best, bestRate] = [run, rate];
    const echoed_per_s = run.elapsed === 0 ? null : Math.round(echoed / run.elapsed * 10_000) / 10;
    const isFarBehind = echoed < SURELY_LOST * run.due - 2 * settings.connections;
    const overloaded = !held && (isFarBehind || (run.latencies.percentile(50) ?? Infinity) >= goal.bound);
    return { rate_per_s: Math.round(rate * 10) / 10, value_us: value, echoed_per_s, held, overloaded };
  };
  const found = await findRate({ measure: tryRate, begin, until: performance.now() + BUDGET, signal });
  bencher.latencies.add(best.latencies);
  const settings = { ...trialSettings(base, { rate: bestRate, isFinal: true, longest, goal }), duration: best.elapsed };
  const result = bencher.result(best, { settings, floor, started });
  return { ...found, point: { runs: [result], thresholds: result.thresholds } };
}

/** How a rate is tried. */
interface TrialSpec {
  readonly rate: number;
  readonly isFinal: boolean;
  /** Of the last trial, in ms, where the user has said so. */
  readonly longest: number | undefined;
  readonly goal: Threshold;
}

function trialSettings(base: BenchSettings, { rate, isFinal, longest, goal }: TrialSpec): BenchSettings {
  const short = Math.min(LONGEST_TRIAL, Math.max(TRIAL, ENOUGH / rate * 1000));
  const duration = isFinal ? longest ?? Math.min(FINAL * short, LONGEST_TRIAL) : short;
  // What has not come long after the limit need not be waited for.
  const drain = Math.min(base.timeout, Math.max(50, 2 * goal.bound / 1000));
  return { ...base, mode: "open", rate, duration, warmup: WARMUP, drain };
}

/** A measurement that ends as soon as there is no hope. */
async function trial(bencher: Bencher, settings: BenchSettings, goal: Threshold): Promise<Measured> {
  const { sessions, signal, t } = bencher.options;
  const hopeless = new AbortController();
  const onSample = (sample: Sample): void => {
    bencher.progress.show(() => progressText(sample, { settings, rates: [] }, t));
    if (sample.at > 0 && sample.p50 !== null && sample.p50 > HOPELESS * goal.bound) hopeless.abort();
  };
  return await measure(settings, sessions, { signal: AbortSignal.any([signal, hopeless.signal]), onSample });
}
