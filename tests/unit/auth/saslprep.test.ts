import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../../lib/base/errors.ts";
import { assertNewPassword, passwordFault, preparePassword, saslprep } from "../../../lib/auth/saslprep.ts";
import cases from "../../vectors/saslprep.json" with { type: "json" };

for (const { name, input, prepared } of cases.vectors) {
  Deno.test(`saslprep() agrees with the reference: ${name}`, async () => {
    assertEquals(await saslprep(input) ?? null, prepared);
    assertEquals(await preparePassword(input), new TextEncoder().encode(prepared ?? input));
  });
}

Deno.test("passwordFault() accepts 8 characters and 1024 bytes, and nothing outside", async () => {
  assertEquals(await passwordFault("1234567"), "too_short");
  assertEquals(await passwordFault("12345678"), undefined);
  assertEquals(await passwordFault("пароль🔑🔑"), undefined);
  assertEquals(await passwordFault("пароль🔑"), "too_short");
  assertEquals(await passwordFault("1234567\u00ad"), "too_short", "a dropped character does not count");
  assertEquals(await passwordFault("a".repeat(1024)), undefined);
  assertEquals(await passwordFault("a".repeat(1025)), "too_long");
  assertEquals(await passwordFault("я".repeat(513)), "too_long");
  assertEquals(await passwordFault("12345678\ud800"), "not_text");
});

Deno.test("assertNewPassword() names the reason and keeps the password out of it", async () => {
  await assertNewPassword("long enough");
  const error = await assertRejects(() => assertNewPassword("shorty"), UsageError, "at least 8 characters");
  assertEquals([error.code, error.details.reason], ["bad_value", "too_short"]);
  assertEquals(JSON.stringify([error.message, error.details]).includes("shorty"), false);
});
