import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { CheckReport } from "../../lib/commands/grading/model.ts";
import { ASIDE, gradeClientOf, gradeServerOf, PROGRAMS, words } from "../support/corpus.ts";
import { eachOf, idsOf } from "../support/lab.ts";
import { hasPython } from "../support/python.ts";

/** They take two minutes: `deno task lab:grade`. */
const ALL = Deno.env.get("ECHO_LOAD") === "full";

/** Steps run side by side. */
const TOGETHER = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

Deno.test({
  name: "echo-client check judges servers in the ways students write, each as its head says",
  ignore: !hasPython || !ALL,
  async fn(t) {
    const servers = PROGRAMS.filter(({ isClient }) => !isClient);
    assert(servers.length >= 20);
    await eachOf(servers, 6, async (program) => {
      await t.step({
        name: program.name,
        ...TOGETHER,
        fn: async () => assertAsSaid(await gradeServerOf(program), program.head),
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
    const clients = PROGRAMS.filter(({ isClient }) => isClient);
    assert(clients.length >= 10);
    await eachOf(clients, 4, async (program) => {
      const { file, head } = program;
      await t.step({
        name: file,
        ...TOGETHER,
        async fn() {
          const { findings, harness } = await gradeClientOf(program);
          const failed = findings.filter(({ outcome }) => outcome.status === "failed").map((finding) => finding.id);
          if (head.has("failed")) assertEquals(failed.join(" "), head.get("failed"), JSON.stringify(findings));
          assertEquals(harness.framing?.name, head.get("framing"));
          const keys = findings.map(({ outcome }) => outcome.diagnosis?.key ?? "");
          for (const key of words(head.get("why"))) assertStringIncludes(keys.join(" "), key);
          assertEquals(head.get("note") === "text of its own", harness.isFixed);
          if (head.get("note") === "one message") assert(harness.collectsUntil !== undefined);
        },
      });
    });
  },
});
