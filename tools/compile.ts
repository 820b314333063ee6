// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task compile [--target TRIPLE] [--force]`: makes `dist/echo-server` and `dist/echo-client`. The
 * sources are type-checked, bundled (tools/bundle.ts), then put behind a runtime.
 *
 * First way: this Deno's own `deno compile`, which downloads its runtime. Where that host is out of reach, the second:
 * the npm registry (tools/denort/). Standard error says which way was taken. Nothing is done while the sources have
 * not changed.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { PAGES_FILE, readPages } from "../lib/cli/docs.ts";
import { writeChecksums } from "./package/checksums.ts";
import manifest from "../deno.json" with { type: "json" };
import { type Bundle, bundle, packApart, type Program } from "./bundle.ts";
import { writeSbom } from "./sbom.ts";

const root = fromFileUrl(new URL("..", import.meta.url));
const stamp = join(root, "dist", ".sources");

/** The tools, each with the task of deno.json that runs it and names the permissions it needs. */
const TOOLS: readonly Tool[] = [
  {
    name: "echo-server",
    entry: "server.ts",
    main: "lib/commands/serve/command.ts",
    task: manifest.tasks.start.command,
    workers: ["lib/store/sqlite_worker.ts", "lib/commands/serve/worker.ts"],
    // The middle compiler costs a server with workers 4 MiB at rest and 8 under a siege; echoes take the same processor time.
    // The larger heap, in MiB, is for what the client's is for, below: with io_uring a frame of 1,000 connections takes 7 µs, and
    // after a collection of the old space 9 to 22. With 32 a server with workers takes 150 MiB under a siege, with 20 it is 145.
    // The garbage collector is called by lib/base/heap_keeper.ts.
    v8Flags: ["--no-maglev", "--initial-old-space-size=20", "--expose-gc"],
  },
  {
    name: "echo-client",
    entry: "client.ts",
    main: "lib/commands/converse/command.ts",
    task: manifest.tasks.client.command,
    workers: ["lib/commands/bench/floor_worker.ts", "lib/commands/bench/thread_worker.ts"],
    // In MiB. After V8's first collection of the old space each scavenge promotes 5 % of what it looks at, garbage too, also in
    // a program of 20 lines that only reads and writes: `bench` with 16 connections then takes 1.10 times the processor time.
    // A run that stays below this, as most do with 15 MiB, has no such collection.
    v8Flags: ["--initial-old-space-size=32"],
  },
];

/** A program with its name and permissions. */
interface Tool extends Program {
  readonly name: string;
  /** A command line with the `--allow-…` flags that it is given. */
  readonly task: string;
  /** For V8, beside those of all programs. */
  readonly v8Flags: readonly string[];
}

/** A tool that is ready to be compiled. */
interface BundledTool extends Tool {
  readonly bundle: Bundle;
}

/** A compiler: how to call it, and what it needs around it. */
interface Way {
  readonly command: string;
  readonly env: Record<string, string>;
  readonly told: string;
}

/** The compiler of the Deno that runs this. */
const OWN_WAY: Way = { command: Deno.execPath(), env: {}, told: `Deno ${Deno.version.deno}` };

async function main(args: readonly string[]): Promise<void> {
  const passed = args.filter((arg) => arg !== "--force");
  const sources = await digestOfSources(passed);
  const suffix = isForWindows(passed) ? ".exe" : "";
  const binaries = TOOLS.map(({ name }) => join(root, "dist", name + suffix));
  if (!args.includes("--force") && await isUpToDate(sources, binaries)) {
    return console.error("compile: dist is up to date");
  }
  await Deno.mkdir(join(root, "dist"), { recursive: true });
  const [tools] = await Promise.all([bundleAll(), check()]);
  const isOwnWay = await compileAll(OWN_WAY, tools, { passed, isForgiven: isDownloadFailure });
  const way = isOwnWay ? OWN_WAY : await npmWay(passed);
  if (!isOwnWay) await compileAll(way, tools, { passed });
  await writeChecksums(join(root, "dist"), [...binaries, await writeSbom()]);
  await Deno.writeTextFile(stamp, sources);
  console.error(`compile: dist/echo-server and dist/echo-client made with ${way.told}`);
}

/** Whether the compiler adds `.exe` to the names that it is given. */
function isForWindows(passed: readonly string[]): boolean {
  const target = /--target[= ](\S+)/.exec(passed.join(" "))?.[1] ?? Deno.build.target;
  return target.includes("windows");
}

async function bundleAll(): Promise<BundledTool[]> {
  const tools: BundledTool[] = [];
  const packing: Promise<void>[] = [];
  // One after the other: the first one may have to bring the bundler.
  for (const tool of TOOLS) {
    const made = await bundle(tool, join(root, "dist", ".bundles", tool.name));
    packing.push(packApart(tool, made));
    tools.push({ ...tool, bundle: made });
  }
  await Promise.all(packing);
  for (const { bundle: { folder } } of tools) await packPages(join(folder, PAGES_FILE));
  return tools;
}

