// deno-lint-ignore-file no-console -- its messages go to whoever ran the task
/**
 * `deno task test [--all | --long] [--coverage] [--filter=TEXT] [FILE or FOLDER …]`: runs the tests (or the named ones) and
 * closes with one line: `N passed, N failed`. Compiles the tools first if a test needs them. Long examinations are run
 * with `--all`, and alone with `--long`.
 *
 * @module
 */
import { join, relative } from "@std/path";

/** Tests that run together, in one call of `deno test`. */
interface Group {
  readonly what: string;
  /** Files and folders; the first group that has a file runs it. */
  readonly paths: readonly string[];
  readonly args: readonly string[];
  /** Files at a time. Default: as many as there are cores. */
  readonly jobs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether what it reaches of `lib` is counted: compiled tools count nothing. */
  readonly isCounted?: boolean;
  /**
   * Its files are imported by so many modules, which all run at once: an isolate takes 0.3 s of CPU, as long as all that
   * such a file tests.
   */
  readonly modules?: number;
  /** Whether it runs beside the group behind it, a file at a time; its output comes behind that of the other. */
  readonly isBeside?: boolean;
}

/** What takes longest begins first, so that no file is left over when all others have ended. */
const SLOW = [
  ...["broken", "server_check", "check", "blocks", "faults_seen", "bench", "admin", "store_conformance", "fleet"],
  ...["admin_live", "conventions", "faults", "tls_refusals", "command_line", "uring", "workers", "postgres"],
  ...["tls", "terminal", "table", "explain", "auth_downgrade", "limits", "client"],
];

/** Files that share a module with others and take half a second or more of it, in s; any other takes {@linkcode SHORT}. */
const SECONDS: ReadonlyMap<string, number> = new Map([
  ...([["explain/explain", 11], ["probe/probe", 8], ["check_server/detect", 7], ["probe/idle", 5]] as const),
  ...([["probe/tls", 5], ["store/memory_store", 4], ["grading/linear", 4], ["client/conversation", 4]] as const),
  ...([["check_server/cut", 3], ["server/udp", 3], ["server/serve", 3], ["server_under_test", 3]] as const),
  ...([["bench/bench", 2.5], ["server/workers", 2], ["explain/relay", 2], ["serve/page", 1.5]] as const),
  ...([["grading/grader_connection", 1.5], ["uring/conn", 1.5], ["sqlite_connection", 1.5]] as const),
  ...([["faults/rate", 1.5], ["capture/reading", 1], ["bench/datagrams", 1], ["server/connection", 1]] as const),
  ...([["packed_dialogue", 1], ["grading/program_output", 1], ["explain/cli", 1], ["bench/statistics", 1]] as const),
  ...([["server/metrics", 1], ["cli/option_coverage", 0.5], ["cli/permissions", 0.5], ["unit/docs", 0.5]] as const),
  ...([["capture/writing", 0.5], ["replay/replay", 0.5], ["net/dial", 0.5], ["cli/command", 0.5]] as const),
]);
const SHORT = 0.15;

/**
 * What talks to PostgreSQL, tshark, gsasl, packages or for long with compiled tools: with `--all` and `--long` only, and where
 * it is named. The plain run ends within six minutes on two cores without it (3 of 8 minutes, measured).
 */
const APART = [
  ...["admin_live", "auth_disk", "auth_two_servers", "bench", "captures", "examples", "faults_on_purpose", "invite"],
  ...["packages", "peers_scram", "postgres", "probe", "progress", "schemas", "socket_activation", "store_conformance"],
  ...["store_faults", "tls_faults", "tshark"],
].map((name) => `tests/integration/${name}.test.ts`);

/**
 * Whole corpora, each page of docs, each row: some of it is run with every other test, all of it (`isLong` in
 * tests/support/long.ts) with `--all` and `--long`.
 */
const LONG: Group = {
  what: "long examinations",
  paths: [
    ...["bench_page", "broken", "check", "class", "pages", "server_check", "starters"].map((name) =>
      `tests/lab/${name}.test.ts`
    ),
    ...["auth_race", "blocks", "conventions", "faults", "faults_seen", "fleet"].map((name) =>
      `tests/integration/${name}.test.ts`
    ),
    ...APART,
  ],
  args: ["-A", "--parallel"],
  jobs: 3,
  env: { ECHO_LOAD: "long" },
  isCounted: true,
};

/** One after the other: each has the machine to itself. As {@linkcode APART}. */
const MEASURED: Group = {
  what: "tests that measure time, CPU or memory",
  paths: [
    "tests/hostile/backpressure.test.ts",
    "tests/hostile/load.test.ts",
    "tests/hostile/resets.test.ts",
    "tests/integration/auth_cost.test.ts",
    "tests/integration/auth_load.test.ts",
  ],
  args: ["-A"],
};

