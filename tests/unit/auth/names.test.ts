import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { checkUserName, parseUserName } from "../../../lib/auth/names.ts";
import { UsageError } from "../../../lib/base/errors.ts";
import names from "../../vectors/names.json" with { type: "json" };

for (const { input, name, why } of names.accepted) {
  Deno.test(`parseUserName() takes ${why}: ${JSON.stringify(input)}`, () => {
    assertEquals<string>(parseUserName(input), name ?? input);
  });
}

for (const { input, fault, why } of names.refused) {
  Deno.test(`parseUserName() refuses ${why}: ${JSON.stringify(input)}`, () => {
    assertEquals<unknown>(checkUserName(input), { fault });
    const error = assertThrows(() => parseUserName(input), UsageError, "Cannot use the name");
    assertEquals([error.code, error.details.reason], ["bad_value", fault]);
  });
}

Deno.test("parseUserName() counts code points after normalization", () => {
  assertEquals<string>(parseUserName("e\u0301".repeat(64)), "\u00e9".repeat(64));
  assertEquals<string>(parseUserName("𝒜".repeat(64)), "𝒜".repeat(64));
  assertEquals<unknown>(checkUserName("a".repeat(65)), { fault: "too_long" });
});

Deno.test("parseUserName() keeps case and look-alikes apart", () => {
  assertNotEquals(parseUserName("Anna"), parseUserName("anna"));
  assertNotEquals(parseUserName("Анна"), parseUserName("Aннa"));
  assertEquals(parseUserName("и\u0306"), parseUserName("й"));
});

Deno.test("parseUserName() is done quickly with a long hostile text", () => {
  // A frame before log-in has 4 KiB at most; the length is checked before the pattern runs.
  assertEquals<unknown>(checkUserName("a\u0301 ".repeat(1000) + "!"), { fault: "too_long" });
  assertEquals<unknown>(checkUserName("a ".repeat(31) + "!"), { fault: "bad_character" });
});
