/**
 * Processes as Linux shows them in /proc (proc(5)). Deno lets a program read there with all permissions only, so a
 * shell does it.
 *
 * @module
 */

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

/** All processes there are. */
export async function processes(): Promise<ProcessInfo[]> {
  const text = await shell("cat /proc/[0-9]*/stat 2>/dev/null");
  return text.split("\n").flatMap((line) => {
    // The name stands in parentheses, and may hold anything.
    const [, pid, rest] = /^(\d+) \(.*\) \S (.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined) return [];
    const fields = rest.split(" ").map(Number);
    const [parent = 0, group = 0] = fields;
    return [{ pid: Number(pid), parent, group, cpu: ((fields[10] ?? 0) + (fields[11] ?? 0)) * TICK }];
  });
}

/** Whether a thread of these processes runs, or waits for a processor alone (state R). */
export async function isRunning(pids: readonly number[]): Promise<boolean> {
  const files = pids.map((pid) => `/proc/${Number(pid)}/task/*/stat`).join(" ");
  return /^\d+ \(.*\) R /m.test(await shell(`cat ${files} 2>/dev/null`));
}

/** Open descriptors of these processes. */
export async function descriptors(pids: readonly number[]): Promise<number> {
  const text = await shell(`for p in ${pids.map(Number).join(" ")}; do ls /proc/$p/fd 2>/dev/null; done | wc -l`);
  return Number(text.trim());
}

/** TCP ports these processes listen on. */
export async function listeningPorts(pids: readonly number[]): Promise<number[]> {
  if (pids.length === 0) return [];
  const list = pids.map(Number).join(" ");
  const text = await shell(
    `for p in ${list}; do ls -l /proc/$p/fd 2>/dev/null; done; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null`,
  );
  const sockets = new Set(Array.from(text.matchAll(/socket:\[(\d+)\]/g), ([, inode]) => inode));
  // sl local_address rem_address st …: state 0A is LISTEN; the tenth field is the inode.
  const rows = text.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A (?:\S+ +){5}(\d+)/gm);
  const ports = Array.from(rows, ([, port = "", inode]) => sockets.has(inode) ? [parseInt(port, 16)] : []).flat();
  return [...new Set(ports)];
}

async function shell(script: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script], stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
