// deno-lint-ignore-file no-console -- its result goes to whoever ran the benchmark
/**
 * `deno task bench startup [--rounds N]`: how long the compiled server takes from its start to its Listening line, beside
 * programs that do nothing, compiled the same way; its processor time and memory then, and the size of the binaries.
 *
 * The programs take turns, so that whatever else the machine does hits all alike. Processor time is told beside the time
 * that passed: on a busy machine it is the steadier of the two.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { dirname } from "@std/path";
import { compileProgram } from "../../tools/compile.ts";
import { median } from "../support/auth.ts";
import { runTool, tempDir, toolPath } from "../support/tools.ts";

const ROUNDS = 15;

/** Programs to compare with. The first one is what the others are measured by. */
const EMPTY: Readonly<Record<string, string>> = {
  "empty": 'console.log("ready");\nawait new Promise((end) => setTimeout(end, 60_000));\n',
  "empty, listens":
    'const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });\nconsole.log("ready");\nawait listener.accept();\n',
};

/** A program to start. */
interface Program {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
}

/** What one start took. */
interface Start {
  /** From its start to its first line, in ms. */
  readonly passed: number;
  /** Processor time of all its threads until then, in ms. */
  readonly processor: number;
  /** Resident memory then, in MiB. */
  readonly memory: number;
}

async function main(args: readonly string[]): Promise<void> {
  const rounds = Number(parseArgs([...args], { string: ["rounds"] })["rounds"] ?? ROUNDS);
  using dir = tempDir();
  const programs: Program[] = [];
  for (const [name, text] of Object.entries(EMPTY)) {
    const path = dir.at(name.replaceAll(/\W+/g, "-"));
    Deno.writeTextFileSync(`${path}.js`, text);
    await compileProgram({ entry: `${path}.js`, output: path, flags: ["--allow-net=127.0.0.1"] });
    programs.push({ name, path, args: [] });
  }
  // A file that was written long ago may start some ms later than its copy, as the empty programs are new.
  const path = dir.at("echo-server");
  Deno.copyFileSync(toolPath("echo-server"), path);
  programs.push({ name: "echo-server", path, args: ["--no-input", "--port", "0", "--data", dir.at("data")] });
  const starts = programs.map((): Start[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, program] of programs.entries()) {
      const found = await start(program);
      // The first of each brings the files into memory.
      if (round > 0) starts[at]?.push(found);
    }
  }
  const { stdout: version } = await runTool("echo-server", ["--version"]);
  console.log(`${version.trim()}\n${machine()}`);
  console.log(`${rounds} rounds; median (least to most), and the median of the rounds' ratios to the first\n`);
  console.log(`${"".padEnd(16)}${"to its first line, ms".padEnd(32)}${"processor time, ms".padEnd(32)}memory, MiB`);
  for (const [at, { name }] of programs.entries()) {
    const told = (["passed", "processor", "memory"] as const).map((what) => spread(starts, { at, what }).padEnd(32));
    console.log(`${name.padEnd(16)}${told.join("").trimEnd()}`);
  }
  const tools = ["echo-server", "echo-client"] as const;
  const sizes = [...programs.slice(0, 1), ...tools.map((name) => ({ name, path: toolPath(name) }))];
  console.log(
    `\nSize, MB: ${sizes.map(({ name, path }) => `${name} ${(Deno.statSync(path).size / 1e6).toFixed(1)}`).join(", ")}`,
  );
}

async function start({ path, args }: Program): Promise<Start> {
  const began = performance.now();
  const child = new Deno.Command(path, {
    args: [...args],
    cwd: dirname(path),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  try {
    const { done } = await reader.read();
    const passed = performance.now() - began;
    if (done) throw new Error(`Cannot measure ${path}: it ended without a word`);
    return { passed, processor: processorTime(child.pid), memory: residentMemory(child.pid) };
  } finally {
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
  }
}

/** In ms, of all threads (proc_pid_schedstat: the first value is nanoseconds on a processor). */
function processorTime(pid: number): number {
  const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)];
  const times = tasks.map(({ name }) =>
    Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0])
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** In MiB. */
function residentMemory(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1024;
}

function spread(starts: readonly Start[][], { at, what }: { at: number; what: keyof Start }): string {
  const values = (starts[at] ?? []).map((start) => start[what]);
  // Of each round by itself: a machine that slows down between rounds slows both.
  const ratio = median(values.map((value, round) => value / (starts[0]?.[round]?.[what] ?? NaN)));
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)].map((v) => v.toFixed(1));
  return `${middle} (${least} to ${most}) × ${ratio.toFixed(2)}`;
}

function machine(): string {
  const model = /model name\s*: (.*)/.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const [load] = Deno.loadavg();
  return `${navigator.hardwareConcurrency} × ${model}, Linux ${Deno.osRelease()}; load ${load?.toFixed(1)}`;
}

if (import.meta.main) await main(Deno.args);
