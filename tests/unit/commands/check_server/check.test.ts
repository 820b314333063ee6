import { TEXTS } from "../../../../lib/commands/check_server/texts.ts";
import { firstFrame } from "../../../../lib/framing/first_frame.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type CheckReport, summaryOf, taskPage } from "../../../../lib/commands/grading/model.ts";
import { parseTasks } from "../../../../lib/commands/grading/tasks.ts";
import { humanReport, jsonReport, junitReport } from "../../../../lib/commands/grading/report.ts";
import { GRADING_TEXTS } from "../../../../lib/commands/grading/texts.ts";
import { programPage } from "../../../../lib/commands/grading/class/page.ts";
import { translator } from "../../../../lib/cli/texts.ts";
import { headerLength, shown, textOf, utf8 } from "../../../../lib/commands/check_server/bytes.ts";
import { EXACT, isEchoOf, styleOf } from "../../../../lib/commands/check_server/echo_style.ts";
import { CHECK_IDS, CHECK_TASKS } from "../../../../lib/commands/check_server/ids.ts";
import { portsIn } from "../../../../lib/commands/check_server/started_server.ts";
import { wantedBy } from "../../../../lib/commands/check_server/words.ts";
import { UsageError } from "../../../../lib/base/errors.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";

Deno.test("parseTasks() takes numbers and ranges, each once", () => {
  assertEquals(parseTasks("7"), [7]);
  assertEquals(parseTasks("8, 1-3 ,2"), [1, 2, 3, 8]);
  for (const text of ["", "0", "9", "1-", "3-1", "1,,2", "x"]) assertThrows(() => parseTasks(text), UsageError);
});

Deno.test("styleOf() finds what is constant around a message, and capitals", () => {
  assertEquals(styleOf("Ping", "Ping"), EXACT);
  assertEquals(styleOf("Ping", "<ping>"), { prefix: "<", suffix: ">", letters: "lower", blank: " " });
  assertEquals(styleOf("Ping", "Pong"), undefined);
  const upper = { prefix: "", suffix: "", letters: "upper", blank: " " } as const;
  assert(isEchoOf(utf8("мир a"), utf8("МИР A"), upper));
  // bytes.upper() of Python knows ASCII only.
  assert(isEchoOf(utf8("мир a"), utf8("мир A"), upper));
  assert(!isEchoOf(utf8("мир a"), utf8("мир a!"), upper));
  // The time of day, or a count of messages.
  const clock = styleOf("Ping 1", "[12:59:58] #9 Ping 1 (6)");
  assert(clock !== undefined && isEchoOf(utf8("9 lives"), utf8("[1:00:01] #10 9 lives (7)"), clock));
  assert(!isEchoOf(utf8("9 lives"), utf8("[1:00:01] #10 8 lives (7)"), clock));
});

Deno.test("firstFrame() reads a frame, part of one, and what is none", () => {
  const dec = framingFrom("dec:4");
  const bytes = utf8("0006привет");
  const first = firstFrame(dec, bytes);
  assert(first.type === "frame");
  assertEquals([textOf(first.payload), first.used], ["при", 10]);
  assertEquals(firstFrame(dec, utf8("0006пр")).type, "incomplete");
  assertEquals(firstFrame(dec, utf8("what?")).type, "wrong");
  const lengths = ["u8", "u16le", "u32", "dec:10", "hex:4", "netstring", "line", "raw"].map(framingFrom).map(
    headerLength,
  );
  assertEquals(lengths, [1, 2, 4, 10, 4, 2, 0, 0]);
});

Deno.test("shown() shortens, and lets nothing through that a terminal would obey", () => {
  assertEquals(shown(utf8("\x1b[31m")), '"\\x1b[31m" (1b 5b 33 31 6d)');
  assertStringIncludes(shown(new Uint8Array(1000)), "1000 B");
});

Deno.test("wantedBy() understands questions in English and Russian", () => {
  const [nothing, name] = [new Set<"name" | "password">(), new Set<"name" | "password">(["name"])];
  for (
    const text of ["What is your name?", "Login: ", "Введите имя: ", "Как вас зовут?", "Представьтесь, пожалуйста:"]
  ) {
    assertEquals(wantedBy(text, nothing), "name", text);
  }
  for (const text of ["Password?", "Enter password: ", "Введите пароль: ", "Придумайте пароль"]) {
    assertEquals(wantedBy(text, name), "password", text);
  }
  for (const text of ["Welcome, Anna!", "Здравствуйте, Анна!", "Nice to meet you, Anna.\n"]) {
    assertEquals(wantedBy(text, name), undefined, text);
  }
});

