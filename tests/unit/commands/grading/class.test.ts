import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parse as parseToml } from "smol-toml";
import { translator } from "../../../../lib/cli/texts.ts";
import { csvOf, parseCsv } from "../../../../lib/commands/grading/class/csv.ts";
import { findSubmissions } from "../../../../lib/commands/grading/class/find.ts";
import {
  bonusesOf,
  DEFAULT_POINTS,
  mostPoints,
  parsePoints,
  pointsFor,
  taskStates,
} from "../../../../lib/commands/grading/class/marks.ts";
import type { Examined, Graded, Submission } from "../../../../lib/commands/grading/class/model.ts";
import {
  classCsv,
  classJson,
  classJunit,
  classMarkdown,
  classMoodle,
  classroomResult,
  earlierAttempts,
  gradescopeResults,
} from "../../../../lib/commands/grading/class/outputs.ts";
import { classPage } from "../../../../lib/commands/grading/class/page.ts";
import { bounded, sandboxed } from "../../../../lib/commands/grading/class/sandbox.ts";
import { classTable } from "../../../../lib/commands/grading/class/table.ts";
import { type CheckStatus, type Finding, summaryOf } from "../../../../lib/commands/grading/model.ts";
import { GRADING_TEXTS } from "../../../../lib/commands/grading/texts.ts";
import { tempDir } from "../../../support/programs.ts";

const NO_GLOBS = { server: [], client: [] };

function finding(id: string, task: number, status: CheckStatus, text = ""): Finding {
  return { id, task, status, sent: text, received: text, diagnosis: text, page: `docs/lab/en/task-${task}.md` };
}

function examined(checks: readonly Finding[], { framing = "u32", side = "server" as const, note = "" } = {}): Examined {
  const report = { target: "", framing, checks, summary: summaryOf(checks), notes: [note] };
  return { side, command: "python3 server.py", report, ms: 1000 };
}

const SUBMISSION: Submission = {
  ...{ name: "anna", source: "/class/anna", commands: { server: "python3 server.py" }, others: [], hasSubclass: true },
  student: { name: "Anna", email: "anna@example.org", id: "17" },
};

function graded(parts: Partial<Graded> = {}): Graded {
  const all = [examined([finding("leave-close", 1, "passed"), finding("emoji", 7, "failed", "lost")])];
  const tasks = taskStates(all);
  return { submission: SUBMISSION, examined: all, tasks, bonuses: ["subclass"], points: 2, ...parts };
}

Deno.test("taskStates() tells done, partly, not done and not tried apart", () => {
  const states = taskStates([examined([
    finding("leave-close", 1, "passed"),
    finding("leave-reset", 1, "skipped"),
    finding("default-port", 2, "failed"),
    finding("log-file", 3, "passed"),
    finding("quiet-console", 3, "failed"),
    finding("knows-client", 5, "skipped"),
  ])]);
  assertEquals([1, 2, 3, 5, 8].map((task) => states[task]), ["done", "not_done", "partly", "not_tried", "not_tried"]);
});

Deno.test("taskStates() does not count task 7 where there is no header", () => {
  const checks = [finding("emoji", 7, "passed"), finding("split-header", 7, "skipped")];
  assertEquals(taskStates([examined(checks, { framing: "raw" })])[7], "not_tried");
  assertEquals(taskStates([examined(checks)])[7], "done");
});

Deno.test("taskStates() takes both programs together", () => {
  const server = examined([finding("many-messages", 8, "passed")]);
  const client: Examined = { ...examined([finding("many-messages", 8, "failed")]), side: "client" };
  assertEquals(taskStates([server, client])[8], "partly");
  assertEquals(taskStates([server])[8], "done");
  assertEquals(taskStates([client])[8], "not_done");
});

Deno.test("bonusesOf() gives what was seen: a hash, a token, a class derived from a socket", () => {
  const seen = [examined([finding("password-not-plain", 6, "passed"), finding("token", 6, "skipped")])];
  assertEquals(bonusesOf(seen, SUBMISSION), ["hash", "subclass"]);
  assertEquals(bonusesOf([], { ...SUBMISSION, hasSubclass: false }), []);
});

