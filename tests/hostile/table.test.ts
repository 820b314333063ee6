import { assertEquals, assertGreater } from "@std/assert";
import { runCases, type Tally, Target } from "../support/hostile.ts";
import { startServer } from "../support/tools.ts";
import { CASES } from "./cases/table.ts";

/** Modes and framings that the table has cases for. */
const SERVERS = [
  ...new Set(CASES.filter(({ mode }) => mode !== "any").map((it) => `${it.mode} ${it.framing ?? "u32"}`)),
];

Deno.test("the table of hostile input has cases of every group, each with a name of its own", () => {
  const titles = CASES.map(({ group, name }) => `${group}: ${name}`);
  assertEquals(titles.filter((title, at) => titles.indexOf(title) !== at), []);
  const groups = ["content", "dialogue", "framing", "sasl", "sessions", "storage", "system"];
  assertEquals([...new Set(CASES.map(({ group }) => group))].toSorted(), groups);
  assertGreater(CASES.length, 60);
});

for (const server of SERVERS) {
  const [mode, framing = ""] = server.split(" ");
  if (mode !== "echo" && mode !== "identify" && mode !== "auth") continue;
  Deno.test(`echo-server --mode ${mode} --framing ${framing} stands every case of the table`, async () => {
    await using own = await startServer({
      args: ["--mode", mode, "--framing", framing, "--max-unauthenticated", "200"],
    });
    const spec = {
      host: "127.0.0.1",
      port: own.port,
      pid: own.pid,
      own,
      mode,
      framing,
      maxFrame: 1024 * 1024,
    } as const;
    await using target = await Target.at(spec);
    const lines: string[] = [];
    // What only connects, resets or signals is tried against one server of each mode.
    const cases = framing === "u32" ? CASES : CASES.filter((it) => it.mode !== "any");
    const tally: Tally = await runCases(target, cases, (line) => lines.push(line));
    assertEquals(lines.filter((line) => line.startsWith("FAIL")), []);
    assertGreater(tally.passed, 0);
    const errors = own.log().split("\n").filter((line) => / ERROR /.test(line));
    assertEquals(errors, []);
  });
}
