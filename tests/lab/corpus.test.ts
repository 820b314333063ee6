import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { CheckReport } from "../../lib/commands/grading/model.ts";
import { examineClient } from "../../lib/commands/check_client/examine.ts";
import { ClientHarness } from "../../lib/commands/check_client/client_harness.ts";
import { eachOf, grade, idsOf, PYTHON, workplaceOf } from "../support/lab.ts";
import { hasPython } from "../support/python.ts";
import { inRepository } from "../support/repository.ts";

const FOLDER = inRepository("tests/lab/corpus");

/** They take two minutes, and verdicts that depend on time want the machine to themselves: `deno task lab:grade`. */
const ALL = Deno.env.get("ECHO_LOAD") === "full";

/** What the head of a program says of it, `# failed: leave-close` or the like, by the word before the colon. */
interface Program {
  readonly file: string;
  readonly head: ReadonlyMap<string, string>;
}

const PROGRAMS: readonly Program[] = [...Deno.readDirSync(FOLDER)].filter(({ name }) => name.endsWith(".py")).map(
  ({ name }) => {
    const text = Deno.readTextFileSync(`${FOLDER}/${name}`);
    return {
      file: name,
      head: new Map(Array.from(text.matchAll(/^# (\w+): (.*)$/gm), ([, key = "", value = ""]) => [key, value])),
    };
  },
);

/** What is wrong with every server that keeps to its one task, and is no part of what it stands for. */
const ASIDE = ["log-file", "port-fallback", "port-printed", "many-clients", "leave-reset", "leave-half-close"];

/** Steps run side by side. */
const TOGETHER = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

const words = (text = ""): string[] => text.split(" ").filter((word) => word !== "");

Deno.test({
  name: "echo-client check judges servers in the ways students write, each as its head says",
  ignore: !hasPython || !ALL,
  async fn(t) {
    const servers = PROGRAMS.filter(({ file }) => !file.startsWith("client_"));
    assert(servers.length >= 20);
    await eachOf(servers, 6, async ({ file, head }) => {
      await t.step({
        name: file,
        ...TOGETHER,
        async fn() {
          using place = workplaceOf(
            [file, ...words(head.get("beside")).map((name) => `${name}.py`)].map((name) => `${FOLDER}/${name}`),
          );
          const tasks = head.has("tasks") ? ` --tasks ${head.get("tasks")}` : "";
          assertAsSaid(
            await grade(`echo-client check 127.0.0.1:9090 --command 'python3 ${file}'${tasks}`, place),
            head,
          );
        },
      });
    });
  },
});

function assertAsSaid(report: CheckReport, head: ReadonlyMap<string, string>): void {
  const found = JSON.stringify(report, undefined, 1);
  const [failed, wanted] = [idsOf(report, "failed"), words(head.get("failed"))];
  assertEquals(failed.filter((id) => !ASIDE.includes(id) || wanted.includes(id)).sort(), wanted.sort(), found);
  for (const status of ["passed", "skipped"] as const) {
    for (const id of words(head.get(status))) {
      assert(idsOf(report, status).includes(id), `${id} is not ${status}: ${found}`);
    }
  }
  const [id, ...text] = words(head.get("says"));
  const finding = report.checks.find((check) => check.id === id);
  const told = text[0] === "@" ? finding?.received : finding?.diagnosis;
  if (id !== undefined) assertStringIncludes(told ?? "", text.filter((word) => word !== "@").join(" "));
  if (head.has("note")) assertStringIncludes((report.notes ?? []).join("\n"), head.get("note") ?? "");
  if (head.has("framing")) assertEquals(report.framing, head.get("framing"), found);
}

Deno.test({
  name: "echo-server check judges clients in the ways students write, each as its head says",
  ignore: !hasPython || !ALL,
  async fn(t) {
    const clients = PROGRAMS.filter(({ file }) => file.startsWith("client_"));
    assert(clients.length >= 10);
    await eachOf(clients, 4, async ({ file, head }) => {
      await t.step({
        name: file,
        ...TOGETHER,
        async fn() {
          await using harness = new ClientHarness({
            listener: Deno.listen({ hostname: "127.0.0.1", port: 0 }),
            command: [...PYTHON, `${FOLDER}/${file}`],
            ...{ answers: [], exitWords: ["exit", ""], greeting: undefined, framing: undefined, wait: 3000 },
            ...{ signal: AbortSignal.timeout(60_000), invite: () => {} },
          });
          const findings = await examineClient(harness, { tasks: new Set() });
          const failed = findings.filter(({ outcome }) => outcome.status === "failed").map((finding) => finding.id);
          if (head.has("failed")) assertEquals(failed.join(" "), head.get("failed"), JSON.stringify(findings));
          assertEquals(harness.framing?.name, head.get("framing"));
          if (head.get("note") === "text of its own") assert(harness.isFixed);
          if (head.get("note") === "one message") assert(harness.isCollecting);
        },
      });
    });
  },
});
