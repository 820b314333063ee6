import { utf8 } from "../../../../lib/base/bytes.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { tableLines } from "../../../../lib/cli/table.ts";
import { timeIso, timestampText } from "../../../../lib/commands/admin/context.ts";
import { parseUsers } from "../../../../lib/commands/admin/transfer.ts";
import { explainError, type Language, translator } from "../../../../lib/cli/texts.ts";
import { TEXTS } from "../../../../lib/commands/admin/texts.ts";
import { ConfigError, type Details, StorageError, UsageError } from "../../../../lib/base/errors.ts";
import { sqliteError } from "../../../../lib/store/sqlite_errors.ts";
import { fileError } from "../../../../lib/base/system_errors.ts";

const texts = { en: await translator("en", TEXTS), ru: await translator("ru", TEXTS) };

const VERIFIER = `SCRAM-SHA-256$4096:${"A".repeat(22)}==$${"A".repeat(43)}=:${"A".repeat(43)}=`;

Deno.test("tableLines() aligns what people see, not code units", () => {
  assertEquals(tableLines([["NAME", "X"], ["Zoe\u0308", "a"], ["山田", "b"], ["Б", ""]]), [
    "NAME  X",
    "Zoe\u0308   a",
    "山田  b",
    "Б",
  ]);
});

Deno.test("timestampText() and timeIso() write ISO 8601 in UTC", () => {
  assertEquals([timestampText(1234), timeIso(1234)], ["1970-01-01T00:00:01Z", "1970-01-01T00:00:01.234Z"]);
});

Deno.test("parseUsers() reads JSON lines, blank ones and a missing line end included", () => {
  const lines = [
    JSON.stringify({ name: "Zoe\u0308", verifier: VERIFIER }),
    "",
    `  ${JSON.stringify({ name: "Б", verifier: VERIFIER, disabled: true, created_at: "1970-01-01T02:00:01+02:00" })}\r`,
  ];
  const users = parseUsers(utf8(lines.join("\n")), 7);
  assertEquals(users, [
    { name: "Zo\u00eb", verifier: VERIFIER, disabled: false, createdAt: 7 },
    { name: "Б", verifier: VERIFIER, disabled: true, createdAt: 1000 },
  ]);
});

Deno.test("parseUsers() says which line will not do and why, and shows no verifier", () => {
  const good = JSON.stringify({ name: "Anna", verifier: VERIFIER });
  const cases: readonly (readonly [line: string, reason: string])[] = [
    ["{", "import_json"],
    [JSON.stringify({ name: "Boris", verifier: VERIFIER, more: "x".repeat(65_536) }), "import_json"],
    ["null", "import_json"],
    ["[]", "import_json"],
    ['"Anna"', "import_json"],
    [JSON.stringify({ name: "Boris" }), "import_json"],
    [JSON.stringify({ verifier: VERIFIER }), "import_json"],
    [JSON.stringify({ name: "", verifier: VERIFIER }), "name_empty"],
    [JSON.stringify({ name: "Bo\u202eris", verifier: VERIFIER }), "name_bad_character"],
    [JSON.stringify({ name: "B".repeat(65), verifier: VERIFIER }), "name_too_long"],
    [JSON.stringify({ name: "Boris", verifier: "md5c0ffee" }), "import_verifier"],
    [JSON.stringify({ name: "Boris", verifier: VERIFIER.replace("4096", "4095") }), "import_iterations"],
    [JSON.stringify({ name: "Boris", verifier: VERIFIER.replace("4096", "2000001") }), "import_iterations"],
    [JSON.stringify({ name: "Boris", verifier: VERIFIER, disabled: 1 }), "import_disabled"],
    [JSON.stringify({ name: "Boris", verifier: VERIFIER, created_at: "yesterday" }), "import_created_at"],
    [JSON.stringify({ name: "Boris", verifier: VERIFIER, created_at: 5 }), "import_created_at"],
    [good, "import_twice"],
  ];
  for (const [line, reason] of cases) {
    const error = assertThrows(() => parseUsers(utf8(`${good}\n\n${line}\n`), 0), UsageError);
    assertEquals([line, error.code, error.details["number"], error.details["reason"]], [line, "bad_import", 3, reason]);
    for (const language of ["en", "ru"] as const) {
      const told = explainError(error, texts[language]);
      assert(told.includes("3") && !told.includes(reason) && !told.includes(VERIFIER.slice(20)), told);
    }
  }
});

Deno.test("explainError() tells what a store or file cannot do in both languages", () => {
  const explained = (error: unknown, language: Language): string => explainError(error, texts[language]);
  for (const errcode of [3, 5, 6, 7, 8, 10, 13, 14, 23, 4874, 11, 26]) {
    const error = sqliteError(Object.assign(new Error("x"), { errcode }), "write", "/d/echo.db");
    assert(error instanceof StorageError || error instanceof ConfigError);
    assert(texts.en.find(`reason.${error.details["problem"]}`), `${error.details["problem"]}`);
    assert(/^Cannot (write|use) \/d\/echo\.db: [^{}]+\.$/.test(explained(error, "en")), explained(error, "en"));
    assert(
      /^Не удалось (записать|использовать) \/d\/echo\.db: [^{}a-z]+\.$/.test(explained(error, "ru")),
      explained(error, "ru"),
    );
  }
  const full = fileError(Object.assign(new Error("No space left on device"), { code: "ENOSPC" }), "write", "/log");
  assertStringIncludes(explained(full, "ru"), "диск заполнен");
  const odd = fileError(Object.assign(new Error("Odd trouble (os error 99)"), { code: "EODD" }), "write", "/log");
  assertEquals(explained(odd, "en"), "Cannot write /log: odd trouble.");
  const unexplained: Details = { path: "/key", problem: "unheard_of" };
  assertEquals(
    explained(new ConfigError("bad_tls_file", "Cannot use /key: line 3", { details: unexplained }), "ru"),
    "Cannot use /key: line 3.",
  );
});
