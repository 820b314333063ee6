/**
 * Processes of this machine: on Linux as /proc shows them (proc(5)). Elsewhere ps(1) tells the little it knows.
 *
 * @module
 */

import { delay } from "../../base/delay.ts";
import { groupOf, HAS_PROC, procLine, procLink, procNumbers, procText } from "./proc_files.ts";
import { datagramSockets, type ListedSocket, listeners, sockets, STATE } from "./socket_lists.ts";

export { HAS_PROC };

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Processor time used, in ms. */
  readonly cpu: number;
}

/** Ms a clock tick; USER_HZ is 100 on every Linux. */
const TICK = 10;

/** All processes there are, without those of some numbers; none where that cannot be told. */
export async function processes(without: ReadonlySet<number> = new Set()): Promise<ProcessInfo[]> {
  const all = HAS_PROC
    ? procNumbers("/proc").filter((pid) => !without.has(pid)).map(infoOf)
    : (await ps()).split("\n").map(fromPs);
  return all.filter((info) => info !== undefined);
}

/** Their numbers; none where that takes more than a look. */
export function pidsNow(): ReadonlySet<number> {
  return new Set(procNumbers("/proc"));
}

/**
 * The processes that have come from one, without it.
 *
 * @example
 * ```ts
 * import { descendantsOf } from "./processes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const all = [[2, 1], [3, 2], [4, 3], [5, 1]].map(([pid = 0, parent = 0]) => ({ pid, parent, group: pid, cpu: 0 }));
 * assertEquals(descendantsOf(2, all), [3, 4]);
 * ```
 */
export function descendantsOf(ancestor: number, all: readonly ProcessInfo[]): number[] {
  const children = all.filter(({ parent }) => parent === ancestor).map(({ pid }) => pid);
  return children.flatMap((pid) => [pid, ...descendantsOf(pid, all)]);
}

export async function processGroup(group: number): Promise<ProcessInfo[]> {
  if (!HAS_PROC) return (await processes()).filter((info) => info.group === group);
  return (await pidsOfGroup(group)).map(infoOf).filter((info) => info !== undefined);
}

/** Their numbers alone. */
export async function pidsOfGroup(group: number): Promise<number[]> {
  if (!HAS_PROC) return (await processGroup(group)).map(({ pid }) => pid);
  return procNumbers("/proc").filter((pid) => groupOf(pid) === group);
}

function infoOf(pid: number): ProcessInfo | undefined {
  return fromProc(procLine(`/proc/${pid}/stat`).trim());
}

/** A line of /proc/PID/stat. */
function fromProc(line: string): ProcessInfo | undefined {
  // The name stands in parentheses, and may hold anything.
  const [, pid, rest] = /^(\d+) \(.*\) \S (.*)$/.exec(line) ?? [];
  if (pid === undefined || rest === undefined) return undefined;
  const fields = rest.split(" ").map(Number);
  const [parent = 0, group = 0] = fields;
  return { pid: Number(pid), parent, group, cpu: ((fields[10] ?? 0) + (fields[11] ?? 0)) * TICK };
}

/** A line of ps: `1234 1 1234 0:01.25`. */
function fromPs(line: string): ProcessInfo | undefined {
  const [pid, parent, group, time = ""] = line.trim().split(/\s+/);
  if (group === undefined) return undefined;
  const cpu = time.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0) * 1000;
  return { pid: Number(pid), parent: Number(parent), group: Number(group), cpu };
}

/** Sends a signal to a process group, to its first process alone where the system has no groups, or where all have ended to none. */
export function signalGroup(group: number, signal: Deno.Signal): void {
  // A negative number is the whole group (kill(2)).
  for (const pid of [-group, group]) {
    try {
      Deno.kill(pid, signal);
      return;
    } catch {
      // There is no such group any more, or the system has none.
    }
  }
}

/** The processes whose environment has this entry; none where that cannot be told. */
export function processesWith(entry: string): number[] {
  return procNumbers("/proc").filter((pid) => procText(`/proc/${pid}/environ`).split("\0").includes(entry));
}

/** Whether a thread of these processes runs, or waits for a processor alone (state R). */
export function isRunning(pids: readonly number[]): boolean {
  return threadFiles(pids, "stat").some((text) => /^\d+ \(.*\) R /.test(text));
}

/** Whether these processes are at work, or would be if they had a processor: their silence says nothing yet. */
export async function areHeldUp(pids: readonly number[]): Promise<boolean> {
  const before = workDone(pids);
  await delay(LOOK);
  const after = workDone(pids);
  return after.ran - before.ran + timeHeldUp(before, after, LOOK) > LOOK / 3;
}

