/**
 * `echo-client bench`: measures, tells, writes files, and says by its exit code whether bounds were kept.
 *
 * @module
 */
import manifest from "../../../deno.json" with { type: "json" };
import { runCycles } from "./cycles.ts";
import { closeWire, echoOnce, type EchoOnceOptions } from "./echo_once.ts";
import { type FloorServer, startFloor } from "./floor.ts";
import { openMany } from "./open_many.ts";
import { Pattern } from "./pattern.ts";
import { type BenchMode, type BenchResult, type BenchSettings, type Floor, resultOf } from "./result.ts";
import { runLoad, type RunOptions, type RunResult, type Sample } from "./run.ts";
import type { LoadSpec } from "./thread.ts";
import { runThreads } from "./threads.ts";
import { type Target, targetText } from "../../net/dial.ts";
import { UsageError } from "../../base/errors.ts";
import type { FramedConn } from "../../framed_conn.ts";
import { MAX_WORKERS, SESSIONS_PER_USER } from "../../base/limits.ts";
import { writeOutputFile } from "../../base/output_file.ts";
import type { BENCH_OPTIONS } from "./options.ts";
import { Progress } from "./progress.ts";
import { rateOf, reportLines, titleOf, verdictText } from "./report.ts";
import { timeText } from "../../cli/format.ts";
import { openPlain, Sessions } from "./sessions.ts";
import { durationText } from "../../cli/common_options.ts";
import { EXIT, exitCodeOf } from "../../cli/exit_codes.ts";
import type { Translate } from "./texts.ts";
import type { CommandLine, Values } from "../../cli/options.ts";
import { print } from "../../cli/output.ts";

type BenchLine = CommandLine<typeof BENCH_OPTIONS>;

/** The floor is measured for so long, in ms, after half as much of warm-up: to the digit that matters. */
const FLOOR_DURATION = 400;

/** Bars of the drawn histogram. */
const BARS = 14;

/** Runs the command; resolves to the exit code. */
export async function bench(line: BenchLine, t: Translate): Promise<number> {
  const { values } = line;
  const mode = modeOf(values);
  const sessions = await Sessions.from(line);
  const threads = await threadsFrom(values, mode, sessions);
  const settings = { ...settingsOf(values, mode, sessions.config.target), threads };
  const pattern = new Pattern(values.framing, values.size);
  using interrupt = interruption();
  const { signal } = interrupt;
  const started = new Date().toISOString();
  const floor = values.noFloor || mode === "login"
    ? undefined
    : await measureFloor({ sessions, pattern, settings, signal, t });
  const run = await measured({ sessions, pattern, settings, signal, t });
  const context = {
    ...{ version: manifest.version, started, settings, thresholds: values.failIf },
    client_cores: navigator.hardwareConcurrency,
  };
  const result = resultOf(run, { ...context, ...floor === undefined ? {} : { floor } });
  const firstError = run.failures[0]?.error;
  if (result.count === 0 && firstError !== undefined) throw firstError;
  print(
    values.json
      ? JSON.stringify({ ...result, verdict: verdictText(result, firstError, t) })
      : reportLines(result, { bars: run.latencies.bars(BARS), firstError }, t).join("\n"),
  );
  await writeFiles({ values, run, result, title: titleOf(settings, t), verdict: verdictText(result, firstError, t) });
  return signal.aborted ? EXIT.interrupted : exitCode(result, firstError);
}

/** A passed bound, else a connection that failed where no bound speaks of errors. */
function exitCode({ thresholds }: BenchResult, firstError: unknown): number {
  if (thresholds.some(({ fails }) => fails)) return EXIT.threshold;
  return firstError === undefined || thresholds.some(({ figure }) => figure === "errors")
    ? EXIT.ok
    : exitCodeOf(firstError);
}

function modeOf({ connect, login, rate }: Values<typeof BENCH_OPTIONS>): BenchMode {
  const given = [...connect ? ["--connect"] : [], ...login ? ["--login"] : [], ...rate === undefined ? [] : ["--rate"]];
  const [option, other] = given;
  if (option !== undefined && other !== undefined) throw refused(option, "conflict", { other });
  return connect ? "connect" : login ? "login" : rate === undefined ? "closed" : "open";
}

function settingsOf(
  values: Values<typeof BENCH_OPTIONS>,
  mode: BenchMode,
  target: Target,
): Omit<BenchSettings, "threads"> {
  const { connections, window, size, duration, warmup, rate, framing, user } = values;
  if (mode === "login" && user === undefined) throw refused("--login", "login_user");
  if (mode === "login" && connections > SESSIONS_PER_USER) {
    throw refused("--connections", "login_sessions", { value: connections, most: SESSIONS_PER_USER });
  }
  return {
    ...{ target: targetText(target), framing: framing.name, mode, connections, window },
    ...{ size_bytes: size, duration_ms: duration, warmup_ms: warmup },
    ...rate === undefined ? {} : { rate_per_s: rate },
  };
}

