// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task bench NAME [ARGUMENT …]`: compiles the tools and runs the benchmark `tests/bench/NAME.ts` against them.
 * Without a name it lists the benchmarks there are. `micro` runs `deno bench` over the pure parts.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

const root = fromFileUrl(new URL("..", import.meta.url));
const folder = join(root, "tests", "bench");

/** How files of `deno bench` end: `deno task bench micro` runs them all. */
const MICRO = ".bench.ts";

async function main([name, ...args]: readonly string[]): Promise<number> {
  const names = await benchmarks();
  if (name === "micro") return await micro(args);
  if (name === undefined || !names.includes(name)) {
    console.error(
      `${name === undefined ? "" : `Cannot run ${name}: no such benchmark. `}One of: ${[...names, "micro"].join(", ")}`,
    );
    return 64;
  }
  // Another folder of binaries is taken as it is.
  const isOwn = Deno.env.get("ECHO_TEST_DIST") === undefined;
  if (isOwn && await run(["run", "-A", join(root, "tools", "compile.ts")]) !== 0) return 1;
  const lock = join(root, "tests", "deno.lock");
  return await run(["run", "-A", `--lock=${lock}`, "--frozen", join(folder, `${name}.ts`), ...args]);
}

/** `deno bench` of the pure parts; nothing is compiled for it. */
async function micro(args: readonly string[]): Promise<number> {
  const files = (await filesThere()).filter((name) => name.endsWith(MICRO)).map((name) => join(folder, name));
  return await run(["bench", `--lock=${join(root, "tests", "deno.lock")}`, "--frozen", ...args, ...files]);
}

async function run(args: readonly string[]): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], stdout: "inherit", stderr: "inherit" });
  return (await command.output()).code;
}

async function benchmarks(): Promise<string[]> {
  const scripts = (await filesThere()).filter((name) => name.endsWith(".ts") && !name.endsWith(MICRO));
  return scripts.map((name) => name.slice(0, -".ts".length));
}

async function filesThere(): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
