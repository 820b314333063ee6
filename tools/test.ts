// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task test [--coverage] [FILE …]`: compiles the tools, runs all tests (or the named ones) and the examples in doc
 * comments, and closes with one line: `N passed, N failed`.
 *
 * @module
 */

/** One call of `deno test`. */
interface Run {
  readonly what: string;
  readonly args: readonly string[];
}

/** Tests of the pure layers get no permission at all: what reaches for the clock of the system or a file fails. */
const PURE = ["tests/unit/framing", "tests/unit/auth", "tests/unit/protocol", "tests/property"];

/** Tests that measure time, CPU or memory: they run one after the other, with the machine to themselves. */
const ALONE = [
  "tests/hostile",
  "tests/integration/auth_cost.test.ts",
  "tests/integration/auth_load.test.ts",
  "tests/integration/drain.test.ts",
  "tests/integration/limits.test.ts",
];

/** Tests that look at other programs' time and CPU: with each other they get on, beside all else they would not. */
const LAB = ["tests/lab"];

/**
 * Least share of the lines of `lib` that the tests must reach, in percent. Measured: 86.1; what only the compiled tools run
 * (prompts, sessions over TLS, administration) is tested as well, but cannot be counted.
 */
const LEAST_COVERAGE = 85;

/**
 * Types are checked once, by `deno check` or `deno task verify` before: a check of their own costs these runs 10 s of CPU
 * each. Only the examples keep theirs, for nothing else looks at them.
 */
const UNCHECKED = "--no-check";

const counted = { passed: 0, failed: 0, ignored: 0 };

async function main(args: readonly string[]): Promise<number> {
  const files = args.filter((arg) => !arg.startsWith("--"));
  const isMeasured = args.includes("--coverage");
  if (!await deno(["run", "-A", "tools/compile.ts"])) return 1;
  if (isMeasured) await Deno.remove("coverage", { recursive: true }).catch(() => {});
  const alone = await existing(ALONE);
  const others = `--ignore=${[...PURE, ...alone, ...LAB].join(",")}`;
  const runs: Run[] = files.length > 0 ? [{ what: "tests", args: ["-A", UNCHECKED, ...files] }] : [
    { what: "pure tests", args: ["--no-prompt", UNCHECKED, "--parallel", ...await existing(PURE)] },
    { what: "tests", args: ["-A", UNCHECKED, "--parallel", others, "tests"] },
    { what: "tests of the lab", args: ["-A", UNCHECKED, "--parallel", ...await existing(LAB)] },
    { what: "tests that measure", args: ["-A", UNCHECKED, ...alone] },
    { what: "examples", args: ["--doc", "-A", "--parallel", "lib"] },
  ];
  let success = true;
  for (const [number, { what, args }] of runs.entries()) {
    // A run begins its folder anew.
    const coverage = isMeasured ? [`--coverage=coverage/${number}`, "--coverage-raw-data-only"] : [];
    success = await test(what, [...coverage, ...args]) && success;
  }
  if (isMeasured) success = await isCovered() && success;
  const skipped = counted.ignored > 0 ? `, ${counted.ignored} skipped` : "";
  console.log(`${counted.passed} passed, ${counted.failed} failed${skipped}`);
  return success && counted.failed === 0 && counted.passed > 0 ? 0 : 1;
}

/** Runs `deno test`, shows its output as it comes, and counts. */
async function test(what: string, args: readonly string[]): Promise<boolean> {
  console.log(`\n== ${what}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--lock=tests/deno.lock", "--frozen", ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    await Deno.stdout.write(new TextEncoder().encode(part));
  }
  const { success } = await child.status;
  const closing = text.trimEnd().split("\n").findLast((line) => /^(ok|FAILED) \| /.test(line)) ?? "";
  const count = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(closing)?.[1] ?? 0);
  counted.passed += count("passed");
  counted.failed += count("failed");
  counted.ignored += count("ignored");
  // A file that does not even load has no test of its own that could fail.
  if (!success && count("failed") === 0) counted.failed++;
  return success;
}

async function isCovered(): Promise<boolean> {
  const folders = [...Deno.readDirSync("coverage")].map(({ name }) => `coverage/${name}`);
  for (const folder of folders) await removeTorn(folder);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "coverage", // Not the folders of that name inside packages.
      `--include=^${new URL("../lib/", import.meta.url)}`,
      "--exclude=/lib/std.d.ts",
      ...folders,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const report = new TextDecoder().decode(stdout);
  console.log(report);
  const share = Number(/All files\s*\|\s*[\d.]+\s*\|(?:\s*[\d.]+\s*\|)?\s*([\d.]+)\s*\|/.exec(report)?.[1] ?? 0);
  if (share < LEAST_COVERAGE) console.log(`coverage: ${share} % of lines, ${LEAST_COVERAGE} % are wanted`);
  return share >= LEAST_COVERAGE;
}

/** The last byte of a whole file of coverage. */
const BRACE = "}".charCodeAt(0);

/** Programs that a test kills leave files that are empty or torn, which `deno coverage` cannot read. */
async function removeTorn(folder: string): Promise<void> {
  const last = new Uint8Array(1);
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    // One byte of each is enough: there are tens of thousands of them.
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    if (size > 0) file.seekSync(size - 1, Deno.SeekMode.Start);
    if (size === 0 || file.readSync(last) !== 1 || last[0] !== BRACE) Deno.removeSync(path);
  }
}

async function deno(args: readonly string[]): Promise<boolean> {
  return (await new Deno.Command(Deno.execPath(), { args: [...args], stdout: "inherit", stderr: "inherit" }).output())
    .success;
}

async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => Deno.stat(path).then(() => [path], () => [])));
  return found.flat();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
