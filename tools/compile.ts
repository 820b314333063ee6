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
  { name: "echo-server", entry: "server.ts", task: manifest.tasks.start.command, include: [] as string[] },
  { name: "echo-client", entry: "client.ts", task: manifest.tasks.client.command, include: [] as string[] },
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
  const way = await compile(own, TOOLS[0], passed) ? own : await npmWay(passed);
  for (const tool of way === own ? TOOLS.slice(1) : TOOLS) {
    if (!await compile(way, tool, passed)) throw new Error(`Cannot compile ${tool?.name} with ${way.told}`);
  }
  await Deno.writeTextFile(stamp, sources);
  console.error(`compile: dist/echo-server and dist/echo-client made with ${way.told}`);
}

/** Compiles one tool; false when the compiler failed, in which case it has said why. */
async function compile(way: Way, tool: typeof TOOLS[number] | undefined, passed: readonly string[]): Promise<boolean> {
  if (tool === undefined) return false;
  const permissions = tool.task.split(" ").filter((word) => word.startsWith("--allow-"));
  const output = join(root, "dist", tool.name);
  const { success, stderr } = await new Deno.Command(way.command, {
    args: [
      ...["compile", "--quiet", "--no-prompt", "--frozen", ...permissions, ...passed],
      ...tool.include.flatMap((file) => ["--include", file]),
      ...["--output", output, tool.entry],
    ],
    env: way.env,
    cwd: root,
    stdout: "inherit",
    stderr: "piped",
  }).output();
  if (!success) console.error(indented(new TextDecoder().decode(stderr)));
  return success;
}

/** The compiler and runtime from the npm registry. */
async function npmWay(passed: readonly string[]): Promise<Way> {
  if (passed.some((arg) => arg.startsWith("--target"))) {
    throw new Error("Cannot compile for another platform: Deno's download host is out of reach");
  }
  console.error("compile: Deno's own way failed (above); taking compiler and runtime 2.7.11 from the npm registry");
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

function indented(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/backtrace|<unknown>/.test(line));
  return lines.map((line) => `  ${line}`).join("\n");
}

if (import.meta.main) await main(Deno.args);