const GROUPS: readonly Group[] = [
  {
    what: "pure tests", // They get no permission: code that uses a file, a socket or the system's clock fails.
    paths: ["tests/unit/framing", "tests/unit/auth", "tests/unit/protocol", "tests/property"],
    args: ["--no-prompt", "--parallel"],
    isCounted: true,
    modules: 1,
    isBeside: true,
  },
  // Half of what they do is waiting for a time that is tested: while some wait, others compute.
  { what: "unit tests", paths: ["tests/unit"], args: ["-A", "--parallel"], isCounted: true, modules: 6 },
  MEASURED,
  // Its longest file takes a minute, most of which it waits.
  {
    what: "tests of the lab",
    paths: ["tests/lab"],
    args: ["-A", "--parallel"],
    jobs: 3,
    isCounted: true,
    isBeside: true,
  },
  { what: "tests of the tools", paths: ["tests"], args: ["-A", "--parallel"], jobs: 3 },
];

/** Options of this script; the others are those of `deno test`. */
const OWN_OPTIONS = ["--coverage", "--all", "--long"];

/** A test that imports this module, directly or not, runs the compiled tools. */
const NEEDS_TOOLS = "tests/support/tools.ts";

/**
 * Least share of the lines of `lib` that the tests must reach, in percent. Measured: 81.4 by pure and unit tests alone, 86.7
 * with all of the lab; what only the compiled tools run (prompts, sessions over TLS, administration) is tested as well, but
 * cannot be counted.
 */
const LEAST_COVERAGE = 81;

const counted = { passed: 0, failed: 0, ignored: 0 };

/** What `deno test` said of tests that failed, a group each: said again at the end, where a CI's record of the end has it. */
const failures: string[] = [];

async function main(args: readonly string[]): Promise<number> {
  const paths = args.filter((arg) => !arg.startsWith("--"));
  const options = args.filter((arg) => arg.startsWith("--") && !OWN_OPTIONS.includes(arg));
  const isOnlyLong = args.includes("--long");
  const isMeasured = args.includes("--coverage");
  const isAll = args.includes("--all");
  const groups = isOnlyLong ? [LONG, MEASURED] : isAll ? [LONG, ...GROUPS] : GROUPS;
  const isPlain = paths.length === 0 && groups === GROUPS;
  if (Deno.env.get("ECHO_TEST_ENGINE") === "io_uring" && !(await import("../tests/support/ring.ts")).hasRing) {
    console.log("test: skipped, as this system has no io_uring, or forbids it");
    return 0;
  }
  const files = (paths.length === 0 ? ["tests"] : paths).flatMap((path) => testsIn(relative(".", path)))
    .filter((file) => groupOf(file, groups) !== undefined)
    .filter((file) => !isPlain || !APART.includes(file) && !MEASURED.paths.includes(file));
  // Compiling keeps one core busy: meanwhile the tests run that need no binary.
  const compiled = importedBy(files).has(NEEDS_TOOLS) ? deno(["run", "-A", "tools/compile.ts"]) : undefined;
  if (isMeasured) {
    await Deno.remove("coverage", { recursive: true }).catch(() => {});
    await Deno.mkdir("coverage");
  }
  let success = true;
  const beside: Promise<Outcome>[] = [];
  if (paths.length === 0 && !isOnlyLong) {
    const examples = isAll ? ["lib", "docs/library.md"] : ["lib/framed_conn.ts", "docs/library.md"];
    beside.push(test({ what: "examples", isBeside: true }, ["--doc", "-A", "--parallel", ...examples]));
  }
  const chosen = groups.map((group) => ({ group, own: files.filter((file) => groupOf(file, groups) === group) }))
    .filter(({ own }) => own.length > 0);
  for (const [number, { group, own }] of chosen.entries()) {
    if (importedBy(own).has(NEEDS_TOOLS) && !await compiled) return 1;
    const entries = group.modules !== undefined && own.length > 2
      ? merged(own, { number, modules: group.modules })
      : longestFirst(own);
    // A run begins its folder anew.
    const coverage = isMeasured && group.isCounted === true
      ? [`--coverage=coverage/${number}`, "--coverage-raw-data-only"]
      : [];
    // Types are checked by `deno task verify`; a check here costs 10 s of CPU. Nothing else checks those of the examples.
    const isBeside = group.isBeside === true && number < chosen.length - 1;
    const running = test({ ...group, isBeside }, ["--no-check", ...coverage, ...options, ...group.args, ...entries]);
    if (isBeside) beside.push(running);
    else for (const each of [running, ...beside.splice(0)]) success = told(await each) && success;
  }
  for (const each of beside) success = told(await each) && success;
  if (isMeasured) success = await isCovered() && success;
  if (failures.length > 0) console.log(`\n== what failed\n${failures.join("\n")}`);
  const skipped = counted.ignored > 0 ? `, ${counted.ignored} skipped` : "";
  console.log(`${counted.passed} passed, ${counted.failed} failed${skipped}`);
  return success && counted.failed === 0 && counted.passed > 0 ? 0 : 1;
}

