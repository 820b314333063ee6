import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deadline } from "@std/async/deadline";
import type { CheckReport } from "../../lib/commands/grading/model.ts";
import { FramedConn } from "../../lib/framed_conn.ts";
import { framingFrom } from "../../lib/framing/framing.ts";
import { type ClientFinding, examineClient } from "../../lib/commands/check_client/examine.ts";
import { CLIENT_CHECK_IDS, CLIENT_CHECKS, type ClientCheckId } from "../../lib/commands/check_client/outcome.ts";
import { ClientHarness, type ClientHarnessOptions } from "../../lib/commands/check_client/client_harness.ts";
import { PYTHON, workplace } from "../support/lab.ts";
import { someOf } from "../support/long.ts";
import { hasPython } from "../support/python.ts";
import { inRepository } from "../support/repository.ts";
import { type Finished, isInstalled, PATIENCE, runTool, tempDir, toolPath, until } from "../support/tools.ts";

/** Examines a client without a process around the grader. */
async function examine(
  command: readonly string[],
  { tasks = [], ...options }: Partial<ClientHarnessOptions> & { readonly tasks?: readonly number[] } = {},
): Promise<{ readonly framing: string | undefined; readonly findings: ClientFinding[] }> {
  await using harness = new ClientHarness({
    listener: options.listener ?? Deno.listen({ hostname: "127.0.0.1", port: 0 }),
    command,
    ...{ answers: [], exitWords: ["exit", ""], greeting: undefined, framing: undefined, wait: 2000 },
    ...{ signal: new AbortController().signal, invite: () => {} },
    ...options,
  });
  const findings = await examineClient(harness, { tasks: new Set(tasks) });
  return { framing: harness.framing?.name, findings };
}

/** What was not passed, each with what was said of it. */
function faults(findings: readonly ClientFinding[], status: "failed" | "skipped" = "failed"): Record<string, string> {
  const found = findings.filter(({ outcome }) => outcome.status === status);
  return Object.fromEntries(found.map(({ id, outcome }) => [id, outcome.diagnosis?.key ?? ""]));
}

/** Each start of a client takes the processor a moment: only a long run examines each for all tasks. */
const ALL = Deno.env.get("ECHO_LOAD") === "full";

const python = (name: string): string[] => [...PYTHON, inRepository(`tests/lab/broken_clients/${name}.py`)];

/** Each broken client with the one thing that is to be found, and what that makes meaningless. */
const BROKEN: readonly (readonly [name: string, id: ClientCheckId, key: string, follows?: readonly ClientCheckId[]])[] =
  [
    ["counts_characters", "whole-frames", "counts_characters", ["split-utf8"]],
    ["header_counts_itself", "whole-frames", "counts_header", [
      ...["split-reply", "merged-replies", "large-reply", "split-utf8"] as const,
    ]],
    ["reads_characters", "whole-frames", "reads_characters", ["split-utf8"]],
    ["empty_message", "whole-frames", "empty_message", ["split-utf8"]],
    ["single_recv", "split-reply", "split_reply", ["large-reply", "split-utf8"]],
    ["loses_merged", "merged-replies", "merged_replies"],
    ["cuts_large", "large-reply", "large_reply"],
    ["decodes_chunks", "split-utf8", "split_utf8"],
    ["one_message", "many-messages", "one_message"],
    ["hangs", "server-leaves", "leaves_hangs"],
    ["spins", "server-leaves", "leaves_spins"],
    ["dies", "server-leaves", "leaves_crashes"],
    ["fixed_port", "reconnects", "not_again", ["no-hang", "server-leaves"]],
    ["thread_waits", "no-hang", "end_hangs", ["server-leaves"]],
  ];

/** Steps that run at once: most of their time is spent waiting for clients. */
const AT_ONCE = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

