/**
 * How a benchmark is set: one record from the command line to the sockets, and to a thread as it is.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { MAX_WORKERS, SESSIONS_PER_USER } from "../../base/limits.ts";
import type { Values } from "../../cli/options.ts";
import type { BENCH_OPTIONS } from "./options.ts";

/** What is measured: frames in a closed or open loop, connections, or log-ins. */
export type BenchMode = "closed" | "open" | "connect" | "login";

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
  /** Open loop: frames a second, of all connections together. */
  readonly rate: number | undefined;
  /** Threads of the client. */
  readonly threads: number;
}

/** Who knows whether connections begin with a dialogue. */
interface Dialogues {
  hasDialogue(): Promise<boolean>;
}

type BenchValues = Values<typeof BENCH_OPTIONS>;

/**
 * The settings that options say.
 *
 * @throws {UsageError} `bad_value`, for options that do not go together.
 */
export async function settingsFrom(values: BenchValues, sessions: Dialogues): Promise<BenchSettings> {
  const { connections, window, size, duration, warmup, timeout, maxFrame, rate } = values;
  const mode = modeOf(values);
  const threads = await threadsFrom(values, mode, sessions);
  const framing = values.framing.name;
  return { mode, framing, connections, window, size, duration, warmup, timeout, maxFrame, rate, threads };
}

function modeOf({ connect, login, rate, connections, user }: BenchValues): BenchMode {
  const given = [...connect ? ["--connect"] : [], ...login ? ["--login"] : [], ...rate === undefined ? [] : ["--rate"]];
  const [option, other] = given;
  if (option !== undefined && other !== undefined) throw refused(option, "conflict", { other });
  if (login && user === undefined) throw refused("--login", "login_user");
  if (login && connections > SESSIONS_PER_USER) {
    throw refused("--connections", "login_sessions", { value: connections, most: SESSIONS_PER_USER });
  }
  return connect ? "connect" : login ? "login" : rate === undefined ? "closed" : "open";
}

/** The threads of the client: as told, or as many as there are cores where they are of use. */
async function threadsFrom(
  { threads, connections }: BenchValues,
  mode: BenchMode,
  sessions: Dialogues,
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

/** An option that does not go with others. */
export function refused(option: string, reason: string, details: Record<string, string | number> = {}): UsageError {
  return new UsageError("bad_value", `Cannot use ${option}: ${reason.replaceAll("_", " ")}`, {
    details: { option, reason, action: "combine", ...details },
  });
}