Deno.test("portsIn() sees ports, not addresses", () => {
  assertEquals(portsIn("Listening on 127.0.0.1:9091"), [9091]);
  assertEquals(portsIn("Сервер запущен, порт 9090."), [9090]);
  assertEquals(portsIn("99999 127.0.0.1 v1.25"), []);
});

const checks = [
  { ...finding("split-header", 7, "passed"), sent: "a", received: "b" },
  { ...finding("emoji", 7, "failed"), sent: "\u001b<&>", received: "nothing", diagnosis: 'it says "no" & ends' },
  { ...finding("no-spin", 1, "skipped"), diagnosis: "needs --pid" },
];
const report: CheckReport = { target: "h:1", framing: "u32", checks, summary: summaryOf(checks) };

function finding(id: string, task: number, status: "passed" | "failed" | "skipped"): CheckReport["checks"][number] {
  return { id, task, status, sent: "", received: "", diagnosis: "", page: taskPage(task, "en") };
}

Deno.test("humanReport() says beside a check that was skipped what kind of reason it has, and the reason", async () => {
  const t = await translator("ru", GRADING_TEXTS);
  const why = { diagnosis: "сервер не спрашивает имя", kind: "not_done" } as const;
  const skipped = { id: "knows-client", task: 5, status: "skipped", sent: "", received: "", page: "", ...why } as const;
  const report = { target: "h:1", framing: "u32", checks: [skipped], summary: summaryOf([skipped]) };
  const text = humanReport(report, t, { title: () => "клиента узнают", colour: false });
  assertStringIncludes(text, "  – knows-client  клиента узнают [не сделано: сервер не спрашивает имя]\n");
});

Deno.test("humanReport() goes task by task and explains what failed", async () => {
  const text = humanReport(report, await translator("en", TEXTS), { title: (id) => `title of ${id}`, colour: false });
  assertEquals(
    text,
    [
      "h:1, framing u32",
      "",
      "Task 1",
      "  – no-spin       title of no-spin – needs --pid",
      "",
      "Task 7",
      "  ✓ split-header  title of split-header",
      "  ✗ emoji         title of emoji",
      "      sent      \u001b<&>",
      "      received  nothing",
      '      likely    it says "no" & ends',
      "      see       docs/lab/en/task-7.md (echo-client docs task-7)",
      "",
      "passed 1 · failed 1 · not examined 1",
    ].join("\n"),
  );
});

Deno.test("jsonReport() is one line with keys that are never translated", () => {
  const json = jsonReport(report);
  assert(!json.includes("\n") && !json.includes("\u001b"));
  assertEquals(JSON.parse(json), JSON.parse(JSON.stringify(report)));
});

Deno.test("programPage() names every check, and holds text as text", async () => {
  const evil = { ...report, target: "<b>", notes: ["<i>"] };
  const t = await translator("en", GRADING_TEXTS);
  const page = await programPage(evil, { tool: "echo-client check", title: (id) => `<u>${id}`, t });
  for (const { id } of report.checks) assert(page.includes(`<code>${id}</code>`), id);
  assert(!/<(b|i|u)>/.test(page));
});

Deno.test("junitReport() counts, and is XML whatever was received", () => {
  const xml = junitReport(report, "echo-client check");
  assertStringIncludes(xml, '<testsuites name="echo-client check" tests="3" failures="1" skipped="1">');
  assertStringIncludes(xml, '<testsuite name="task 7" hostname="h:1" tests="2" failures="1" errors="0" skipped="0">');
  assertStringIncludes(xml, '<failure message="it says &quot;no&quot; &amp; ends">sent: \ufffd&lt;&amp;&gt;');
  assertStringIncludes(xml, '<skipped message="needs --pid"/>');
});

Deno.test("Every check has a page and belongs to a task of the lab", () => {
  for (const id of CHECK_IDS) {
    for (const language of ["en", "ru"] as const) {
      assert(Deno.statSync(new URL(`../../../../${taskPage(CHECK_TASKS[id], language)}`, import.meta.url)).isFile, id);
    }
  }
});
