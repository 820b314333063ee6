/**
 * Processes of this machine: on Linux as /proc shows them (proc(5)). Deno lets a program read there with all permissions
 * only, so a shell does it. Elsewhere ps(1) tells the little it knows.
 *
 * @module
 */

import { delay } from "../../base/delay.ts";

/** One process. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Processor time used, in ms. */
  readonly cpu: number;
}

/** Ms a clock tick; USER_HZ is 100 on every Linux. */
const TICK = 10;

/** Whether there is a /proc to look into. */
export const HAS_PROC: boolean = Deno.build.os === "linux";

/** All processes there are; none where that cannot be told. */
export async function processes(): Promise<ProcessInfo[]> {
  const lines = (await shell(HAS_PROC ? "cat /proc/[0-9]*/stat" : "ps -A -o pid=,ppid=,pgid=,time=")).split("\n");
  return lines.map(HAS_PROC ? fromProc : fromPs).filter((info) => info !== undefined);
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
export async function processesWith(entry: string): Promise<number[]> {
  if (!HAS_PROC) return [];
  const text = await shell(`grep -lzxF '${entry.replaceAll("'", "")}' /proc/[0-9]*/environ`);
  return Array.from(text.matchAll(/^\/proc\/(\d+)\//gm), ([, pid]) => Number(pid));
}

/** Whether a thread of these processes runs, or waits for a processor alone (state R). */
export async function isRunning(pids: readonly number[]): Promise<boolean> {
  const files = pids.map((pid) => `/proc/${Number(pid)}/task/*/stat`).join(" ");
  return /^\d+ \(.*\) R /m.test(await shell(`cat ${files}`));
}

/** Time in ms that threads of these processes have run, or been ready to (sched-stats in the kernel's documentation). */
async function timeAtWork(pids: readonly number[]): Promise<number> {
  if (!HAS_PROC || pids.length === 0) return 0;
  const text = await shell(`cat ${pids.map((pid) => `/proc/${Number(pid)}/task/*/schedstat`).join(" ")}`);
  return Array.from(text.matchAll(/^(\d+) (\d+) \d+$/gm), ([, ran, waited]) => (Number(ran) + Number(waited)) / 1e6)
    .reduce((sum, ms) => sum + ms, 0);
}

/** Whether these processes are at work, or would be if they had a processor: their silence says nothing yet. */
export async function areHeldUp(pids: readonly number[]): Promise<boolean> {
  const before = await timeAtWork(pids);
  await delay(LOOK);
  return await timeAtWork(pids) - before > LOOK / 3;
}

/** How long processes are looked at, in ms. */
const LOOK = 45;

/** Whether a thread of these processes reads standard input: system call 0 of x64, 63 of arm64 (proc_pid_syscall(5)). */
export async function readsInput(pids: readonly number[]): Promise<boolean> {
  if (!HAS_PROC || pids.length === 0) return false;
  const files = pids.map((pid) => `/proc/${Number(pid)}/task/*/syscall`).join(" ");
  return /^(?:0|63) 0x0 /m.test(await shell(`cat ${files}`));
}

/**
 * Whether all these processes do is to wait for bytes of a socket: recvfrom, recvmsg or read, and wait4 of a shell around
 * them (45, 47, 0 and 61 of x64, 207, 212, 63 and 260 of arm64).
 */
export async function awaitsBytes(pids: readonly number[]): Promise<boolean> {
  if (!HAS_PROC || pids.length === 0) return false;
  const files = pids.map((pid) => `/proc/${Number(pid)}/task/*/syscall`).join(" ");
  const calls = (await shell(`cat ${files}`)).trim().split("\n");
  const others = calls.filter((call) => !/^(?:61|260) /.test(call));
  return others.length > 0 && others.every((call) => /^(?:(?:45|47|207|212) |(?:0|63) 0x[1-9a-f])/.test(call));
}

/** Open descriptors of these processes. */
export async function descriptors(pids: readonly number[]): Promise<number> {
  const text = await shell(`for p in ${pids.map(Number).join(" ")}; do ls /proc/$p/fd; done | wc -l`);
  return Number(text.trim());
}

/** TCP ports these processes listen on. */
export async function listeningPorts(pids: readonly number[]): Promise<number[]> {
  if (pids.length === 0) return [];
  const list = pids.map(Number).join(" ");
  const text = await shell(
    `for p in ${list}; do ls -l /proc/$p/fd; done; cat /proc/net/tcp /proc/net/tcp6`,
  );
  const sockets = new Set(Array.from(text.matchAll(/socket:\[(\d+)\]/g), ([, inode]) => inode));
  // sl local_address rem_address st …: state 0A is LISTEN; the tenth field is the inode.
  const rows = text.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A (?:\S+ +){5}(\d+)/gm);
  const ports = Array.from(rows, ([, port = "", inode]) => sockets.has(inode) ? [parseInt(port, 16)] : []).flat();
  return [...new Set(ports)];
}

/** What a script prints; nothing where there is no shell. */
async function shell(script: string): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", script], stdin: "null", stderr: "null" }).output();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}