/** The test files in a folder; a file is one itself. */
function testsIn(path: string): string[] {
  if (Deno.statSync(path).isFile) return [path];
  const entries = [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testsIn(join(path, name));
    return name.endsWith(".test.ts") ? [join(path, name)] : [];
  });
}

function groupOf(file: string, groups: readonly Group[]): Group | undefined {
  return groups.find(({ paths }) => paths.some((path) => file === path || file.startsWith(`${path}/`)));
}

/** The modules of this repository that files import, directly or not; the files are among them. */
function importedBy(files: readonly string[]): Set<string> {
  const found = new Set(files);
  for (const file of found) {
    for (
      const [, specifier = ""] of Deno.readTextFileSync(file).matchAll(/^(?:import|export|\}).* from "(\..*\.ts)";$/gm)
    ) {
      found.add(join(file, "..", specifier));
    }
  }
  return found;
}

/** The files, those first that take longest. */
function longestFirst(files: readonly string[]): readonly string[] {
  const place = (file: string): number => {
    const at = SLOW.findIndex((name) => file.endsWith(`/${name}.test.ts`));
    return at < 0 ? SLOW.length : at;
  };
  return files.toSorted((a, b) => place(a) - place(b));
}

/** Modules that import the files, and take equally long. Failures are reported with the place of the test. */
function merged(files: readonly string[], { number, modules }: { number: number; modules: number }): string[] {
  const secondsOf = (file: string): number =>
    SECONDS.entries().find(([name]) => file.endsWith(`/${name}.test.ts`))?.[1] ?? SHORT;
  const parts = Array.from({ length: modules }, () => ({ seconds: 0, imports: "" }));
  for (const file of files.toSorted((a, b) => secondsOf(b) - secondsOf(a))) {
    const [shortest] = parts.toSorted((a, b) => a.seconds - b.seconds);
    if (shortest === undefined) break;
    shortest.seconds += secondsOf(file);
    shortest.imports += `import "../../${file}";\n`;
  }
  Deno.mkdirSync(".cache/tests", { recursive: true });
  return parts.map(({ imports }, part) => {
    const entry = `.cache/tests/${number}-${part}.test.ts`;
    Deno.writeTextFileSync(entry, imports);
    return entry;
  });
}

/** How a call of `deno test` went. */
interface Outcome {
  readonly success: boolean;
  /** What it said and nobody has seen yet. */
  readonly held: string;
}

/** Shows what was held back; whether the tests passed. */
function told({ success, held }: Outcome): boolean {
  if (held !== "") console.log(held);
  return success;
}

/** Runs `deno test`, shows its output as it comes, or holds back that of what runs beside others, and counts. */
async function test(
  { what, modules, isBeside = false, env, ...group }: Omit<Group, "paths" | "args">,
  args: readonly string[],
): Promise<Outcome> {
  const head = `\n== ${what}`;
  const jobs = isBeside ? 1 : group.jobs ?? modules;
  if (!isBeside) console.log(head);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--lock=tests/deno.lock", "--frozen", ...args],
    env: { NO_COLOR: "1", ...(jobs === undefined ? {} : { DENO_JOBS: String(jobs) }), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (!isBeside) await Deno.stdout.write(new TextEncoder().encode(part));
  }
  const { success } = await child.status;
  const closing = text.trimEnd().split("\n").findLast((line) => /^(ok|FAILED) \| /.test(line)) ?? "";
  const count = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(closing)?.[1] ?? 0);
  counted.passed += count("passed");
  counted.failed += count("failed");
  counted.ignored += count("ignored");
  if (!success) failures.push(text.slice(Math.max(0, text.lastIndexOf("\n ERRORS "))).trim());
  // A file that does not even load has no test of its own that could fail.
  if (!success && count("failed") === 0) counted.failed++;
  return { success, held: isBeside ? `${head}\n${text.trim()}` : "" };
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

if (import.meta.main) Deno.exit(await main(Deno.args));
