import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { checkPassword, formatVerifier, makeVerifier, parseVerifier } from "../../../lib/auth/verifier.ts";
import { UsageError } from "../../../lib/base/errors.ts";
import { SCRAM_ITERATIONS } from "../../../lib/base/limits.ts";
import scram from "../../vectors/scram.json" with { type: "json" };

const SALT = new Uint8Array(16).fill(7);
const GOOD = scram.user.verifier;

for (const { name, password, verifier } of scram.good) {
  Deno.test(`makeVerifier() gives the reference verifier: ${name}`, async () => {
    const { salt, iterations } = parseVerifier(verifier);
    assertEquals(formatVerifier(await makeVerifier(password, { salt, iterations })), verifier);
    assertEquals(await checkPassword(password, parseVerifier(verifier)), true);
    assertEquals(await checkPassword(password + " ", parseVerifier(verifier)), false);
  });
}

Deno.test("makeVerifier() runs 600,000 rounds by default", async () => {
  const verifier = await makeVerifier("correct horse", { salt: SALT });
  assertEquals(verifier.iterations, SCRAM_ITERATIONS);
  assertEquals(SCRAM_ITERATIONS, 600_000);
});

Deno.test("makeVerifier() depends on salt, iterations and password", async () => {
  const make = async (password: string, salt = SALT, iterations = 4096) =>
    (await makeVerifier(password, { salt, iterations })).storedKey;
  const reference = await make("correct horse");
  assertEquals(await make("correct horse"), reference);
  assertNotEquals(await make("correct horsf"), reference);
  assertNotEquals(await make("correct horse", new Uint8Array(16)), reference);
  assertNotEquals(await make("correct horse", SALT, 4097), reference);
});

Deno.test("checkPassword() takes an empty and a very long password for wrong ones", async () => {
  assertEquals(await checkPassword("", parseVerifier(GOOD)), false);
  assertEquals(await checkPassword("x".repeat(4096), parseVerifier(GOOD)), false);
});

const KEY = `${"A".repeat(43)}=`;
const REFUSED: Readonly<Record<string, string>> = {
  "nothing": "",
  "a plain password": "correct horse",
  "PostgreSQL's md5": "md5a3556571e93b0d20722ba62be61e8c2d",
  "another mechanism": GOOD.replace("256", "512"),
  "lower case": GOOD.toLowerCase(),
  "a leading space": ` ${GOOD}`,
  "a line end": `${GOOD}\n`,
  "no iterations": `SCRAM-SHA-256$:AAAA$${KEY}:${KEY}`,
  "zero iterations": `SCRAM-SHA-256$0:AAAA$${KEY}:${KEY}`,
  "a leading zero": `SCRAM-SHA-256$04096:AAAA$${KEY}:${KEY}`,
  "a sign": `SCRAM-SHA-256$+4096:AAAA$${KEY}:${KEY}`,
  "iterations over an int": `SCRAM-SHA-256$2147483648:AAAA$${KEY}:${KEY}`,
  "no salt": `SCRAM-SHA-256$4096:$${KEY}:${KEY}`,
  "a salt without padding": `SCRAM-SHA-256$4096:AAA$${KEY}:${KEY}`,
  "a salt with a pad bit": `SCRAM-SHA-256$4096:AAB=$${KEY}:${KEY}`,
  "a salt in URL-safe base64": `SCRAM-SHA-256$4096:AA-_$${KEY}:${KEY}`,
  "a short StoredKey": `SCRAM-SHA-256$4096:AAAA$AAAA:${KEY}`,
  "a long ServerKey": `SCRAM-SHA-256$4096:AAAA$${KEY}:${"A".repeat(44)}`,
  "a key missing": `SCRAM-SHA-256$4096:AAAA$${KEY}`,
  "a third key": `${GOOD}:${KEY}`,
};

for (const [why, text] of Object.entries(REFUSED)) {
  Deno.test(`parseVerifier() refuses ${why}`, () => {
    const error = assertThrows(() => parseVerifier(text), UsageError, "Cannot read the verifier");
    assertEquals([error.code, error.details.reason], ["bad_value", "verifier"]);
  });
}

Deno.test("parseVerifier() reads what formatVerifier() writes, at both ends of the range", () => {
  for (const iterations of [1, 4096, 2 ** 31 - 1]) {
    const text = `SCRAM-SHA-256$${iterations}:AA==$${KEY}:${KEY}`;
    assertEquals(parseVerifier(text).iterations, iterations);
    assertEquals(formatVerifier(parseVerifier(text)), text);
  }
});
