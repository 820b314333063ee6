import { assert, assertEquals } from "@std/assert";
import { CHECK_IDS, CHECK_TASKS } from "../../lib/commands/check_server/ids.ts";
import { eachOf, grade, idsOf, workplace } from "../support/lab.ts";
import { someOf } from "../support/long.ts";
import { hasPython } from "../support/python.ts";
import { inRepository } from "../support/repository.ts";

const FOLDER = inRepository("tests/lab/broken");

/** A server with one mistake, and the check that is to find it: its header says which. */
interface Broken {
  readonly file: string;
  readonly mistake: string;
}

function brokenServers(): Broken[] {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  return names.filter((name) => name.endsWith(".py") && name !== "base.py").map(
    (name) => ({
      file: name,
      mistake: /^Found by: ([\w-]+)$/m.exec(Deno.readTextFileSync(`${FOLDER}/${name}`))?.[1] ?? "",
    }),
  );
}

/** Without a mistake, in each mode. */
const CORRECT = ["base.py --mode echo", "base.py --mode identify", "base.py --mode auth"];

/** Each examination starts the server several times: only a long run (`deno task lab:grade`) examines it for all tasks. */
const ALL = Deno.env.get("ECHO_LOAD") === "full";

/** The tasks that a server with this mistake is examined for: the mistake's own, and one that it could be taken for. */
function tasksAround(mistake: string): string {
  const own = CHECK_IDS.filter((id) => id === mistake).map((id) => CHECK_TASKS[id]);
  return [...own, ...own.map((task) => BESIDE[task])].join(",");
}

/** To ask for tasks 5 and 6 is to ask for a server that asks for names and passwords: only those do. */
const BESIDE: Readonly<Record<number, number>> = { 1: 8, 2: 8, 3: 4, 4: 3, 5: 1, 6: 8, 7: 8, 8: 7 };

/** The examination of a server of that folder. */
function command(server: string): string {
  return `echo-client check 127.0.0.1:9090 --command 'python3 ${server} 9090'`;
}

Deno.test("tests/lab/broken has a server for every check", () => {
  const mistakes = new Set(brokenServers().map(({ mistake }) => mistake));
  assertEquals([...mistakes].sort(), [...CHECK_IDS].sort());
});

Deno.test({
  name: "echo-client check finds each mistake, names it, and reports nothing else",
  ignore: !hasPython,
  async fn(t) {
    // The examinations run side by side, as steps of one test.
    const step = async (name: string, fn: () => Promise<void>): Promise<void> => {
      await t.step({ name, fn, sanitizeOps: false, sanitizeResources: false, sanitizeExit: false });
    };
    const broken = someOf(brokenServers(), 4).map(({ file, mistake }) => async () => {
      await step(`${file}: ${mistake}`, async () => {
        using place = workplace([FOLDER]);
        const tasks = ALL ? "" : ` --tasks ${tasksAround(mistake)}`;
        const found = await grade(`${command(file)} --framing dec:8${tasks}`, place);
        assertEquals(idsOf(found, "failed"), [mistake], JSON.stringify(found, undefined, 1));
        const { diagnosis = "", page = "" } = found.checks.find(({ id }) => id === mistake) ?? {};
        assert(diagnosis.length > 20, diagnosis);
        assert(Deno.statSync(inRepository(page)).isFile);
      });
    });
    const correct = someOf(CORRECT, 1).map((server) => async () => {
      await step(`${server}: nothing`, async () => {
        using place = workplace([FOLDER]);
        const found = await grade(command(server), place);
        assertEquals(idsOf(found, "failed"), [], JSON.stringify(found, undefined, 1));
        assertEquals(found.framing, "dec:8");
      });
    });
    await eachOf([...broken, ...correct], 6, (examination) => examination());
  },
});