/** How long processes are looked at, in ms. */
const LOOK = 45;

/** How far processes have come: ms that they have run, and been ready to; whether they would run now. */
export interface WorkDone {
  readonly ran: number;
  readonly waited: number;
  readonly isReady: boolean;
}

export function workDone(pids: readonly number[]): WorkDone {
  return { ...times(pids), isReady: isRunning(pids) };
}

/**
 * Ms of `elapsed` in which others had the processor. The system counts a wait once it is over, also what of it was before; on
 * a busy machine more time has passed than was meant to: what they have run counts in any case.
 */
export function timeHeldUp(before: WorkDone, after: WorkDone, elapsed: number): number {
  const ran = after.ran - before.ran;
  if (after.isReady && ran === 0) return elapsed;
  return Math.max(0, Math.min(elapsed - ran, after.waited - before.waited));
}

/** Times in ms that threads of these processes have run, and been ready to (sched-stats in the kernel's documentation). */
function times(pids: readonly number[]): { readonly ran: number; readonly waited: number } {
  return threadFiles(pids, "schedstat").reduce((sum, text) => {
    const [ran = 0, waited = 0] = text.split(" ").map(Number);
    return { ran: sum.ran + ran / 1e6, waited: sum.waited + waited / 1e6 };
  }, { ran: 0, waited: 0 });
}

function timeAtWork(pids: readonly number[]): number {
  const { ran, waited } = times(pids);
  return ran + waited;
}

/** Whether a thread of these processes reads standard input. */
export function readsInput(pids: readonly number[]): boolean {
  return callsOf(pids).some(({ text }) => {
    const [call, fd] = text.split(" ");
    return call === String(CALLS.read) && fd === "0x0";
  });
}

/** Whether all these processes do is to read standard input, or, as a shell, to wait for those that do. */
export function awaitsKeyboard(pids: readonly number[]): boolean {
  const calls = callsOf(pids).map(({ text }) => text.split(" "))
    .filter(([call]) => call !== String(CALLS.wait4));
  return calls.length > 0 && calls.every(([call, fd]) => call === String(CALLS.read) && fd === "0x0");
}

/** Whether all these processes do is to wait for bytes of a socket, or, as a shell, for those that do. */
export function awaitsBytes(pids: readonly number[]): boolean {
  const calls = callsOf(pids).map(({ text }) => text.split(" "))
    .filter(([call]) => call !== String(CALLS.wait4));
  return calls.length > 0 &&
    calls.every(([call, fd, count]) =>
      call === String(CALLS.recvfrom) || call === String(CALLS.recvmsg) ||
      call === String(CALLS.read) && fd !== "0x0" ||
      // With a timeout Python polls the one socket first.
      call === String(CALLS.poll) && count === "0x1"
    );
}

/** Whether a thread of these processes waits for one of several things, as a loop of events does. */
export function awaitsEvents(pids: readonly number[]): boolean {
  return callsOf(pids).some(({ text }) => EVENTS.has(Number(text.split(" ", 1)[0])));
}

/**
 * Bytes that a thread of these processes waits for in a call that names no more than `most`: a header, whose width that is.
 * `undefined` where none does, or where they do not agree.
 */
export function wantedBytes(pids: readonly number[], most: number): number | undefined {
  const sizes = callsOf(pids).map(({ text }) => text.split(" "))
    .filter(([call]) => call === String(CALLS.recvfrom)).map(([, , , size]) => Number(size));
  const [size = 0, ...others] = new Set(sizes);
  return others.length === 0 && size > 0 && size <= most ? size : undefined;
}

/** What may end a wait by itself: nothing, a limit of time for bytes and connections, a limit for anything. */
export type Limits = "none" | "bytes" | "any";

/**
 * Whether each thread of these processes waits, and for nothing that comes by itself: bytes, a connection, a key, a lock, an
 * end, without a limit of time. Until one of that comes from outside they do nothing. Of waits that `limits` allows one
 * does not know that: a loop that looks at something else between two of them has not done so for a while.
 */
export async function areAtRest(pids: readonly number[], limits: Limits = "none"): Promise<boolean> {
  const before = timeAtWork(pids);
  if (!areWaiting(pids, limits)) return false;
  await delay(REST[limits]);
  return areWaiting(pids, limits) && timeAtWork(pids) === before;
}

/**
 * Threads of these processes that wait for a limited time, by their folders, with what they have done so far: who has done
 * more later, and waits, has had a turn.
 */
