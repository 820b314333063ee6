import { assert, assertEquals } from "@std/assert";
import { CHECK_IDS } from "../../lib/client/check/ids.ts";
import { eachOf, freePorts, grade, hasPython, idsOf, inRepository, workplace } from "../support/lab.ts";

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

/** The whole examination of a server of that folder. */
function command(file: string): string {
  return `echo-client check 127.0.0.1:9090 --framing dec:8 --dir . --command 'python3 ${file} 9090'`;
}

Deno.test("tests/lab/broken has a server for every check", () => {
  const mistakes = new Set(brokenServers().map(({ mistake }) => mistake));
  assertEquals([...mistakes].sort(), [...CHECK_IDS].sort());
});

Deno.test({
  name: "echo-client check finds each mistake, names it, and reports nothing else",
  ignore: !hasPython,
  // The examinations run side by side, as steps of one test.
  async fn(t) {
    const ports = freePorts();
    await eachOf(brokenServers(), 6, async ({ file, mistake }) => {
      await t.step({
        name: `${file}: ${mistake}`,
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
        async fn() {
          using place = workplace([FOLDER], ports.next().value);
          const found = await grade(command(file), place);
          assertEquals(idsOf(found, "failed"), [mistake], JSON.stringify(found, undefined, 1));
          assertEquals(found.code, 10);
          const { diagnosis = "", page = "" } = found.checks.find(({ id }) => id === mistake) ?? {};
          assert(diagnosis.length > 20, diagnosis);
          assert(Deno.statSync(inRepository(page)).isFile);
        },
      });
    });
  },
});

for (const mode of ["echo", "identify", "auth"]) {
  Deno.test({
    name: `echo-client check reports nothing of the server the broken ones are made from: ${mode}`,
    ignore: !hasPython,
    async fn() {
      using place = workplace([FOLDER], freePorts().next().value);
      const found = await grade(command(`base.py --mode ${mode}`), place);
      assertEquals(idsOf(found, "failed"), [], JSON.stringify(found, undefined, 1));
      assertEquals(found.code, 0);
    },
  });
}
