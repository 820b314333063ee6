/**
 * How long a connection may be silent before something on the path, or the server, drops it; and what keeps it.
 *
 * @module
 */
import { HAS_PROC, procText } from "../grading/proc_files.ts";
import { type Checked, type Fact, finding, note } from "./facts.ts";
import { digits } from "./payloads.ts";
import { type Exchange, median, ProbeConnection, type ProbeOptions } from "./probe_connection.ts";

/** Connections that are silent beside each other, each for another time. */
const FIRST_ROUND = 8;
const SECOND_ROUND = 6;

/** The shortest silence that is tried, as a share of the longest. */
const SHORTEST = 1 / 40;

/** How one connection fared. */
export interface Silence {
  /** How long it was silent, in ms. */
  readonly ms: number;
  readonly isAlive: boolean;
  /** When the other side ended it, in ms of silence; nothing where it did not say so. */
  readonly endedAt?: number;
  readonly how?: "closed" | "reset" | "silent";
}

/** Between which two times connections are dropped, and how; `undefined` where none was. */
interface IdleLimit {
  /** Longest silence that was survived, and shortest that was not, in ms. */
  readonly survived: number;
  readonly dropped: number;
  readonly how: "closed" | "reset" | "silent";
}

/** What silences say together. */
export function limitOf(silences: readonly Silence[]): IdleLimit | undefined {
  const dead = silences.filter(({ isAlive }) => !isAlive);
  const ends = dead.flatMap(({ endedAt }) => endedAt === undefined ? [] : [endedAt]);
  const [first] = dead.toSorted((a, b) => a.ms - b.ms);
  if (first === undefined) return undefined;
  // Whoever is told of the end knows the time itself.
  const dropped = ends.length > 0 ? median(ends) : first.ms;
  const survived = Math.max(0, ...silences.filter(({ isAlive, ms }) => isAlive && ms <= dropped).map(({ ms }) => ms));
  return { survived, dropped, how: first.how ?? "silent" };
}

/** Finds the limit, and whether messages or keep-alive hold a connection beyond it. */
export async function checkIdle(options: ProbeOptions): Promise<Checked> {
  const { idleMax } = options;
  if (idleMax === 0) return { facts: [], data: { idle: null } };
  const factor = SHORTEST ** (1 / (FIRST_ROUND - 1));
  const times = Array.from({ length: FIRST_ROUND }, (_, at) => idleMax * factor ** at);
  const silencesOf = async (times: readonly number[]): Promise<Silence[]> =>
    (await Promise.all(times.map((ms) => silent(options, ms)))).filter((one) => one !== undefined);
  const silences = await silencesOf(times);
  if (silences.length === 0) return { facts: [], data: { idle: null } };
  let limit = limitOf(silences);
  if (limit?.how === "silent") {
    const { survived, dropped } = limit;
    const step = (dropped - survived) / (SECOND_ROUND + 1);
    const between = Array.from({ length: SECOND_ROUND }, (_, at) => survived + (at + 1) * step);
    silences.push(...await silencesOf(between));
    limit = limitOf(silences);
  }
  if (limit === undefined) {
    return { facts: [note("idle_ok", { idle_ms: idleMax })], data: { idle: { tried_ms: idleMax, dropped_ms: null } } };
  }
  const [messages, keepAlive] = await Promise.all([heldByMessages(options, limit), heldByKeepAlive(options, limit)]);
  const { survived, dropped, how } = limit;
  const values = { survived_ms: round(survived), dropped_ms: round(dropped), how };
  const facts: Fact[] = [
    finding(how === "silent" ? "idle_silent" : "idle_ended", values),
    ...messages === null ? [] : [
      note(messages ? "held_by_messages" : "not_held_by_messages", { every_ms: dropped / 3 }),
    ],
    ...keepAlive.facts,
  ];
  const idle = { tried_ms: idleMax, survived_ms: round(survived), dropped_ms: round(dropped), how };
  return { facts, data: { idle: { ...idle, held_by_messages: messages, held_by_keep_alive: keepAlive.isHeld } } };
}

/** A connection that says nothing for so long, and then something; nothing where the server does not let it begin. */
async function silent(options: ProbeOptions, ms: number): Promise<Silence | undefined> {
  const frame = options.framing.encode(digits(48));
  await using connection = await ProbeConnection.tryOpen(options);
  const first = await connection?.exchange(frame, options.timeout);
  if (connection === undefined || first === undefined || !isAnswer(first)) return undefined;
  const began = connection.reads.at(-1)?.at ?? connection.age;
  await connection.waitForEnd(ms);
  const { end } = connection;
  if (end !== undefined) return { ms, isAlive: false, endedAt: Math.max(0, end.at - began), how: end.how };
  // On a busy machine it was longer than was meant.
  const lasted = Math.max(ms, connection.age - began);
  if (isAnswer(await connection.exchange(frame, options.timeout))) return { ms: lasted, isAlive: true };
  // Only the message has brought the end about: the connection was dropped before, without a word.
  return { ms: lasted, isAlive: false, how: "silent" };
}

function isAnswer({ outcome }: Exchange): boolean {
  return outcome === "same" || outcome === "changed";
}

/** Whether a message now and then keeps a connection for longer than the limit; null where that was not tried. */
async function heldByMessages(options: ProbeOptions, { dropped }: IdleLimit): Promise<boolean | null> {
  const frame = options.framing.encode(digits(48));
  await using connection = await ProbeConnection.tryOpen(options);
  if (connection === undefined) return null;
  for (let spent = 0; spent <= dropped * 1.5; spent += dropped / 3) {
    if (!isAnswer(await connection.exchange(frame, options.timeout))) return false;
    await connection.waitForEnd(dropped / 3);
  }
  return connection.end === undefined;
}

/** Where the system says after how many seconds keep-alive asks: the only interval that Deno offers. */
const KEEPALIVE_TIME = "/proc/sys/net/ipv4/tcp_keepalive_time";

/** Whether the system's keep-alive does; null where that was not tried. */
async function heldByKeepAlive(
  options: ProbeOptions,
  { dropped }: IdleLimit,
): Promise<{ readonly facts: readonly Fact[]; readonly isHeld: boolean | null }> {
  if (options.tls !== undefined) return { facts: [note("keep_alive_tls")], isHeld: null };
  const after = HAS_PROC ? Number(procText(KEEPALIVE_TIME)) * 1000 : 0;
  if (!(after > 0)) return { facts: [note("keep_alive_unknown")], isHeld: null };
  if (after >= dropped) return { facts: [note("keep_alive_late", { after_ms: after })], isHeld: false };
  await using connection = await ProbeConnection.tryOpen(options);
  if (connection === undefined) return { facts: [], isHeld: null };
  const { conn } = connection;
  if ("setKeepAlive" in conn && typeof conn.setKeepAlive === "function") conn.setKeepAlive(true);
  await connection.exchange(options.framing.encode(digits(48)), options.timeout);
  await connection.waitForEnd(dropped * 1.5);
  const isHeld = isAnswer(await connection.exchange(options.framing.encode(digits(48)), options.timeout));
  return { facts: [note(isHeld ? "keep_alive_holds" : "keep_alive_fails", { after_ms: after })], isHeld };
}

function round(ms: number): number {
  return Math.round(ms);
}
