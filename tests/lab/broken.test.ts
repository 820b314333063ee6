import { assert, assertEquals } from "@std/assert";
import { CHECK_IDS } from "../../lib/client/check/ids.ts";
import { eachOf, grade, hasPython, idsOf, inRepository, workplace } from "../support/lab.ts";

const FOLDER = inRepository("tests/lab/broken");

/** A server with one mistake, and the check that is to find it: its header says which. */
interface Broken {
  readonly file: string;
  readonly mistake: string;
}

function brokenServers(): Broken[] {
  return [...Deno.readDirSync(FOLDER)].filter(({ name }) => name.endsWith(".py") && name !== "base.py").map(
    ({ name }) => ({
      file: name,
      mistake: /^Found by: ([\w-]+)$/m.exec(Deno.readTextFileSync(`${FOLDER}/${name}`))?.[1] ?? "",
    }),
  );
}

/** Without a mistake, in each mode. */
const CORRECT = ["base.py --mode echo", "base.py --mode identify", "base.py --mode auth"];

/** The whole examination of a server of that folder. */
function command(server: string): string {
  return `echo-client check 127.0.0.1:9090 --dir . --command 'python3 ${server} 9090'`;
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
    const broken = brokenServers().map(({ file, mistake }) => async () => {
      await step(`${file}: ${mistake}`, async () => {
        using place = workplace([FOLDER]);
        const found = await grade(`${command(file)} --framing dec:8`, place);
        assertEquals(idsOf(found, "failed"), [mistake], JSON.stringify(found, undefined, 1));
        assertEquals(found.code, 10);
        const { diagnosis = "", page = "" } = found.checks.find(({ id }) => id === mistake) ?? {};
        assert(diagnosis.length > 20, diagnosis);
        assert(Deno.statSync(inRepository(page)).isFile);
      });
    });
    const correct = CORRECT.map((server) => async () => {
      await step(`${server}: nothing`, async () => {
        using place = workplace([FOLDER]);
        const found = await grade(command(server), place);
        assertEquals(idsOf(found, "failed"), [], JSON.stringify(found, undefined, 1));
        assertEquals([found.framing, found.code], ["dec:8", 0]);
      });
    });
    await eachOf([...broken, ...correct], 6, (examination) => examination());
  },
});
