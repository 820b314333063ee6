/**
 * `--find` as the command line has it: what a trial is, and what is told while the rate is searched.
 *
 * @module
 */
import type { Bencher } from "./bencher.ts";
import { findRate, type Found, type Trial } from "./find.ts";
import type { Latencies } from "./latencies.ts";
import { measure, openFloor, type Source } from "./measure.ts";
import type { Measured } from "./result.ts";
import { progressText } from "./report.ts";
import type { Point } from "./runs.ts";
import { type BenchSettings, ENDLESS } from "./settings.ts";
import { checkThreshold, type Threshold } from "./thresholds.ts";
import type { OnTick } from "./ticker.ts";
import type { Sample } from "./timeline.ts";

/** A trial takes so long, in ms, longer at a low rate, and the last one so many times longer, up to the same bound. */
const TRIAL = 1000;
const LONGEST_TRIAL = 4000;
const FINAL = 3;
const WARMUP = 200;
/** Frames that a trial should have for its percentiles. */
const ENOUGH = 200;

/** From the first trial to the last one's begin, in ms: with all around it, half a minute. */
const BUDGET = 19_000;

/** From here on, in µs and as a share of the limit, what it takes the machine alone is too much to go by the figure. */
const BUSY = 1000;
const BUSY_SHARE = 1 / 4;

/** The search begins at this share of what goes through in a closed loop. */
const FIRST_SHARE = 0.9;

/** This share of what was due has to come back in time. */
const KEPT = 0.99;

/** A trial is looked at in parts of this length, in ms, or as many times longer as they need for so many frames. */
const PART = 100;
const PART_FRAMES = 50;

/** A trial is given up when in so many parts together all frames took so many times longer than the limit. */
const HOPELESS_PARTS = 2;
const HOPELESS = 4;

/** Frames a second that an echo of this process gets meanwhile: enough to see what the machine does, and next to no load. */
const CONTROL_RATE = 200;

/** The highest rate that keeps `goal`, and the last measurement at it. */
export async function search(bencher: Bencher, goal: Threshold): Promise<Found & { readonly point: Point }> {
  const { line, sessions, signal, t } = bencher.options;
  const base = await bencher.settings();
  const floor = await bencher.floor(base);
  const started = new Date().toISOString();
  bencher.progress.show(() => t("bench.progress.find"));
  // An open loop over the same connections cannot echo more than a closed one.
  const onOpened = bencher.opening(base);
  const all = await measure({ ...base, duration: TRIAL / 2, warmup: WARMUP }, sessions, { signal, onOpened });
  const begin = FIRST_SHARE * all.answered / Math.max(1, all.elapsed) * 1000;
  const longest = line.source("duration") === undefined ? undefined : base.duration;
  let best: { readonly run: Measured; readonly rate: number; readonly held: boolean } | undefined;
  using machine = await openFloor({ ...base, threads: 1 });
  const tryRate = async (rate: number, isFinal: boolean): Promise<Trial> => {
    const settings = trialSettings(base, { rate, isFinal, longest, goal });
    const { run, parts, control } = await trial(bencher, settings, { goal, machine });
    const value = figureOf(goal, run.latencies);
    const echoed = run.frames.reduce((sum, frames) => sum + frames, 0);
    // One frame of each connection may be on its way at either end.
    const isWhole = echoed >= KEPT * run.due - 2 * settings.connections && run.elapsed >= settings.duration - 1;
    const isSound = value !== null && run.failures.length === 0;
    const held = isSound && value < goal.bound && isWhole;
    const overloaded = !held && isOverloaded(parts, { goal, elapsed: run.elapsed });
    const disturbed = isSound && !held && !overloaded && control >= Math.max(BUSY, BUSY_SHARE * goal.bound);
    if (held || disturbed || best === undefined || best.rate === rate && !best.held) best = { run, rate, held };
    const echoed_per_s = run.elapsed === 0 ? null : Math.round(echoed / run.elapsed * 10_000) / 10;
    return { rate_per_s: Math.round(rate * 10) / 10, value_us: value, echoed_per_s, held, overloaded, disturbed };
  };
  const found = await findRate({ measure: tryRate, begin, until: performance.now() + BUDGET, signal });
  const { run, rate } = best ?? { run: all, rate: begin };
  bencher.latencies.add(run.latencies);
  const settings = { ...trialSettings(base, { rate, isFinal: true, longest, goal }), duration: run.elapsed };
  const result = bencher.result(run, { settings, floor, started });
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
  const interval = Math.max(PART, PART_FRAMES / rate * 1000);
  return { ...base, mode: "open", rate, duration, warmup: WARMUP, drain, interval };
}

/** The end of a part of a trial, in ms from the start of the measurement, and the least latency in it, in µs. */
interface Part {
  readonly at: number;
  readonly least: number;
}

/** A measurement that ends as soon as there is no hope. */
async function trial(
  bencher: Bencher,
  settings: BenchSettings,
  { goal, machine }: { readonly goal: Threshold; readonly machine: Source },
): Promise<{ readonly run: Measured; readonly parts: readonly Part[]; readonly control: number }> {
  const { sessions, signal, t } = bencher.options;
  const [hopeless, over] = [new AbortController(), new AbortController()];
  const parts: Part[] = [];
  const onTick: OnTick = ({ at }, latencies) => {
    const least = latencies.percentile(0);
    // Behind the end come those that were given up.
    if (at <= 0 || at >= settings.duration || least === null || hopeless.signal.aborted) return;
    parts.push({ at, least });
    const last = parts.slice(-HOPELESS_PARTS);
    if (last.length === HOPELESS_PARTS && last.every(({ least }) => least > HOPELESS * goal.bound)) hopeless.abort();
  };
  const onSample = (sample: Sample): void =>
    bencher.progress.show(() => progressText(sample, { settings, rates: [] }, t));
  // What the client finds at its own echo at the same time is not the server's. It goes on until the trial is over.
  const alone = {
    ...settings,
    rate: CONTROL_RATE,
    connections: 1,
    threads: 1,
    engine: "deno",
    duration: ENDLESS,
  } as const;
  const watch = { signal: AbortSignal.any([signal, hopeless.signal]), onSample, onTick };
  const [run, control] = await Promise.all([
    measure(settings, sessions, watch).finally(() => over.abort()),
    measure(alone, machine, { signal: over.signal }).finally(() => over.signal.aborted || hopeless.abort()),
  ]);
  return { run, parts, control: figureOf(goal, control.latencies) ?? 0 };
}

/**
 * Whether all that came back in the last third was late. A queue that grows never falls below the limit again; what piled
 * up in a pause is worked off, where there is something left to do it with.
 */
function isOverloaded(parts: readonly Part[], { goal, elapsed }: { goal: Threshold; elapsed: number }): boolean {
  return parts.filter(({ at }) => at > elapsed * 2 / 3).every(({ least }) => least >= goal.bound);
}

function figureOf(goal: Threshold, latencies: Latencies): number | null {
  return checkThreshold(goal, { latencies }).value;
}
