/**
 * Where one submission is examined: a copy in memory of limited size, on a network of its own, with a limit for each thing
 * that it could use up. Linux gives that to ordinary users by namespaces (user_namespaces(7)): what runs in one ends with it.
 *
 * The sandbox holds a mistake, and a prank; it is no wall against somebody who attacks the system.
 *
 * @module
 */

/** Where the submission is examined. */
export type SandboxKind = "namespaces" | "bwrap" | "none";

/**
 * Bounds of one submission. Memory, in KiB, and file size, in 512 bytes, as `ulimit` counts them; the rest as `mount` does. A
 * program may ask for more memory than it uses: `recv(n)` of Python takes n bytes, and a wrong header says four thousand million.
 */
const LIMITS = {
  ...{ memory: 5 * 1024 * 1024, resident: 1024 * 1024, file: 128 * 1024 },
  ...{ processes: 256, descriptors: 1024, disk: "160m", pids: 512 },
};

/** What is in use is looked at so often, in seconds. */
const LOOK = 0.3;

/** Before the program: limits that it hands down. Shells disagree on the letter for processes. */
const BOUNDS = [
  `ulimit -c 0`,
  `ulimit -d ${LIMITS.memory}`,
  `ulimit -f ${LIMITS.file}`,
  `ulimit -n ${LIMITS.descriptors}`,
  `ulimit -u ${LIMITS.processes} || ulimit -p ${LIMITS.processes}`,
].map((limit) => `{ ${limit}; } 2>/dev/null`).join("; ");

/**
 * Inside the namespaces: $1 is copied to $2 (nothing is where $1 is empty), $3 is hidden, the rest is run. The network has
 * nothing but its loopback, and outside of $2 nothing can be written.
 */
const ENTER = `
src=$1 work=$2 hide=$3; shift 3
ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null || [ "$ECHO_LOOPBACK" = up ] || exit 71
{ echo ${LIMITS.pids} >/proc/sys/kernel/pid_max; echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
mount -t tmpfs -o size=32m,mode=1777 none /dev/shm
if [ -n "$src" ]; then
  mount -t tmpfs -o size=${LIMITS.disk},mode=755 none "$work" || exit 72
  if [ -d "$src" ]; then cp -R "$src/." "$work"; else cp "$src" "$work"; fi || exit 72
  chmod -R u+rwX "$work"
else
  mount --bind "$work" "$work" || exit 72
fi
mkdir -p "$work/.tmp" && export TMPDIR="$work/.tmp"
[ -z "$hide" ] || mount -t tmpfs -o ro,size=4k none "$hide"
while read -r _ at _ options _; do
  case $at in "$work"|"$hide"|/proc|/proc/*|/dev|/dev/*|/sys|/sys/*) continue;; esac
  flags=ro
  for flag in nosuid nodev noexec; do case ,$options, in *,$flag,*) flags=$flags,$flag;; esac; done
  mount -o "remount,bind,$flags" "$at" 2>/dev/null
done </proc/self/mounts
while sleep ${LOOK}; do
  kill -9 $(awk '/^VmRSS/ && $2 > ${LIMITS.resident} { split(FILENAME, at, "/"); print at[3] }' /proc/[0-9]*/status)
done >/dev/null 2>&1 </dev/null &
cd "$work" && exec "$@"
`;

/** What is run, and where. */
interface Sandboxed {
  readonly command: readonly string[];
  /** The submission; `undefined` where it is examined where it lies. */
  readonly source: string | undefined;
  /** The folder it is examined in, which exists. */
  readonly work: string;
  /** A folder that it must not see. */
  readonly hidden: string | undefined;
}

/** The kind of sandbox that this system gives. */
export async function sandboxKind(): Promise<SandboxKind> {
  const [source, work] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    for (const kind of ["namespaces", "bwrap"] as const) {
      const spec = { command: ["true"], source, work, hidden: undefined };
      if (await succeeds(sandboxed(kind, spec))) return kind;
    }
  } finally {
    await Promise.all([source, work].map((folder) => Deno.remove(folder)));
  }
  return "none";
}

/** The command line that runs a command in the sandbox. */
export function sandboxed(kind: SandboxKind, { command, source, work, hidden }: Sandboxed): string[] {
  const enter = ["sh", "-c", ENTER, "sh", source ?? "", work, hidden ?? "", ...command];
  if (kind === "namespaces") {
    return ["unshare", "-r", "-n", "-m", "-p", "-i", "-u", "-f", "--mount-proc", "--kill-child", ...enter];
  }
  if (kind === "bwrap") {
    const rights = ["--unshare-all", "--die-with-parent", "--cap-add", "ALL", "--setenv", "ECHO_LOOPBACK", "up"];
    return ["bwrap", ...rights, "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", ...enter];
  }
  const copy = 'src=$1 work=$2; shift 2; if [ -d "$src" ]; then cp -R "$src/." "$work"; else cp "$src" "$work"; fi';
  const go = 'cd "$work" && exec "$@"';
  return source === undefined
    ? ["sh", "-c", `work=$1; shift; ${go}`, "sh", work, ...command]
    : ["sh", "-c", `${copy} || exit 72; chmod -R u+rwX "$work"; ${go}`, "sh", source, work, ...command];
}

/** A program's command line, as a shell takes it, within the limits. */
export function bounded(command: string): string {
  // The shell that has nothing more to do makes room for the program.
  const [, enter = "", rest = command] = /^(cd (?:[\w./-]|'[^']*'|\\')+ && )([^]*)$/.exec(command) ?? [];
  return `${BOUNDS}; ${enter}${/[;&|<>\n]|^\s*\w+=/.test(rest) ? "" : "exec "}${rest}`;
}

async function succeeds([program = "", ...args]: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
      .output();
    return success;
  } catch {
    return false;
  }
}
