// deno-lint-ignore-file no-console -- the table is what the task is for
/**
 * `deno task lab:graders`: examines the programs of tests/lab/corpus and compares each finding with what the head of the
 * program says is right; prints a table, one line a task.
 *
 * @module
 */
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

/** Examinations at a time. */
const JOBS = 3;

const tables = { server: new Map<number, Map<Column, number>>(), client: new Map<number, Map<Column, number>>() };
const times: number[] = [];
const logins = { all: 0, examined: 0, closed: 0 };
const wrong: string[] = [];

await eachOf(PROGRAMS, JOBS, async (program) => {
  const start = performance.now();
  const found = await findingsOf(program);
  times.push((performance.now() - start) / 1000);
  for (const finding of found) count(program, finding);
  if (!program.hasPasswords || program.isClient) return;
  logins.all++;
  // Without a log-in that is given nobody gets in there.
  if (words(program.head.get("skipped")).includes("right-password")) logins.closed++;
  if (found.some(({ id, status }) => id === "right-password" && status !== "skipped")) logins.examined++;
});

for (const [side, table] of Object.entries(tables)) {
  console.log(`\n| ${side}s: task | ${COLUMNS.join(" | ")} |\n| --- |${" ---: |".repeat(COLUMNS.length)}`);
  for (const [task, row] of [...table].sort(([a], [b]) => a - b)) {
    console.log(`| ${task} | ${COLUMNS.map((column) => row.get(column) ?? 0).join(" | ")} |`);
  }
}
times.sort((a, b) => a - b);
console.log(
  `\n${PROGRAMS.length} programs; log-ins examined: ${logins.examined} of ${logins.all}, ${logins.closed} take nobody new`,
);
console.log(`seconds each: median ${times[times.length >> 1]?.toFixed(1)}, most ${times.at(-1)?.toFixed(1)}`);
for (const line of wrong.sort()) console.log(line);
Deno.exit(wrong.length > 0 ? 1 : 0);

async function findingsOf(program: Program): Promise<Found[]> {
  if (!program.isClient) return [...(await gradeServerOf(program)).checks];
  const { findings } = await gradeClientOf(program);
  return findings.map(({ id, task, outcome: { status } }) => ({ id, task, status }));
}

/** What is wrong with every program of one task is neither right nor wrong of it; nor is what a head does not speak of. */
function count({ file, isClient, head }: Program, { id, task, status }: Found): void {
  if (isClient && !head.has("failed")) return;
  const isMeant = words(head.get("failed")).includes(id);
  if (!isClient && ASIDE.includes(id) && !isMeant && status !== "skipped") return;
  const isRight = isMeant === (status === "failed");
  const column = status === "skipped" ? "not examined" : `${isRight ? "rightly" : "wrongly"} ${status}` as const;
  const table = tables[isClient ? "client" : "server"];
  const row = table.get(task) ?? new Map<Column, number>();
  table.set(task, row.set(column, (row.get(column) ?? 0) + 1));
  if (status !== "skipped" && !isRight) wrong.push(`${file}: ${column}: ${id}`);
}
