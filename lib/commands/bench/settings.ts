/**
 * How a benchmark is set: one record from the command line to the sockets, and to a thread as it is.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { MAX_WORKERS, SESSIONS_PER_USER } from "../../base/limits.ts";
import { readWhole } from "../../base/files.ts";
import type { Values } from "../../cli/options.ts";
import type { BENCH_OPTIONS, RateRange } from "./options.ts";
import type { Payload } from "./pattern.ts";

/** What is measured: frames in a closed or open loop, connections, log-ins, or datagrams. */
export type BenchMode = "closed" | "open" | "connect" | "login" | "udp";

/** See the module. Sizes in bytes, times in ms. */
export interface BenchSettings {
  readonly mode: BenchMode;
  /** Its name. */
  readonly framing: string;
  readonly connections: number;
  /** Frames on their way on each connection at most. */
  readonly window: number;
  /** Payload of a frame. */
  readonly size: number;
  readonly duration: number;
  readonly warmup: number;
  /** Longest silence while an echo is missing. */
  readonly timeout: number;
  readonly maxFrame: number;
  /** Frames, or cycles, to measure, if that is sooner than {@linkcode BenchSettings.duration}. */
  readonly count?: number | undefined;
  /** What happened is told for parts of the run as long as this. */
  readonly interval: number;
  /** Longest wait for answers after the end; until {@linkcode BenchSettings.timeout}, where it is missing. */
  readonly drain?: number;
  readonly payload: Payload;
  /** Open loop: frames a second, of all connections together. */
  readonly rate: number | undefined;
  /** Open loop: the rate at the end of the measurement, where it is another one than at its beginning. */
  readonly rateAtEnd?: number | undefined;
  /** Threads of the client. */
  readonly threads: number;
  /** What carries the connections; default: Deno's sockets. */
  readonly engine?: "deno" | "io_uring";
}

/** What the settings depend on beside the values. */
interface SettingsClues {
  /** Whether the user gave an option. */
  readonly isGiven: (option: "duration" | "warmup" | "size" | "window") => boolean;
  /** Whether connections begin with a dialogue. */
  readonly hasDialogue: () => Promise<boolean>;
}

type BenchValues = Values<typeof BENCH_OPTIONS>;

/** A run that only {@linkcode BenchSettings.count} ends is as long as this at most, in ms: 12 days. */
export const ENDLESS = 2 ** 30;

/** Datagrams a second where nothing else is said: an echo service may have a limit. */
const UDP_RATE = 100;

/** A search is for the server's limit, not for that of one round trip after the other. */
const FIND_WINDOW = 16;

/** Rows of a run whose length is known, about; and their least length, in ms. */
const ROWS = 250;
const LEAST_ROW = 200;
/** Length of a row where the run's is not known, in ms. */
const ROW = 1000;

/**
 * The settings that options say.
 *
 * @throws {UsageError} `bad_value`, for options that do not go together.
 * @throws {StorageError} `cannot_read`, when the file of the payload cannot be.
 */
export async function settingsFrom(
  values: BenchValues,
  { isGiven, hasDialogue }: SettingsClues,
): Promise<BenchSettings> {
  const { connections, timeout, maxFrame, count, engine } = values;
  const mode = modeOf(values);
  const { from: rate = mode === "udp" ? UDP_RATE : undefined, to: rateAtEnd } = rangeOf(values.rate);
  if (rateAtEnd !== undefined && count !== undefined) throw refused("--count", "conflict", { other: "--rate" });
  const threads = await threadsFrom(values, mode, hasDialogue);
  const payload = payloadFrom(values.payload);
  // Whoever names a number of frames wants these and no others.
  const warmup = count === undefined || isGiven("warmup") ? values.warmup : 0;
  const most = count === undefined || isGiven("duration") ? values.duration : ENDLESS;
  const duration = count === undefined || rate === undefined ? most : Math.min(most, count / rate * 1000);
  const interval = values.interval ??
    (duration === ENDLESS ? ROW : Math.max(LEAST_ROW, Math.ceil(duration / ROWS / LEAST_ROW) * LEAST_ROW));
  const size = payload instanceof Uint8Array && !isGiven("size") ? payload.length : values.size;
  const window = values.find === undefined || isGiven("window") ? values.window : FIND_WINDOW;
  const framing = values.framing.name;
  return {
    ...{ mode, framing, connections, window, size, payload, duration, warmup, count, interval, timeout, maxFrame },
    ...{ rate, threads, engine },
    ...rateAtEnd === undefined ? {} : { rateAtEnd },
  };
}

function rangeOf(rate: BenchValues["rate"]): Partial<RateRange> {
  return typeof rate === "object" ? rate : rate === undefined ? {} : { from: rate };
}

function modeOf(values: BenchValues): BenchMode {
  const { connect, login, rate, connections, user, udp } = values;
  if (udp) return checkUdp(values);
  const given = [...connect ? ["--connect"] : [], ...login ? ["--login"] : [], ...rate === undefined ? [] : ["--rate"]];
  const [option, other] = given;
  if (option !== undefined && other !== undefined) throw refused(option, "conflict", { other });
  if (login && user === undefined) throw refused("--login", "login_user");
  if (login && connections > SESSIONS_PER_USER) {
    throw refused("--connections", "login_sessions", { value: connections, most: SESSIONS_PER_USER });
  }
  return connect ? "connect" : login ? "login" : rate === undefined ? "closed" : "open";
}

/** What datagrams cannot have: connections, and all that comes with them. */
function checkUdp({ connect, login, find, tls, user, mode, window, threads, sendProxy }: BenchValues): "udp" {
  const others = { "--connect": connect, "--login": login, "--find": find !== undefined, "--tls": tls };
  const more = { "--user": user !== undefined, "--mode": mode !== undefined && mode !== "echo" };
  const most = { "--window": window > 1, "--threads": threads !== 1, "--send-proxy": sendProxy !== undefined };
  const other = Object.entries({ ...others, ...more, ...most }).find(([, isGiven]) => isGiven);
  if (other !== undefined) throw refused("--udp", "conflict", { other: other[0] });
  return "udp";
}

function payloadFrom(text: BenchValues["payload"]): Payload {
  if (text === "text" || text === "random" || text === "zeros") return text;
  const path = text.slice(1);
  const bytes = readWhole(path);
  if (bytes.length > 0) return bytes;
  throw refused("--payload", "payload_empty", { value: text });
}

/** The threads of the client: as told, or as many as there are cores where they are of use. */
async function threadsFrom(
  { threads, connections }: BenchValues,
  mode: BenchMode,
  hasDialogue: () => Promise<boolean>,
): Promise<number> {
  if (threads === 1) return 1;
  const isCycle = mode === "connect" || mode === "login";
  const isDivisible = !isCycle && !await hasDialogue();
  if (threads === "auto") return isDivisible ? Math.min(navigator.hardwareConcurrency, MAX_WORKERS, connections) : 1;
  if (isCycle) throw refused("--threads", "conflict", { other: `--${mode}` });
  if (!isDivisible) throw refused("--threads", "threads_dialogue");
  if (threads > connections) throw refused("--threads", "threads_connections", { value: threads, connections });
  return threads;
}

/** An option that does not go with others. */
export function refused(option: string, reason: string, details: Record<string, string | number> = {}): UsageError {
  return new UsageError("bad_value", `Cannot use ${option}: ${reason.replaceAll("_", " ")}`, {
    details: { option, reason, action: "combine", ...details },
  });
}