/** The threads of the client: as told, or as many as there are cores where they are of use. */
async function threadsFrom(
  { threads, connections }: Values<typeof BENCH_OPTIONS>,
  mode: BenchMode,
  sessions: Sessions,
): Promise<number> {
  if (threads === 1) return 1;
  const isCycle = mode === "connect" || mode === "login";
  const isDivisible = !isCycle && !await sessions.hasDialogue();
  if (threads === "auto") return isDivisible ? Math.min(navigator.hardwareConcurrency, MAX_WORKERS, connections) : 1;
  if (isCycle) throw refused("--threads", "conflict", { other: `--${mode}` });
  if (!isDivisible) throw refused("--threads", "threads_dialogue");
  if (threads > connections) throw refused("--threads", "threads_connections", { value: threads, connections });
  return threads;
}

/** What a measurement needs. */
interface Measurement {
  readonly sessions: Sessions;
  readonly pattern: Pattern;
  readonly settings: BenchSettings;
  readonly signal: AbortSignal;
  readonly t: Translate;
}

async function measured({ sessions, pattern, settings, signal, t }: Measurement): Promise<RunResult> {
  using progress = new Progress();
  const options = {
    ...runOptions(settings, sessions.config.timeout),
    pattern,
    signal,
    onSample: (sample: Sample) => progress.show(progressText(sample, settings, t)),
  };
  switch (settings.mode) {
    case "connect":
      return await runCycles(connectAndEcho(() => sessions.open(), { pattern, timeout: sessions.config.timeout }), {
        ...options,
        clients: settings.connections,
      });
    case "login":
      return await runCycles(await logIns(sessions, settings.connections), {
        ...options,
        clients: settings.connections,
      });
    default: {
      if (settings.threads > 1) {
        const { target, tls, family, source } = sessions.config;
        const way = { targets: [target], tls, family, source };
        return await runThreads({ ...loadOf(settings, sessions), ...way }, { ...options, ...settings });
      }
      const conns = await sessions.openAll(settings.connections);
      return await runLoad(conns.map((conn) => conn.detach()), options);
    }
  }
}

/** The same load on an echo of this process, for a short time. */
async function measureFloor({ sessions, pattern, settings, signal, t }: Measurement): Promise<Floor> {
  using progress = new Progress();
  progress.show(t("bench.progress.floor"));
  using servers = await startFloors(settings.threads);
  const { config } = sessions;
  const targets: Target[] = servers.ports.map((port) => ({ transport: "tcp", host: "127.0.0.1", port }));
  const open = (): Promise<FramedConn> => openPlain(targets[0] ?? config.target, config);
  const duration = Math.min(FLOOR_DURATION, settings.duration_ms);
  const short = { duration, warmup: duration / 2 };
  const options = { ...runOptions(settings, config.timeout), ...short, pattern, signal };
  const run = settings.mode === "connect"
    ? await runCycles(connectAndEcho(open, { pattern, timeout: config.timeout }), {
      ...options,
      clients: settings.connections,
    })
    : settings.threads > 1
    ? await runThreads({ ...loadOf(settings, sessions), ...short, targets }, { ...settings, signal })
    : await runLoad(
      (await openMany(open, { count: settings.connections })).map((conn) => conn.detach()),
      options,
    );
  const { rate_per_s, latency_us } = resultOf(run, {
    ...{ version: "", started: "", settings, thresholds: [] },
    client_cores: navigator.hardwareConcurrency,
  });
  return { rate_per_s, latency_us };
}

/** An echo for each thread: one alone would be what the threads wait for. */
async function startFloors(count: number): Promise<Disposable & { readonly ports: readonly number[] }> {
  const servers: FloorServer[] = [];
  while (servers.length < count) servers.push(await startFloor());
  const stop = (): void => {
    for (const server of servers) server[Symbol.dispose]();
  };
  return { ports: servers.map(({ port }) => port), [Symbol.dispose]: stop };
}

/** What threads are told of a load, but for where it goes. */
function loadOf(settings: BenchSettings, { config }: Sessions): Omit<LoadSpec, "targets"> {
  const { framing, size_bytes: size, connections } = settings;
  return { ...runOptions(settings, config.timeout), framing, size, connections, maxFrame: config.maxFrame };
}

function runOptions(settings: BenchSettings, timeout: number): Omit<RunOptions, "pattern"> {
  const { window, duration_ms: duration, warmup_ms: warmup, rate_per_s: rate } = settings;
  return { window, duration, warmup, timeout, ...rate === undefined ? {} : { rate } };
}

/** Connects, has one frame echoed, and closes. */
function connectAndEcho(open: () => Promise<FramedConn>, options: Omit<EchoOnceOptions, "frame">): () => Promise<void> {
  let frame = 0;
  return async () => {
    const wire = (await open()).detach();
    const echo = await echoOnce(wire, { ...options, frame: frame++ }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    closeWire(wire);
    if (echo !== undefined) throw echo.error;
  };
}

/** Each client logs in with the password once, before anything is measured, and then with the token of the time before. */
async function logIns(sessions: Sessions, clients: number): Promise<(client: number) => Promise<void>> {
  const held: { token?: string }[] = Array.from({ length: clients }, () => ({}));
  for (const tokens of held) await sessions.logIn(tokens);
  return (client) => sessions.logIn(held[client] ?? {});
}

function progressText({ at, rate, p99 }: Sample, { mode, duration_ms: duration }: BenchSettings, t: Translate): string {
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

function refused(option: string, reason: string, details: Record<string, string | number> = {}): UsageError {
  return new UsageError("bad_value", `Cannot use ${option}: ${reason.replaceAll("_", " ")}`, {
    details: { option, reason, action: "combine", ...details },
  });
}