export function turns(pids: readonly number[]): ReadonlyMap<string, string> {
  return new Map(
    callsOf(pids).filter((call) => !isWaiting(call, "none")).map(({ path }) => [path, procLine(`${path}/schedstat`)]),
  );
}

/**
 * The threads of these processes that sleep for a set time, or, in a loop of events, until one that is due within `most` ms;
 * with what they have done so far: another text is another sleep. Empty where none does.
 */
export function sleepers(pids: readonly number[], most: number): string {
  return callsOf(pids).filter(({ text }) => isSleeping(text, most))
    .map(({ path }) => `${path} ${procLine(`${path}/schedstat`)}`).join("\n");
}

/** Whether all these processes do is to sleep for a set time, or, as a shell, to wait for those that do. */
export function areAsleep(pids: readonly number[]): boolean {
  const calls = callsOf(pids).map(({ text }) => text.split(" ", 1)[0] ?? "").filter((call) =>
    call !== String(CALLS.wait4)
  );
  return calls.length > 0 && calls.every((call) => PAUSES.has(call));
}

function isSleeping(text: string, most: number): boolean {
  const [call = "", ...args] = text.split(" ");
  const isOfEvents = call === String(CALLS.epoll_wait) || call === String(CALLS.epoll_pwait);
  const due = Number(args[3]);
  return PAUSES.has(call) || isOfEvents && due > 0 && due <= most;
}

/** Between two looks at processes that are at rest, in ms. */
const REST: Readonly<Record<Limits, number>> = { none: 5, bytes: 15, any: 15 };

function areWaiting(pids: readonly number[], limits: Limits): boolean {
  const calls = callsOf(pids);
  return calls.length > 0 && calls.every((call) => isWaiting(call, limits));
}

/** A thread and what its file `syscall` has: the number of the call and its arguments. */
interface ThreadCall {
  readonly path: string;
  readonly text: string;
}

/** What the threads of these processes are in, as far as that can be read. */
function callsOf(pids: readonly number[]): ThreadCall[] {
  return threads(pids).map((path) => ({ path, text: procLine(`${path}/syscall`).trim() })).filter(({ text }) =>
    text !== "" && text !== ENDED
  );
}

/** Whether a thread waits; a runtime's own threads do for all that clients see. */
function isWaiting({ path, text }: ThreadCall, limits: Limits): boolean {
  const [call = "", ...args] = text.split(" ");
  const limit = LIMITED.get(Number(call));
  if (limit === undefined) return UNLIMITED.has(call) || limits === "any" && PAUSES.has(call);
  const value = Number(args[limit]);
  // No limit is a null pointer, or -1 milliseconds.
  const isUnlimited = IN_MS.has(Number(call)) ? value > FAR : value === 0;
  if (isUnlimited || limits === "any") return true;
  return Number(call) === CALLS.futex ? RUNTIME.test(procLine(`${path}/comm`).trim()) : limits === "bytes";
}

/** Names of threads of Deno's and Java's, of which the system keeps 15 bytes, that wait for some time and answer nobody. */
const RUNTIME =
  /^(?:tokio-runtime-w|VM Thread|VM Periodic Tas|C[12] CompilerThre|G1 Service|Monitor Deflati|Sweeper thread|Common-Cleaner)$/;

/** Numbers of system calls (syscalls(2)). */
const CALLS = Deno.build.arch === "aarch64"
  ? {
    ...{ read: 63, recvfrom: 207, recvmsg: 212, wait4: 260, waitid: 95, accept: 202, accept4: 242 },
    ...{ poll: -1, ppoll: 73, select: -1, pselect6: 72, epoll_wait: -1, epoll_pwait: 22, futex: 98 },
    ...{ nanosleep: 101, clock_nanosleep: 115 },
  }
  : {
    ...{ read: 0, recvfrom: 45, recvmsg: 47, wait4: 61, waitid: 247, accept: 43, accept4: 288 },
    ...{ poll: 7, ppoll: 271, select: 23, pselect6: 270, epoll_wait: 232, epoll_pwait: 281, futex: 202 },
    ...{ nanosleep: 35, clock_nanosleep: 230 },
  };

