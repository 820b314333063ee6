/**
 * A class in its sandboxes: programs that would harm the others, or the machine, harm nobody. `deno task lab:class` examines a
 * hundred, as the corpus is in its ways.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { basename } from "@std/path";
import { parseCsv } from "../../lib/commands/grading/class/csv.ts";
import { sandboxKind } from "../../lib/commands/grading/class/sandbox.ts";
import { processesWith } from "../../lib/commands/grading/processes.ts";
import { inRepository } from "../support/repository.ts";
import { isLong } from "../support/long.ts";
import { hasPython } from "../support/python.ts";
import { type TempDir, tempDir, toolPath } from "../support/tools.ts";

/** Without namespaces nothing holds these programs: they are not run. */
const canTest = hasPython && await sandboxKind() !== "none";

/** The class of a hundred takes minutes. */
const ALL = Deno.env.get("ECHO_LOAD") === "full";

const CORPUS = inRepository("tests/lab/corpus");
const HOSTILE = inRepository("tests/lab/hostile_class");

/** Puts each program into a folder of its own, as a class hands it in. */
function handIn(dir: TempDir, files: readonly string[], prefix = ""): void {
  for (const file of files) {
    const folder = dir.at(`${prefix}${basename(file).replace(/\.py$/, "")}`);
    Deno.mkdirSync(folder);
    Deno.copyFileSync(file, `${folder}/${basename(file)}`);
    for (const [, beside = ""] of Deno.readTextFileSync(file).matchAll(/^# beside: (\w+)$/gm)) {
      Deno.copyFileSync(`${CORPUS}/${beside}.py`, `${folder}/${beside}.py`);
    }
  }
}

function programs(folder: string): string[] {
  return [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".py")).map(({ name }) =>
    `${folder}/${name}`
  );
}

async function check(
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(toolPath("echo-client"), {
    args: ["check", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { ECHO_TEST_CLASS: "1" },
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** What a class has left: processes, and files outside of their copies. */
async function leftOvers(): Promise<string[]> {
  const files = ["/tmp", "/var/tmp", "/dev/shm", Deno.env.get("HOME") ?? "/tmp"].flatMap((folder) =>
    [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`).filter((path) => /\/filled-\d/.test(path))
  );
  return [...files, ...(await processesWith("ECHO_TEST_CLASS=1")).map(String)];
}

interface Report {
  readonly submissions: readonly {
    readonly name: string;
    readonly points: number;
    readonly tasks: Readonly<Record<string, string>>;
    readonly programs: readonly { readonly ms: number; readonly problem?: string }[];
  }[];
}

Deno.test({
  name: "check --class examines good work beside work that harms, and leaves nothing behind",
  ignore: !canTest || !isLong,
  async fn() {
    using dir = tempDir();
    handIn(dir, [...programs(HOSTILE), `${CORPUS}/select_raw.py`, `${CORPUS}/asyncio_frames.py`]);
    handIn(dir, [`${CORPUS}/asyncio_frames.py`], "second_");
    using out = tempDir();
    const { code, stdout } = await check([
      ...["--class", dir.path, "--json", "--timeout", "40s", "--jobs", "4"],
      ...["--csv", out.at("a.csv"), "--html", out.at("a.html"), "--junit", out.at("a.xml")],
    ]);
    const { submissions }: Report = JSON.parse(stdout);
    assertEquals(submissions.length, 8, stdout);
    const one = (name: string) => submissions.find((submission) => submission.name === name);
    assertEquals(one("asyncio_frames")?.tasks, one("second_asyncio_frames")?.tasks);
    assertEquals(one("asyncio_frames")?.tasks["7"], "done", stdout);
    assertEquals(one("select_raw")?.tasks["7"], "not_tried", stdout);
    assertEquals(one("fills_the_disk")?.programs[0]?.problem, "timeout", stdout);
    assertEquals(code, 75);
    assertEquals(parseCsv(Deno.readTextFileSync(out.at("a.csv"))).length, 8);
    assertStringIncludes(Deno.readTextFileSync(out.at("a.html")), "asyncio_frames");
    assertEquals(await leftOvers(), []);
  },
});

Deno.test({
  name: "check --class goes on after Ctrl-C with what is left",
  ignore: !canTest,
  async fn() {
    using dir = tempDir();
    for (const prefix of ["a_", "b_", "c_"]) handIn(dir, [`${CORPUS}/select_raw.py`], prefix);
    const child = new Deno.Command(toolPath("echo-client"), {
      args: ["check", "--class", dir.path, "--jobs", "1"],
      ...{ stdin: "null", stdout: "null", stderr: "piped" },
    }).spawn();
    let seen = "";
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
      seen += part;
      if (seen.includes("1/3") && !seen.includes("Interrupted")) child.kill("SIGINT");
    }
    assertEquals((await child.status).code, 130, seen);
    const { code, stderr } = await check(["--class", dir.path]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "known from the run before");
    assertEquals([...Deno.readDirSync(dir.path)].filter(({ isFile }) => isFile), [], "the journal is gone");
  },
});

Deno.test({
  name: "A class of a hundred is examined within five minutes",
  ignore: !canTest || !ALL,
  async fn() {
    using dir = tempDir();
    handIn(dir, programs(CORPUS));
    handIn(dir, programs(CORPUS), "again_");
    handIn(dir, programs(HOSTILE));
    const start = performance.now();
    const { code, stdout, stderr } = await check(["--class", dir.path, "--json", "--timeout", "40s"]);
    const seconds = Math.round((performance.now() - start) / 1000);
    const { submissions }: Report = JSON.parse(stdout);
    const times = submissions.flatMap((submission) => submission.programs.map(({ ms }) => ms)).sort((a, b) => a - b);
    // deno-lint-ignore no-console -- the figures are what the task is for
    console.log(
      `${submissions.length} in ${seconds} s; ms each: median ${times[times.length >> 1]}, most ${times.at(-1)}`,
    );
    assert(submissions.length >= 100 && (code === 0 || code === 75), stderr);
    const differing = submissions.filter(({ name, tasks }) => {
      const again = submissions.find((one) => one.name === `again_${name}`);
      return again !== undefined && JSON.stringify(again.tasks) !== JSON.stringify(tasks);
    });
    assertEquals(differing.map(({ name }) => name), [], "both examinations of a program agree");
    assertEquals(await leftOvers(), []);
    assert(seconds < 300, `${seconds} s`);
  },
});