/** The pages that `docs` shows, small: a binary reads all that it embeds at every start. */
async function packPages(path: string): Promise<void> {
  const folder = join(root, "docs");
  const pages = JSON.stringify({ en: readPages(folder, "en"), ru: readPages(folder, "ru") });
  const packed = new Blob([pages]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(path, packed);
}

/** Bundling looks at no types. */
async function check(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--frozen", ...TOOLS.flatMap(({ entry, workers }) => [entry, ...workers])],
    cwd: root,
  }).output();
  if (!success) throw new Error(`Cannot compile: the types are wrong\n${new TextDecoder().decode(stderr)}`);
}

/** How tools are compiled. */
interface CompileOptions {
  /** Flags that the user gave. */
  readonly passed: readonly string[];
  /** Tells a failure that another compiler may not have, by what the compiler printed. */
  readonly isForgiven?: (stderr: string) => boolean;
}

/** Compiles all tools; false when that failed in a way that is forgiven. */
async function compileAll(
  way: Way,
  tools: readonly BundledTool[],
  { passed, isForgiven = () => false }: CompileOptions,
): Promise<boolean> {
  for (const tool of tools) {
    const { name, v8Flags, bundle: { entry } } = tool;
    const output = join(root, "dist", name);
    const { success, stderr } = await compile(way, { entry, output, v8Flags, flags: [...flagsOf(tool), ...passed] });
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

/** What is put behind a runtime. */
export interface Compiled {
  /** A JavaScript module. */
  readonly entry: string;
  /** Where the binary goes. */
  readonly output: string;
  /** Permissions and what else is to be included. */
  readonly flags: readonly string[];
  /** For V8, beside those of all programs. */
  readonly v8Flags?: readonly string[];
}

/**
 * Compiles any program just as the tools are compiled: something to measure them by.
 *
 * @throws {Error} with what the compiler said.
 */
export async function compileProgram(program: Compiled): Promise<void> {
  const first = await compile(OWN_WAY, program);
  const text = new TextDecoder().decode(first.stderr);
  const { success } = first.success || !isDownloadFailure(text) ? first : await compile(await npmWay([]), program);
  if (!success) throw new Error(`Cannot compile ${program.entry}:\n${text}`);
}

/**
 * Measured: with `--max-semi-space-size=1` 10,000 connections take 77 MiB instead of 117, at the same rate of echoes.
 * `--optimize-for-size` takes as little, but echoes 1,000 connections at 0.75 of the rate.
 */
async function compile(way: Way, { entry, output, flags, v8Flags = [] }: Compiled): Promise<Deno.CommandOutput> {
  return await new Deno.Command(way.command, {
    args: [
      // All there is to it is in the bundle: without a configuration no npm package is embedded beside it.
      ...["compile", "--quiet", "--no-prompt", "--no-check", "--no-config", "--no-lock"],
      // Such a cache is read from the folder for temporary files, under a name that anyone can foresee and fill.
      "--no-code-cache",
      `--v8-flags=${["--max-semi-space-size=1", ...v8Flags].join(",")}`,
      ...[...flags, "--output", output, entry],
    ],
    env: way.env,
    cwd: root,
  }).output();
}

/** What a tool is compiled with: its permissions, unstable features, and its bundle with source maps. */
function flagsOf({ task, bundle }: BundledTool): string[] {
  const permissions = task.split(" ").filter((word) => word.startsWith("--allow-"));
  return [...permissions, ...manifest.unstable.map((feature) => `--unstable-${feature}`), "--include", bundle.folder];
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
  if (!success) throw new Error("Cannot compile: neither Deno's download host nor the npm packages can be reached");
  const { compiler, denort, version } = JSON.parse(new TextDecoder().decode(stdout));
  return { command: compiler, env: { DENORT_BIN: denort }, told: `Deno ${version} from the npm registry` };
}

/** One hash over everything that goes into the binaries. */
async function digestOfSources(passed: readonly string[]): Promise<string> {
  const parts = [passed.join(" "), Deno.version.deno];
  for (const path of await sourceFiles()) parts.push(path, await Deno.readTextFile(join(root, path)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\0")));
  return new Uint8Array(digest).toHex();
}

async function sourceFiles(): Promise<string[]> {
  const files = [
    "deno.json",
    "deno.lock",
    "server.ts",
    "client.ts",
    "tools/compile.ts",
    "tools/bundle.ts",
    "tools/bundle_worker.ts",
    "tools/package/checksums.ts",
    "tools/denort/deno.lock",
  ];
  const folders = ["lib", "docs"];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
      (isDirectory ? folders : files).push(`${folder}/${name}`);
    }
  }
  return files.sort();
}

async function isUpToDate(sources: string, binaries: readonly string[]): Promise<boolean> {
  const found = await Deno.readTextFile(stamp).catch(() => "");
  const exist = await Promise.all(binaries.map((path) => Deno.stat(path).catch(() => undefined)));
  return found === sources && exist.every((file) => file !== undefined);
}

if (import.meta.main) await main(Deno.args);