Deno.test("pointsFor() adds tasks, halves and bonuses", () => {
  assertEquals(pointsFor({ 1: "done", 2: "partly", 3: "not_done" }, ["hash"], DEFAULT_POINTS), 2.5);
  const points = parsePoints("partly = 0.3\n[tasks]\n1 = 1\n2 = 1\n[bonus]\nhash = 0.1", "p.toml");
  assertEquals(pointsFor({ 1: "done", 2: "partly" }, ["hash"], points), 1.4);
  assertEquals(mostPoints(points), { tasks: 2, all: 2.1 });
});

for (const text of ["[tasks]\n9 = 1", "[bonus]\nspeed = 1", "partly = 2", "[tasks]\n1 = -1", "points = 3", "[tasks"]) {
  Deno.test(`parsePoints() refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => parsePoints(text, "points.toml"), Error, "points.toml");
  });
}

Deno.test("parseCsv() reads what csvOf() wrote, and tables with semicolons", () => {
  const rows = [["folder", "name"], ["a", 'Петя, "Пётр"'], ["b", "two\nlines"]];
  assertEquals(parseCsv(csvOf(rows)), [
    { folder: "a", name: 'Петя, "Пётр"' },
    { folder: "b", name: "two\nlines" },
  ]);
  assertEquals(parseCsv("\ufeffFolder;Server\r\nx;python3 a.py\r\n"), [{ folder: "x", server: "python3 a.py" }]);
});

Deno.test("csvOf() leaves no formula to a spreadsheet", () => {
  assertStringIncludes(csvOf([["=HYPERLINK(1)"]]), "'=HYPERLINK(1)");
  // Where a semicolon separates, a spreadsheet begins a cell behind it, and a row behind a line end, quoted or not.
  assertEquals(
    csvOf([["anna;=1+1", 'x\t@SUM(A1)";-2', "a\n+1", "a; b = c-d"]]),
    [
      `anna;'=1+1,"x\t'@SUM(A1)"";'-2","a\n'+1",a; b = c-d\r\n`,
    ].join(),
  );
});

