import { assertEquals, assertMatch } from "@std/assert";
import type { LogFields, LogLevel } from "../../../lib/server/log.ts";
import { openServiceLog } from "../../../lib/server/service_log.ts";
import { tempDir } from "../../support/programs.ts";

/** The lines that an event leaves in a log. */
async function logged(
  event: string,
  fields: LogFields,
  options: { format?: "text" | "json"; level?: LogLevel; as?: LogLevel } = {},
): Promise<string[]> {
  using dir = tempDir();
  const { format = "text", level = "info", as = "info" } = options;
  {
    using log = await openServiceLog({ path: dir.at("x.log"), level, format, maxSize: 0, keep: 0 });
    log[as](event, fields);
  }
  return Deno.readTextFileSync(dir.at("x.log")).split("\n").slice(0, -1);
}

const HOSTILE = [
  "two\nlines\r\n2026-01-01T00:00:00.000Z ERROR - forged",
  "\u001b[31mred\u001b[0m\u0007",
  "\u009b2J",
  "\u202eright to left\u202c\u2066",
  "in\u200bvisible\ufeff",
  "line\u2028and\u2029paragraph",
  "null \u0000 and delete \u007f",
  "lone \ud800 surrogate",
  'quotes " and = signs and \\ backslashes',
  "tag \u{e0041}",
];

Deno.test("A text line has time, level, peer, message and values", async () => {
  const [line = ""] = await logged("disconnect", { peer: "127.0.0.1:50000", reason: "end", frames: 3 });
  assertMatch(
    line,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO +127\.0\.0\.1:50000 client left reason=end frames=3$/,
  );
  const [plain = ""] = await logged("start", {}, { as: "error" });
  assertMatch(plain, /Z ERROR - server starts$/);
});

Deno.test("A text line quotes a value with a space, a quote or an equals sign, and an empty one", async () => {
  const [line = ""] = await logged("error", { error: "no such file", code: "a=b", empty: "", said: 'he said "no"' });
  assertMatch(line, / error error="no such file" code="a=b" empty="" said="he said \\"no\\""$/);
});

for (const value of HOSTILE) {
  for (const format of ["text", "json"] as const) {
    Deno.test(`${format}: an event is one harmless line whatever its values: ${JSON.stringify(value)}`, async () => {
      const lines = await logged("error", { peer: value, error: value }, { format });
      assertEquals(lines.length, 1);
      // deno-lint-ignore no-control-regex
      assertEquals(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/u.exec(lines[0] ?? ""), null, lines[0]);
    });
  }
  Deno.test(`json: the value is the same when it is read again: ${JSON.stringify(value)}`, async () => {
    const [line = ""] = await logged("error", { peer: "p", error: value }, { format: "json" });
    const { time, level, event, message, peer, error } = JSON.parse(line);
    assertEquals([level, event, message, peer, error], ["info", "error", "error", "p", value]);
    assertEquals(new Date(time).toISOString(), time);
  });
}

Deno.test("A log tells what its level lets through", async () => {
  for (const [level, told] of [["debug", 4], ["info", 3], ["warn", 2], ["error", 1]] as const) {
    const levels = ["debug", "info", "warn", "error"] as const;
    const lines = (await Promise.all(levels.map((as) => logged("start", {}, { level, as })))).flat();
    assertEquals(lines.length, told, level);
  }
});

Deno.test("A log repeats each line for its mirror, and goes on when that breaks", async () => {
  using dir = tempDir();
  const copies: string[] = [];
  const mirror = (line: string): void => {
    copies.push(line);
    if (copies.length > 1) throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  };
  {
    using log = await openServiceLog({ path: dir.at("x"), level: "info", format: "text", maxSize: 0, keep: 0, mirror });
    log.info("start");
    log.info("listen");
    log.info("stop");
  }
  assertEquals(copies.join(""), Deno.readTextFileSync(dir.at("x")));
  assertEquals(copies.length, 3);
});
