import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/base/errors.ts";
import { assertNewPassword, passwordFault, preparePassword, saslprep } from "../../../lib/auth/saslprep.ts";
import { type CodePointTable, inTable, LEFT, RAND_AL, UNASSIGNED } from "../../../lib/auth/stringprep_tables.ts";
import cases from "../../vectors/saslprep.json" with { type: "json" };

for (const { name, input, prepared } of cases.vectors) {
  Deno.test(`saslprep() agrees with the reference: ${name}`, () => {
    assertEquals(saslprep(input) ?? null, prepared);
    assertEquals(preparePassword(input), new TextEncoder().encode(prepared ?? input));
  });
}

Deno.test("stringprep tables have the sizes of RFC 3454's appendix", () => {
  const size = (table: CodePointTable): [number, number] => [
    table.length,
    table.reduce((sum, [first, last]) => sum + last - first + 1, 0),
  ];
  assertEquals(size(UNASSIGNED), [396, 879_309]);
  assertEquals(size(RAND_AL), [34, 1044]);
  assertEquals(size(LEFT), [360, 229_973]);
});

Deno.test("inTable() finds both ends of a range and neither neighbour", () => {
  const table = [[3, 5], [9, 9]] as const;
  assertEquals([2, 3, 4, 5, 6, 8, 9, 10].map((code) => inTable(code, table)), [
    false,
    true,
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
});

Deno.test("passwordFault() accepts 8 characters and 1024 bytes, and nothing outside", () => {
  assertEquals(passwordFault("1234567"), "too_short");
  assertEquals(passwordFault("12345678"), undefined);
  assertEquals(passwordFault("пароль🔑🔑"), undefined);
  assertEquals(passwordFault("пароль🔑"), "too_short");
  assertEquals(passwordFault("1234567\u00ad"), "too_short", "a dropped character does not count");
  assertEquals(passwordFault("a".repeat(1024)), undefined);
  assertEquals(passwordFault("a".repeat(1025)), "too_long");
  assertEquals(passwordFault("я".repeat(513)), "too_long");
  assertEquals(passwordFault("12345678\ud800"), "not_text");
});

Deno.test("assertNewPassword() names the reason and keeps the password out of it", () => {
  assertNewPassword("long enough");
  const error = assertThrows(() => assertNewPassword("shorty"), UsageError, "at least 8 characters");
  assertEquals([error.code, error.details.reason], ["bad_value", "too_short"]);
  assertEquals(JSON.stringify([error.message, error.details]).includes("shorty"), false);
});