Deno.test("echo-server check finds the one mistake of each broken client, and no other", async (t) => {
  const broken = someOf(BROKEN, 4).map(([name, id, key, follows = []]) =>
    t.step({
      ...{ name, ignore: !hasPython, ...AT_ONCE },
      async fn() {
        const command = ["env", `OWN_PORT=${freePort()}`, ...python(name)];
        const { findings } = await examine(command, { wait: 1000, tasks: ALL ? [] : [CLIENT_CHECKS[id]] });
        assertEquals(faults(findings), { [id]: key });
        const skipped = findings.filter(({ task, outcome }) =>
          task === CLIENT_CHECKS[id] && outcome.status === "skipped"
        );
        assertEquals(skipped.map((finding) => finding.id), [...follows]);
      },
    })
  );
  const own = someOf([["u8", [7]], ["dec:6", []], ["raw", [8]]] as const, 1).map(([framing, tasks]) =>
    t.step({
      ...{ name: `our own client, framing ${framing}: nothing`, ...AT_ONCE },
      async fn() {
        const command = [toolPath("echo-client"), "--framing", framing, ":{port}"];
        const { framing: found, findings } = await examine(command, { tasks: ALL ? [] : tasks });
        assertEquals([found, faults(findings)], [framing, {}]);
        const unframed = framing === "raw" && ALL ? CLIENT_CHECK_IDS.filter((id) => CLIENT_CHECKS[id] === 7) : [];
        assertEquals(faults(findings, "skipped"), {
          ...framing === "u8" ? { "large-reply": "skipped_small" } : {},
          ...Object.fromEntries(unframed.map((id) => [id, "skipped_raw"])),
        });
      },
    })
  );
  await Promise.all([...broken, ...own]);
});

Deno.test({
  name: "echo-server check does not wait in full for each message of a client that prints without end",
  ignore: !hasPython,
  async fn() {
    const command = [...PYTHON, inRepository("tests/lab/corpus/client_endless_output.py")];
    // With a whole wait for one step only the first check would come to its end.
    const { findings } = await examine(command, { wait: 120_000, again: 300, signal: AbortSignal.timeout(60_000) });
    assertEquals(faults(findings), {
      "whole-frames": "reply_not_understood",
      "many-messages": "many_messages",
      "server-leaves": "leaves_hangs",
    });
  },
});

