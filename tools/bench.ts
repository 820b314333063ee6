// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task bench NAME [ARGUMENT …]`: compiles the tools and runs the benchmark `tests/bench/NAME.ts` against them.
 * Without a name it lists the benchmarks there are.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

const root = fromFileUrl(new URL("..", import.meta.url));
const folder = join(root, "tests", "bench");

async function main([name, ...args]: readonly string[]): Promise<number> {
  const names = await benchmarks();
  if (name === undefined || !names.includes(name)) {
    console.error(`${name === undefined ? "" : `Cannot run ${name}: no such benchmark. `}One of: ${names.join(", ")}`);
    return 64;
  }
  // Another folder of binaries is taken as it is.
  const isOwn = Deno.env.get("ECHO_TEST_DIST") === undefined;
  if (isOwn && await run(["run", "-A", join(root, "tools", "compile.ts")]) !== 0) return 1;
  const lock = join(root, "tests", "deno.lock");
  return await run(["run", "-A", `--lock=${lock}`, "--frozen", join(folder, `${name}.ts`), ...args]);
}

async function run(args: readonly string[]): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], stdout: "inherit", stderr: "inherit" });
  return (await command.output()).code;
}

async function benchmarks(): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return files.filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -".ts".length)).sort();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