/** Calls that wait without a limit of time, and, of those that may have one, the argument that has it. */
const UNLIMITED: ReadonlySet<string> = new Set(
  (["read", "recvfrom", "recvmsg", "wait4", "waitid", "accept", "accept4"] as const).map((name) => String(CALLS[name])),
);
const PAUSES: ReadonlySet<string> = new Set([String(CALLS.nanosleep), String(CALLS.clock_nanosleep)]);
/** Of these the limit is a number of ms, of 32 bits; of the others a pointer. */
const IN_MS: ReadonlySet<number> = new Set([CALLS.poll, CALLS.epoll_wait, CALLS.epoll_pwait]);
/** What comes by itself after so many ms is not waited for. */
const FAR = 5000;
const LIMITED: ReadonlyMap<number, number> = new Map([
  ...[[CALLS.poll, 2], [CALLS.ppoll, 2], [CALLS.select, 4], [CALLS.pselect6, 4]] as const,
  ...[[CALLS.epoll_wait, 3], [CALLS.epoll_pwait, 3], [CALLS.futex, 3]] as const,
]);
/** Of these, those for one of several things. */
const EVENTS: ReadonlySet<number> = new Set([...LIMITED.keys()].filter((call) => call >= 0 && call !== CALLS.futex));

/** Open descriptors of these processes. */
export function descriptors(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + procNumbers(`/proc/${pid}/fd`).length, 0);
}

/** Where these processes listen: ports of TCP, each with its address, `undefined` for all addresses. */
export function listeningPorts(pids: readonly number[]): ReadonlyMap<number, string | undefined> {
  const own = linksOf(pids);
  if (![...own].some((link) => link.startsWith("socket:"))) return new Map();
  const rows = listeners().filter(({ inode }) => own.has(`socket:[${inode}]`));
  return new Map(rows.map(({ port, address }) => [port, addressOf(address)]));
}

/** Ports on which these processes take datagrams. */
export function datagramPorts(pids: readonly number[]): number[] {
  const own = linksOf(pids);
  return datagramSockets().filter(({ port, inode }) => port > 0 && own.has(`socket:[${inode}]`)).map(({ port }) =>
    port
  );
}

/** What the descriptors of these processes stand for. */
function linksOf(pids: readonly number[]): ReadonlySet<string> {
  return new Set(pids.flatMap((pid) => procNumbers(`/proc/${pid}/fd`).map((fd) => procLink(`/proc/${pid}/fd/${fd}`))));
}

/** Where ephemeral ports begin (`net.ipv4.ip_local_port_range`, Linux): clients leave many of them in TIME_WAIT. */
const FIRST_EPHEMERAL = 32_768;

/**
 * Whether a server has left a port in TIME_WAIT on which nobody listens now: for a minute only who sets SO_REUSEADDR may.
 *
 * @param expected A port that counts also where clients have their own.
 */
export function isPortAtRest(expected: number): boolean {
  return portsAtRest(sockets()).some((port) => port < FIRST_EPHEMERAL || port === expected);
}

/** Local ports in TIME_WAIT on which nobody listens. */
export function portsAtRest(all: readonly ListedSocket[]): number[] {
  const inState = (wanted: number): Set<number> =>
    new Set(all.filter(({ state }) => state === wanted).map(({ port }) => port));
  return [...inState(STATE.timeWait).difference(inState(STATE.listens))];
}

/**
 * Whether somebody is connected to a port of this machine. The system knows before those who listen there: a connection waits
 * to be accepted. What has ended on both sides (TIME_WAIT) is of those who were there before.
 */
export function isConnectedTo(port: number): boolean {
  return sockets().some((one) =>
    one.port === port && (one.state === STATE.established || one.state === STATE.closeWait)
  );
}

/** An address of /proc/net: words of 32 bits in the order of the processor (proc_net_tcp.rst), here little-endian. */
function addressOf(hexadecimal: string): string | undefined {
  if (/^0+$/.test(hexadecimal)) return undefined;
  const bytes = (hexadecimal.match(/.{8}/g) ?? []).flatMap((word) => [...Uint8Array.fromHex(word)].reverse());
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const isMapped = hex.startsWith("00000000000000000000ffff");
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join(".");
  return new URL(`tcp://[${(hex.match(/.{4}/g) ?? []).join(":")}]`).hostname.slice(1, -1);
}

/** A file of each thread of these processes, as far as it can be read. */
function threadFiles(pids: readonly number[], file: "stat" | "schedstat"): string[] {
  return threads(pids).map((path) => procLine(`${path}/${file}`)).filter((text) => text !== "");
}

/** The folders of the threads of these processes. */
function threads(pids: readonly number[]): string[] {
  return pids.flatMap((pid) => procNumbers(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`));
}

/** In the file `syscall`: a process that has ended, of which its parent has not been told. */
const ENDED = "-1 0x0 0x0";

async function ps(): Promise<string> {
  try {
    const args = ["-A", "-o", "pid=,ppid=,pgid=,time="];
    const { stdout } = await new Deno.Command("ps", { args, stdin: "null", stderr: "null" }).output();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}