/** A port nobody listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test({
  name: "echo-server check passes a correct client, as JSON and JUnit, with exit code 0",
  ignore: !hasPython,
  async fn() {
    using dir = tempDir();
    const { code, stdout } = await check(["--json", "--junit", dir.at("junit.xml"), "--", ...python("correct")]);
    const report: CheckReport = JSON.parse(stdout);
    assertEquals([code, report.framing, report.summary], [0, "u32", { passed: 9, failed: 0, skipped: 0 }]);
    assertEquals(report.target, python("correct").join(" "));
    assertEquals(report.checks.map(({ id, task }) => [id, task]), Object.entries(CLIENT_CHECKS));
    for (const { page } of report.checks) assert(Deno.statSync(inRepository(page)).isFile, page);
    assertMatch(Deno.readTextFileSync(dir.at("junit.xml")), /tests="9" failures="0" skipped="0"/);
  },
});

Deno.test({
  name: "echo-server check passes the lab's worked client, and in the state before task 8 finds that task alone",
  ignore: !hasPython,
  async fn() {
    const starter = inRepository("docs/lab/starter/task-8");
    // Who is greeted without a question is let in.
    const framing = framingFrom("dec:8");
    const asked = { answers: ["{host}", "{port}"], exitWords: [""], greeting: "Здравствуйте!", framing };
    const states = [
      { folders: [starter], failed: { "many-messages": "one_message" } },
      { folders: [starter, inRepository("tests/lab/solutions/task-8")], failed: {} },
    ];
    await Promise.all(states.map(async ({ folders, failed }) => {
      using place = workplace(folders);
      const { findings } = await examine([...PYTHON, place.dir.at("client.py")], asked);
      assertEquals(faults(findings), failed);
    }));
  },
});

Deno.test({
  name: "echo-server check tells the mistake with its numbers, in English and Russian, with exit code 10",
  ignore: !hasPython,
  async fn() {
    const [en, ru] = await Promise.all(
      ["en", "ru"].map((lang) =>
        check(["--lang", lang, "--tasks", "7", "--wait", "1s", "--", ...python("counts_characters")])
      ),
    );
    assertEquals([en?.code, ru?.code], [10, 10]);
    assertStringIncludes(en?.stdout ?? "", "“привет, мир” is 20 bytes, the header said 11");
    assertStringIncludes(en?.stdout ?? "", "docs/lab/en/task-7.md");
    assertStringIncludes(en?.stdout ?? "", "\\x00\\x00\\x00\\x0bпривет, мир");
    assertStringIncludes(ru?.stdout ?? "", "«привет, мир» — это 20 байт, а в заголовке 11");
    assert(!/task-1|server-leaves/.test(en?.stdout ?? ""), "only what was asked for");
  },
});

Deno.test({
  name: "echo-server check: a client that asks for host and port, and waits for the server's first word",
  ignore: !hasPython,
  async fn() {
    const script = `
import socket
with socket.create_connection((input("Host: "), int(input("Port: ")))) as conn:
    print(conn.recv(100).decode())
    while (text := input("> ")) != "quit":
        conn.sendall(text.encode())
        reply = conn.recv(100)
        if not reply:
            break
        print(reply.decode())
`;
    const asked = ["--answer", "{host}", "--answer", "{port}", "--greeting", "Hello!", "--exit-word", "quit"];
    const { code, stdout } = await check(["--json", "--tasks", "8", ...asked, "--", ...PYTHON, "-c", script]);
    assertEquals([code, JSON.parse(stdout).summary], [0, { passed: 1, failed: 0, skipped: 0 }]);
    // What is asked for in other words is not answered by itself.
    const other = script.replace("Host: ", "Where? ").replace("Port: ", "Which? ");
    const alone = await check(["--wait", "200ms", "--", ...PYTHON, "-c", other]);
    assertEquals(alone.code, 75);
    assertMatch(alone.stderr, /No client came .* Its last words: Where\? Which\?\n.*--answer/);
  },
});

Deno.test("echo-server check without a command examines whoever connects", async () => {
  const invited: Promise<void>[] = [];
  const framing = framingFrom("netstring");
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const converse = async (): Promise<void> => {
    await using conn = new FramedConn(await Deno.connect({ port: listener.addr.port }), { framing });
    try {
      for (const text of ["раз", "два", "три"]) {
        await conn.send(text);
        if (await conn.receive() === null) break;
      }
    } catch {
      // The server has left inside a frame, or reset the connection: then it is over.
    }
  };
  const { framing: found, findings } = await examine([], { listener, invite: () => void invited.push(converse()) });
  await Promise.all(invited);
  assertEquals([found, faults(findings), faults(findings, "skipped")], ["netstring", {}, {}]);
});

Deno.test("echo-server check ends with 75 when nobody comes, and takes the next port when its own is busy", async () => {
  using busy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = busy.addr;
  const nobody = await check(["--wait", "100ms"], port);
  assertEquals([nobody.code, nobody.stdout], [75, ""]);
  // The next port may be another test's.
  const busyPorts = `Port ${port} is busy\\.\n(?:Port \\d+ is busy\\.\n)*`;
  assertMatch(nobody.stderr, new RegExp(`^${busyPorts}Examining on 127\\.0\\.0\\.1:\\d+\\.`));
  const over = await check(["--timeout", "100ms"]);
  assertEquals(over.code, 75);
});

Deno.test("echo-server check: usage errors say what to write instead", async () => {
  const missing = await check(["--", "no-such-program-here"]);
  assertEquals(missing.code, 64);
  assertMatch(missing.stderr, /no-such-program-here.*there is no such program/);
  const extra = await check(["python3", "client.py"]);
  assertEquals(extra.code, 64);
  assertStringIncludes(extra.stderr, "echo-server check [options] [-- COMMAND …]");
  const tasks = await check(["--tasks", "9"]);
  assertEquals(tasks.code, 64);
  const help = await check(["--help", "--lang", "ru"]);
  assertEquals(help.code, 0);
  assertMatch(help.stdout, /^echo-server check .*\n[^]*--exit-word LINE/);
});

Deno.test({
  name: "echo-server check: Ctrl-C ends the client, too, with all that it started",
  ignore: !isInstalled("sh") || Deno.build.os === "windows",
  async fn() {
    using dir = tempDir();
    const script = `sleep 300 & echo $! > ${dir.at("child")}; echo $$ > ${dir.at("client")}; wait`;
    const child = new Deno.Command(toolPath("echo-server"), {
      args: ["check", "--port", "0", "--", "sh", "-c", script],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    const pidIn = (name: string): number | undefined => {
      try {
        return Number(Deno.readTextFileSync(dir.at(name)).trim()) || undefined;
      } catch {
        return undefined;
      }
    };
    const pids = [await until(() => pidIn("child"), "a child"), await until(() => pidIn("client"), "a client")];
    child.kill("SIGINT");
    assertEquals((await deadline(child.status, PATIENCE)).code, 130);
    for (const pid of pids) await until(() => isGone(pid) || undefined, `the end of ${pid}`);
  },
});

/** Whether a process has ended; one that nobody has waited for has. */
function isGone(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return /^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return true;
  }
}

/** Runs the compiled tool. */
async function check(args: readonly string[], port = 0): Promise<Finished> {
  return await runTool("echo-server", ["check", "--port", String(port), ...args]);
}