Deno.test("findSubmissions() finds the programs of each folder, by names and by what is written in them", () => {
  using dir = tempDir();
  const write = (path: string, text: string): void => {
    Deno.mkdirSync(dir.at(path).replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(dir.at(path), text);
  };
  write("class/anna/server.py", "import socket\nclass S(socket.socket): pass\ns.listen(1)");
  write("class/anna/client.py", "s.connect(a)");
  write("class/boris/lab/one.py", "s.bind(a)\ns.listen ( 1)");
  write("class/boris/lab/two words.py", "s.connect(a)");
  write("class/boris/.venv/server.py", "s.listen(1)");
  write("class/vera/notes.txt", "nothing");
  const found = findSubmissions({ folder: dir.at("class"), list: undefined, globs: NO_GLOBS });
  assertEquals(found.map(({ name, commands, hasSubclass }) => ({ name, commands, hasSubclass })), [
    { name: "anna", commands: { server: "python3 server.py", client: "python3 client.py" }, hasSubclass: true },
    {
      name: "boris",
      commands: { server: "cd lab && python3 one.py", client: "cd lab && python3 'two words.py'" },
      hasSubclass: false,
    },
    { name: "vera", commands: {}, hasSubclass: false },
  ]);
});

Deno.test("findSubmissions() takes the program that is started, not its modules, tests or virtual environment", () => {
  using dir = tempDir();
  const write = (path: string, text: string): void => {
    Deno.mkdirSync(dir.at(path.replace(/[^/]+$/, "")), { recursive: true });
    Deno.writeTextFileSync(dir.at(path), text);
  };
  write("a/server.py", "from utils.net import main\nmain()\n");
  write("a/utils/net.py", "def main():\n    s.listen()\n");
  write("b/main.py", "from server import run\nrun()\n");
  write("b/server.py", "def run():\n    s.listen()\n");
  write("c/server.py", "s.listen()\nif __name__ == '__main__': run()\n");
  write("c/main.py", "import server\n");
  write("d/client.py", "s.connect(x)");
  write("d/client_test.py", "s.connect(x)");
  write("d/myenv/pyvenv.cfg", "home = /usr/bin\n");
  write("d/myenv/lib/server.py", "s.listen()");
  write("e/echo/__main__.py", "from .core import main\nmain()\n");
  write("e/echo/core.py", "def main():\n    s.listen()\n");
  const found = findSubmissions({ folder: dir.path, list: undefined, globs: NO_GLOBS });
  assertEquals(found.map(({ commands: { server, client } }) => [server, client]), [
    ["python3 server.py", undefined],
    ["python3 main.py", undefined],
    ["python3 server.py", undefined],
    [undefined, "python3 client.py"],
    ["python3 -m echo", undefined],
  ]);
});

Deno.test("bounded() makes room for a program that is started in its own folder", () => {
  assert(bounded("cd 'my lab' && python3 server.py").endsWith("; cd 'my lab' && exec python3 server.py"));
  assert(bounded("cd lab && a; b").endsWith("; cd lab && a; b"));
});

Deno.test("findSubmissions() takes a folder of programs for a program each", () => {
  using dir = tempDir();
  for (
    const [name, text] of [["a", "s.listen()"], ["crashes_at_client", "s.listen(5)"], ["c", "s.connect(x)"]] as const
  ) {
    Deno.writeTextFileSync(dir.at(`${name}.py`), text);
  }
  const found = findSubmissions({ folder: dir.path, list: undefined, globs: NO_GLOBS });
  assertEquals(found.map(({ name, commands }) => [name, Object.keys(commands).join()]), [
    ["a", "server"],
    ["c", "client"],
    ["crashes_at_client", "server"],
  ]);
});

Deno.test("findSubmissions() takes commands and names from a list", () => {
  using dir = tempDir();
  Deno.mkdirSync(dir.at("x"));
  Deno.writeTextFileSync(dir.at("list.csv"), "folder,server,name,email,id\nx,./run me,Xenia,x@example.org,7\n");
  const [one] = findSubmissions({ folder: undefined, list: dir.at("list.csv"), globs: NO_GLOBS });
  assertEquals(one?.commands, { server: "./run me" });
  assertEquals(one?.student, { name: "Xenia", email: "x@example.org", id: "7" });
});

Deno.test("findSubmissions() reads names and addresses from the folders that platforms make", () => {
  using dir = tempDir();
  for (const name of ["Anna Petrova_12345_assignsubmission_file", "vera@example.org"]) {
    Deno.mkdirSync(dir.at(name));
    Deno.writeTextFileSync(dir.at(`${name}/server.py`), "s.listen()");
  }
  const found = findSubmissions({ folder: dir.path, list: undefined, globs: NO_GLOBS });
  assertEquals(found.map(({ student }) => [student.name, student.email]), [
    ["Anna Petrova", ""],
    ["vera@example.org", "vera@example.org"],
  ]);
});

Deno.test("findSubmissions() takes a list as Excel saves it", () => {
  using dir = tempDir();
  Deno.mkdirSync(dir.at("x"));
  Deno.writeTextFileSync(dir.at("list.csv"), "\uFEFFfolder,server,name\r\nx,./run,Xenia\r\n");
  const [one] = findSubmissions({ folder: undefined, list: dir.at("list.csv"), globs: NO_GLOBS });
  assertEquals(one?.student.name, "Xenia");
  assertEquals(one?.commands.server, "./run");
});

Deno.test("findSubmissions() loses none of two programs that differ in their ends alone", () => {
  using dir = tempDir();
  for (const name of ["anna.py", "anna.js", "boris.py"]) Deno.writeTextFileSync(dir.at(name), "s.listen()");
  const found = findSubmissions({ folder: dir.path, list: undefined, globs: NO_GLOBS });
  assertEquals(found.map(({ name }) => name), ["anna.js", "anna.py", "boris"]);
});

Deno.test("findSubmissions() refuses a folder with nothing in it, and a list without folders", () => {
  using dir = tempDir();
  assertThrows(() => findSubmissions({ folder: dir.path, list: undefined, globs: NO_GLOBS }), Error, "--class");
  Deno.writeTextFileSync(dir.at("list.csv"), "name\nAnna\n");
  assertThrows(
    () => findSubmissions({ folder: undefined, list: dir.at("list.csv"), globs: NO_GLOBS }),
    Error,
    "--list",
  );
});

const XSS = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;

Deno.test("A page, a table and each file hold markup in every field as text", async () => {
  const report = [finding(XSS, 7, "failed", XSS), finding("emoji", 7, "skipped", XSS)];
  const one = graded({
    submission: { ...SUBMISSION, name: XSS, student: { name: XSS, email: XSS, id: XSS }, others: [XSS] },
    examined: [{ ...examined(report, { note: XSS }), command: XSS }, {
      side: "client",
      command: XSS,
      problem: XSS,
      ms: 1,
    }],
    before: { tasks: {}, points: 1 },
  });
  for (const language of ["en", "ru"] as const) {
    const t = await translator(language, GRADING_TEXTS);
    const context = { points: DEFAULT_POINTS, t, time: new Date(0) };
    const page = await classPage([one], context);
    assert(!/<(?:script|img)/i.test(page), page);
    assertStringIncludes(page, "&#60;script&#62;");
    assert(!classJunit([one], context).includes("<script"));
    assert(!classMarkdown([one], context).includes("<script"));
    assertEquals(parseCsv(classCsv([one], context))[0]?.["name"], XSS);
    assertEquals(JSON.parse(classJson([one], context)).submissions[0].name, XSS);
  }
});

Deno.test("classPage() names every state in words, in both languages, and needs no script", async () => {
  for (const [language, word] of [["en", "not tried"], ["ru", "нет попытки"]] as const) {
    const t = await translator(language, GRADING_TEXTS);
    const page = await classPage([graded()], { points: DEFAULT_POINTS, t, time: new Date(0) });
    assertStringIncludes(page, `<html lang="${language}">`);
    assertStringIncludes(page, word);
    assert(!/class\.[a-z]/.test(page.replace(/<style>[^]*<\/style>/, "")), "no text is missing");
  }
});

Deno.test("classMoodle() leaves out who has neither an e-mail nor a number", async () => {
  const t = await translator("en", GRADING_TEXTS);
  const unknown = graded({ submission: { ...SUBMISSION, student: { name: "x", email: "", id: "" } } });
  const [row, ...rest] = parseCsv(classMoodle([graded(), unknown], { points: DEFAULT_POINTS, t, time: new Date(0) }));
  assertEquals([row?.["email address"], row?.["id number"], row?.["grade"], row?.["maximum grade"], rest.length], [
    "anna@example.org",
    "17",
    "2",
    "11",
    0,
  ]);
  assertStringIncludes(row?.["feedback comments"] ?? "", "emoji: lost");
});

Deno.test("gradescopeResults() and classroomResult() give a test a task, and scores that add up", async () => {
  const t = await translator("en", GRADING_TEXTS);
  const context = { points: parsePoints("[tasks]\n1 = 2\n7 = 3\n[bonus]\nsubclass = 1", "p"), t, time: new Date(0) };
  const one = graded({ points: 3 });
  const gradescope = JSON.parse(gradescopeResults(one, context));
  assertEquals(gradescope.score, 3);
  assertEquals(
    gradescope.tests.map(({ score }: { score: number }) => score).reduce((a: number, b: number) => a + b),
    3,
  );
  const classroom = JSON.parse(classroomResult(one, context));
  assertEquals([classroom.schema, classroom.score, classroom["max-score"], classroom.datetime], [
    "classroom50/result/v1",
    3,
    6,
    "1970-01-01T00:00:00Z",
  ]);
  assert(classroom.tests.every((test: Record<string, unknown>) => Number.isInteger(test["score"])));
});

Deno.test("earlierAttempts() reads what classJson() wrote, and nothing else", async () => {
  const t = await translator("en", GRADING_TEXTS);
  const context = { points: DEFAULT_POINTS, t, time: new Date(0) };
  const earlier = earlierAttempts(classJson([graded({ points: 1 })], context));
  assertEquals(earlier?.get("anna")?.points, 1);
  assertEquals(earlierAttempts("{}"), undefined);
  assertEquals(earlierAttempts("no"), undefined);
  assertStringIncludes(await classPage([graded({ before: { tasks: {}, points: 1 } })], context), "(+1)");
});

Deno.test("classTable() shows a submission in which nothing was found", async () => {
  const t = await translator("en", GRADING_TEXTS);
  const none = graded({ examined: [], tasks: {}, bonuses: [], points: 0 });
  assertStringIncludes(classTable([none], { points: mostPoints(DEFAULT_POINTS), t }), "no program was found");
});

Deno.test("classTable() and classMarkdown() name the student, and write points as the language does", async () => {
  const t = await translator("ru", GRADING_TEXTS);
  const student = { name: "Анна Петрова", email: "", id: "" };
  const one = graded({ points: 8.25, submission: { ...SUBMISSION, name: "Анна Петрова_1_file", student } });
  assertStringIncludes(classTable([one], { points: mostPoints(DEFAULT_POINTS), t }), "Анна Петрова  ✓");
  assertStringIncludes(classTable([one], { points: mostPoints(DEFAULT_POINTS), t }), "8,25");
  const table = classMarkdown([one], { points: DEFAULT_POINTS, t, time: new Date(0) });
  assertStringIncludes(table, "| Анна Петрова | ✓ |");
  assertStringIncludes(table, "| 8,25 |");
});

Deno.test("classPage() says why one of two programs was not examined, which leaves a task half done", async () => {
  const t = await translator("ru", GRADING_TEXTS);
  const server = examined([finding("many-messages", 8, "passed")]);
  const client: Examined = {
    ...examined([finding("whole-frames", 7, "skipped", "клиент подключается и молчит")]),
    side: "client",
  };
  const both = graded({ examined: [server, client], tasks: taskStates([server, client]) });
  const page = await classPage([both], { points: DEFAULT_POINTS, t, time: new Date(0) });
  const reason = "клиент: ничего не проверено: клиент подключается и молчит";
  assertStringIncludes(page, reason);
  assertStringIncludes(classTable([both], { points: mostPoints(DEFAULT_POINTS), t }), reason);
});

Deno.test("sandboxed() quotes nothing and splits nothing: paths and commands are arguments", () => {
  const parts = { command: ["a b"], source: "/x y", work: "/w z", hidden: undefined };
  for (const kind of ["namespaces", "bwrap", "none"] as const) {
    const line = sandboxed(kind, parts);
    assert(["a b", "/x y", "/w z"].every((part) => line.includes(part)), kind);
  }
});

Deno.test("bounded() lets a command take the shell's place only where it is one", () => {
  assert(bounded("python3 a.py").endsWith("exec python3 a.py"));
  assert(bounded("make && python3 a.py").endsWith("; make && python3 a.py"));
  assert(bounded("PORT=1 ./a").endsWith("; PORT=1 ./a"));
});

Deno.test("The points in the documentation are points", () => {
  for (const page of ["docs/class.md", "docs/class.ru.md"]) {
    const text = Deno.readTextFileSync(new URL(`../../../../${page}`, import.meta.url));
    const [, toml = ""] = /```toml\n([^]*?)```/.exec(text) ?? [];
    assertEquals(Object.keys(parseToml(toml)).sort(), ["bonus", "partly", "tasks"]);
    parsePoints(toml, page);
  }
});
