/**
 * A benchmark of something that is done as a whole, again and again: connect, one frame, close; or log in and close.
 *
 * @module
 */
import process from "node:process";
import { ProtocolError } from "../../base/errors.ts";
import { Latencies } from "./latencies.ts";
import type { Phase, RunOptions, RunResult } from "./run.ts";
import { Ticker } from "./ticker.ts";
import { tickOf } from "./timeline.ts";

/** How it runs. */
interface CycleOptions extends Pick<RunOptions, "duration" | "warmup" | "count" | "interval" | "signal" | "onTick"> {
  /** How many do it at the same time. */
  readonly clients: number;
}

/** A client whose tries fail so often in a row gives up. */
const GIVE_UP_AFTER = 10;

/**
 * Lets `clients` do `cycle` over and over.
 *
 * @param cycle Called with the number of the client, from 0, and with what notes its parts.
 * @throws {ProtocolError} at once, when what comes back is wrong.
 */
export async function runCycles(
  cycle: (client: number, mark: (phase: Phase | "begin") => void) => Promise<void>,
  options: CycleOptions,
): Promise<RunResult> {
  const { clients, duration, warmup, count = Infinity, signal, onTick } = options;
  const start = performance.now() + warmup;
  let end = start + duration;
  const stop = (): void => {
    end = Math.min(end, performance.now());
  };
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const frames = Array.from({ length: clients }, () => 0);
  const failures: { connection: number; error: unknown }[] = [];
  const phases: Partial<Record<Phase, Latencies>> = {};
  let [total, measured, lost, fatal]: [number, number, number, ProtocolError | undefined] = [0, 0, 0, undefined];
  using ticker = new Ticker({
    ...{ start, tick: tickOf(options.interval), onTick },
    ...{ count: () => total, errors: () => failures.length },
  });
  const repeat = async (client: number): Promise<void> => {
    for (let inARow = 0; inARow < GIVE_UP_AFTER;) {
      const before = performance.now();
      const isMeasured = before >= start;
      if (before >= end || (isMeasured && measured >= count)) return;
      if (isMeasured) measured++;
      const marks = new Map<Phase | "begin", number>();
      try {
        await cycle(client, (phase) => marks.set(phase, performance.now()));
        inARow = 0;
      } catch (error) {
        inARow++;
        if (isMeasured) lost++;
        failures.push({ connection: client + 1, error });
        if (error instanceof ProtocolError) {
          fatal ??= error;
          stop();
        }
        continue;
      }
      const now = performance.now();
      total++;
      if (now >= start && now < end && (isMeasured || count === Infinity)) frames[client] = (frames[client] ?? 0) + 1;
      if (!isMeasured || before >= end) continue;
      ticker.part.record(now - before);
      for (const [phase, ms] of durationsOf(marks, before)) (phases[phase] ??= new Latencies()).record(ms);
    }
  };
  // CPU of the whole run: a cycle is long, and the shares of warm-up and measurement are alike.
  const [cpuBefore, from] = [process.cpuUsage(), performance.now()];
  try {
    await Promise.all(frames.map((_, client) => repeat(client)));
  } finally {
    signal.removeEventListener("abort", stop);
  }
  if (fatal !== undefined) throw fatal;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuShare = (user + system) / 1000 / Math.max(1, performance.now() - from);
  const elapsed = Math.max(0, Math.min(end, performance.now()) - start);
  const latencies = ticker.end();
  const account = { due: latencies.count + lost, unsent: 0, answered: latencies.count, lost, pending: 0 };
  return {
    elapsed,
    frames,
    latencies,
    fromSent: undefined,
    lateness: undefined,
    ...account,
    failures,
    cpuShare,
    phases,
  };
}

/** How long each part took: from the end of the one before it, but for those that stand for several. */
function durationsOf(marks: ReadonlyMap<Phase | "begin", number>, before: number): (readonly [Phase, number])[] {
  const opened = marks.get("open") ?? before;
  let last = before;
  return [...marks].flatMap(([phase, at]) => {
    const from = phase === "open" ? before : phase === "first_byte" || phase === "echo" ? opened : last;
    last = at;
    return phase === "begin" ? [] : [[phase, at - from] as const];
  });
}
