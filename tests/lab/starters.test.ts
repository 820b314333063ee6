import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { eachOf, grade, idsOf, PYTHON, workplace } from "../support/lab.ts";
import { someOf } from "../support/long.ts";
import { hasPython } from "../support/python.ts";
import { inRepository } from "../support/repository.ts";
import { Pty } from "../support/pty.ts";
import { runProgram } from "../support/tools.ts";

/** What fails before each task. Task 2, the questions at a terminal, is tried at one below. */
const MISSING: Readonly<Record<number, readonly string[]>> = {
  1: ["leave-close"],
  3: ["log-file", "quiet-console"],
  4: ["port-fallback"],
  5: ["knows-client"],
  6: ["right-password"],
  7: ["split-header"],
  8: ["many-clients"],
};

const README = Deno.readTextFileSync(inRepository("docs/lab/starter/README.md"));

/** Folders of the state before a task; after the last one, the solution over the starting point, of which it keeps a file. */
function before(task: number): string[] {
  const last = inRepository("docs/lab/starter/task-8");
  return task <= 8
    ? [inRepository(`docs/lab/starter/task-${task}`)]
    : [last, inRepository("tests/lab/solutions/task-8")];
}

/** The command with which the README has a task graded. */
function commandOf(task: number): string {
  return new RegExp(`^\\| \\[${task}\\].*\`(echo-client check [^\`]+)\``, "m").exec(README)?.[1] ?? "";
}

Deno.test("the page of each task names its starting point, and the command that grades it", () => {
  for (const task of [1, 2, 3, 4, 5, 6, 7, 8]) {
    for (const language of ["en", "ru"]) {
      // The formatter may break the line inside the command.
      const page = Deno.readTextFileSync(inRepository(`docs/lab/${language}/task-${task}.md`)).replace(/\s+/g, " ");
      assertStringIncludes(page, `](../starter/task-${task})`);
      assertStringIncludes(page, commandOf(task));
      assertEquals(commandOf(task) === "", task === 2);
    }
  }
});

/** Steps run side by side. */
const TOGETHER = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

Deno.test({
  name: "echo-client check fails each starting point before its task",
  ignore: !hasPython,
  async fn(t) {
    await eachOf(someOf(Object.entries(MISSING), 2), 4, async ([task, ids]) => {
      await t.step({
        name: `task ${task}: ${ids.join(", ")}`,
        ...TOGETHER,
        async fn() {
          using place = workplace(before(Number(task)));
          const found = await grade(commandOf(Number(task)), place);
          const failed = idsOf(found, "failed");
          assert(ids.every((id) => failed.includes(id)), JSON.stringify(found, undefined, 1));
          assert(found.checks.every((check) => check.status !== "failed" || check.task === Number(task)));
        },
      });
    });
  },
});

Deno.test({
  name: "echo-client check passes the solution of each task, and all before it",
  ignore: !hasPython,
  async fn(t) {
    await eachOf(someOf(Object.keys(MISSING).map(Number), 1), 4, async (task) => {
      await t.step({
        name: `task ${task}`,
        ...TOGETHER,
        async fn() {
          using place = workplace(before(task + 1));
          const found = await grade(commandOf(task).replace(`--tasks ${task}`, `--tasks 1-${task}`), place);
          assertEquals(idsOf(found, "failed"), [], JSON.stringify(found, undefined, 1));
          // Before task 7 there are no frames to leave in the middle of.
          const own = found.checks.filter((check) => check.task === task && check.id !== "leave-mid-frame");
          assert(own.length > 0 && own.every(({ status }) => status === "passed"), JSON.stringify(own, undefined, 1));
        },
      });
    });
  },
});

/** What is typed at the client of each state, what it shows, and what it shows when it comes again. */
const CONVERSATIONS: readonly { task: number; typed: string; shown: string; again?: string }[] = [
  { task: 1, typed: "привет", shown: "привет" },
  { task: 2, typed: "привет", shown: "привет", again: "привет" },
  { task: 3, typed: "\nabc\n70000\n\nпривет", shown: "привет", again: "привет" },
  { task: 4, typed: "\n\nпривет", shown: "привет", again: "привет" },
  { task: 5, typed: "localhost\n\nпривет", shown: "привет", again: "привет" },
  { task: 6, typed: "\n\nАнна\nпривет", shown: "Приятно познакомиться, Анна!", again: "Здравствуйте, Анна!" },
  { task: 7, typed: "\n\nАнна\nпароль\nпривет", shown: "Добро пожаловать, Анна!", again: "С возвращением, Анна!" },
  { task: 8, typed: "\n\nАнна\nпароль\nпривет", shown: "Добро пожаловать, Анна!", again: "С возвращением, Анна!" },
  { task: 9, typed: "\n\nАнна\nпароль\nраз\nдва\n\n", shown: "> два", again: "С возвращением, Анна!" },
];

Deno.test({
  name: "the lab's client in Python talks with the server of the same state, and comes again",
  ignore: !hasPython,
  async fn() {
    await eachOf(someOf(CONVERSATIONS, 3), 4, async ({ task, typed, shown, again }) => {
      using place = workplace(before(task));
      Deno.writeTextFileSync(place.dir.at("typed"), `${typed}\n`);
      // Who is known by then is asked for host and port alone.
      Deno.writeTextFileSync(place.dir.at("typed_again"), task < 6 ? `${typed}\n` : "\n\nпривет\n\n");
      const python = PYTHON.join(" ");
      const script = `${python} server.py </dev/null >console &
        trap 'kill $!' EXIT
        until grep -qs 'Слушаю порт' console server.log; do kill -0 $! || exit 1; sleep 0.02; done
        ${python} client.py <typed >first || exit 1
        ${again === undefined ? "" : `${python} client.py <typed_again >second`}`;
      // Without a terminal a hidden password comes from standard input.
      const { stderr } = await runProgram("setsid", ["-w", "bash", "-c", script], {
        cwd: place.dir.path,
        env: { LC_ALL: "C.UTF-8" },
      });
      assertStringIncludes(Deno.readTextFileSync(place.dir.at("first")), shown, `state ${task}: ${stderr}`);
      if (again === undefined) return;
      assertStringIncludes(Deno.readTextFileSync(place.dir.at("second")), again, `state ${task}: ${stderr}`);
    });
  },
});

Deno.test({
  name: "the solution of task 2 asks again until the port is one",
  ignore: !hasPython,
  async fn() {
    using place = workplace(before(3));
    await using server = new Pty("python3", [...PYTHON.slice(1), place.dir.at("server.py")], {
      LC_ALL: "C.UTF-8",
    });
    for (const answer of ["abc", "70000", "-1", "0"]) {
      await server.expect(`Порт [${place.port}]: `);
      await server.enter(answer);
      await server.expect("целое число от 1 до 65535");
    }
    await server.enter("");
    await server.expect(`Слушаю порт ${place.port}`);
  },
});
