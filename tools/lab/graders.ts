// deno-lint-ignore-file no-console -- the table is what the task is for
/**
 * `deno task lab:graders [--times N] [--jobs 3] [NAME…]`: examines the programs of tests/lab/corpus, so many at a time, and
 * compares each finding with what the head of the program says is right; prints a table, one line a task. With `--times`
 * each is examined so often, all tasks of it, and instead of the table findings that are not the same each time are printed.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { ASIDE, gradeClientOf, gradeServerOf, type Program, PROGRAMS, words } from "../../tests/support/corpus.ts";
import { eachOf } from "../../tests/support/lab.ts";

/** Columns of the table. */
const COLUMNS = ["rightly failed", "wrongly failed", "rightly passed", "wrongly passed", "not examined"] as const;
type Column = typeof COLUMNS[number];

interface Found {
  readonly id: string;
  readonly task: number;
  readonly status: "passed" | "failed" | "skipped";
}

const { times: repeats = "1", jobs = "3", _: names } = parseArgs(Deno.args, { string: ["times", "jobs", "_"] });
const chosen = PROGRAMS.filter(({ file }) => names.length === 0 || names.includes(file.replace(/\.py$/, "")));
const files = new Set(chosen.map(({ file }) => file));
const began = performance.now();

const tables = { server: new Map<number, Map<Column, number>>(), client: new Map<number, Map<Column, number>>() };
const times: { readonly seconds: number; readonly name: string }[] = [];
/** Files of those with a log-in, of those examined in it, and of those that take nobody new. */
const logins = { all: new Set<string>(), examined: new Set<string>(), closed: new Set<string>() };
const wrong: string[] = [];
const seen = new Map<string, Set<string>>();

const rounds = Array.from({ length: Number(repeats) }, () => chosen).flat();
await eachOf(rounds, Number(jobs), async (program) => {
  const start = performance.now();
  const found = await findingsOf(program);
  times.push({ seconds: (performance.now() - start) / 1000, name: program.name });
  for (const { id, status } of found) {
    const statuses = seen.get(`${program.name}: ${id}`) ?? new Set();
    seen.set(`${program.name}: ${id}`, statuses.add(status));
  }
  // Of tasks that its head does not speak of nothing is known but that they are found the same.
  if (repeats === "1") { for (const finding of found) count(program, finding); }
  if (!program.hasPasswords || program.isClient) return;
  const { file } = program;
  logins.all.add(file);
  if (words(program.head.get("skipped")).includes("right-password")) logins.closed.add(file);
  if (found.some(({ id, status }) => id === "right-password" && status !== "skipped")) logins.examined.add(file);
});

for (const [side, table] of Object.entries(tables)) {
  if (table.size === 0) continue;
  console.log(`\n| ${side}s: task | ${COLUMNS.join(" | ")} |\n| --- |${" ---: |".repeat(COLUMNS.length)}`);
  for (const [task, row] of [...table].sort(([a], [b]) => a - b)) {
    console.log(`| ${task} | ${COLUMNS.map((column) => row.get(column) ?? 0).join(" | ")} |`);
  }
}
times.sort((a, b) => a.seconds - b.seconds);
console.log(
  `\n${files.size} programs, ${chosen.length} examinations; log-ins examined: ${logins.examined.size} of ` +
    `${logins.all.size}, ${logins.closed.size} of which take nobody new`,
);
const share = (part: number): string =>
  times[Math.min(times.length - 1, Math.floor(part * times.length))]?.seconds.toFixed(1) ?? "";
console.log(
  `seconds each, ${jobs} at a time: median ${share(0.5)}, 90 % ${share(0.9)}, 99 % ${share(0.99)}, most ${share(1)}; ` +
    `load ${Deno.loadavg()[0]?.toFixed(1)}, ${Math.round((performance.now() - began) / 1000)} s in all`,
);
console.log(
  `the slowest: ${times.slice(-12).reverse().map(({ seconds, name }) => `${name} ${seconds.toFixed(1)}`).join(", ")}`,
);
const flips = [...seen].filter(([, statuses]) => statuses.size > 1);
if (repeats !== "1") {
  console.log(`${seen.size} findings, ${repeats} times each: ${flips.length} not the same each time`);
}
for (const [finding, statuses] of flips) wrong.push(`${finding}: ${[...statuses].join(", then ")}`);
for (const line of wrong.sort()) console.log(line);
Deno.exit(wrong.length > 0 ? 1 : 0);

async function findingsOf(program: Program): Promise<Found[]> {
  if (!program.isClient) {
    const head = new Map([...program.head].filter(([key]) => repeats === "1" || key !== "tasks"));
    return [...(await gradeServerOf({ ...program, head })).checks];
  }
  const { findings } = await gradeClientOf(program);
  return findings.map(({ id, task, outcome: { status } }) => ({ id, task, status }));
}

/** What is wrong with every program of one task is neither right nor wrong of it; nor is what a head does not speak of. */
function count({ name, isClient, head }: Program, { id, task, status }: Found): void {
  if (isClient && !head.has("failed")) return;
  const isMeant = words(head.get("failed")).includes(id);
  if (!isClient && ASIDE.includes(id) && !isMeant && status !== "skipped") return;
  const isRight = isMeant === (status === "failed");
  const column = status === "skipped" ? "not examined" : `${isRight ? "rightly" : "wrongly"} ${status}` as const;
  const table = tables[isClient ? "client" : "server"];
  const row = table.get(task) ?? new Map<Column, number>();
  table.set(task, row.set(column, (row.get(column) ?? 0) + 1));
  if (status !== "skipped" && !isRight) wrong.push(`${name}: ${column}: ${id}`);
}
