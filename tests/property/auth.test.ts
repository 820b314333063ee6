import { assertEquals, assertRejects } from "@std/assert";
import fc from "../support/fast_check.ts";
import { CHARACTER } from "../support/character.ts";
import { parseBase64 } from "../../lib/base/bytes.ts";
import { checkUserName } from "../../lib/auth/names.ts";
import { preparePassword, saslprep } from "../../lib/auth/saslprep.ts";
import { ScramClient, ScramServer } from "../../lib/auth/scram.ts";
import { escapeName, parseClientFirst } from "../../lib/auth/scram/messages.ts";
import { formatToken, parseToken } from "../../lib/auth/tokens.ts";
import { formatVerifier, makeVerifier, parseVerifier } from "../../lib/auth/verifier.ts";
import { ProtocolError } from "../../lib/base/errors.ts";

const TEXT = fc.string({ unit: CHARACTER, maxLength: 60 });
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((it) => new Uint8Array(it));

/** What PBKDF2 makes of a password: HMAC pads keys of up to 64 bytes with zeros (RFC 2104), so those at its end are lost. */
function keyOf(password: string): string {
  const key = preparePassword(password);
  return `${key.length > 64 ? key : key.subarray(0, key.findLastIndex((byte) => byte !== 0) + 1)}`;
}

Deno.test("any name and password that a verifier was made of log in through SCRAM, and no other password does", async () => {
  const named = TEXT.filter((name) => name !== "" && !name.includes("\0"));
  await fc.assert(
    fc.asyncProperty(named, TEXT, TEXT, async (name, password, other) => {
      const verifier = await makeVerifier(password, { salt: new Uint8Array(16), iterations: 4096 });
      const attempt = async (typed: string): Promise<boolean> => {
        const client = new ScramClient({ name, password: typed, nonce: "c" });
        const server = new ScramServer({
          nonce: "s",
          findVerifier: (asked) => Promise.resolve(asked === name ? verifier : undefined),
          mock: { key: new Uint8Array(32), iterations: 4096 },
        });
        const verdict = await server.final(await client.final(await server.first(client.first())));
        if (verdict.ok) client.verify(verdict.serverFinal);
        return verdict.ok;
      };
      assertEquals(await attempt(password), true);
      const isSame = keyOf(other) === keyOf(password);
      assertEquals(await attempt(other), isSame);
    }),
    { numRuns: 40, examples: [["anna", "", "\0"], ["anna", "p\0", "p"]] },
  );
});

Deno.test("any text as a SCRAM message is refused with a ProtocolError or answered", async () => {
  await fc.assert(
    fc.asyncProperty(TEXT, TEXT, async (first, final) => {
      const server = new ScramServer({
        nonce: "s",
        findVerifier: () => Promise.resolve(undefined),
        mock: { key: new Uint8Array(32) },
      });
      await server.first(first).catch((error) => assertEquals(error instanceof ProtocolError, true));
      const known = new ScramServer({
        nonce: "s",
        findVerifier: () => Promise.resolve(undefined),
        mock: { key: new Uint8Array(32) },
      });
      await known.first("n,,n=a,r=c");
      const verdict = await known.final(`c=biws,r=cs,${final}`).catch((error: unknown) => error);
      assertEquals(verdict instanceof ProtocolError || (verdict as { ok: boolean }).ok === false, true);
      const client = new ScramClient({ name: "a", password: "b", nonce: "c" });
      client.first();
      await assertRejects(() => client.final(final), ProtocolError);
    }),
    { numRuns: 200 },
  );
});

Deno.test("a SCRAM name comes out of its escapes as it went in", () => {
  const named = TEXT.filter((name) => name !== "" && !name.includes("\0"));
  fc.assert(fc.property(named, (name) => assertEquals(parseClientFirst(`n,,n=${escapeName(name)},r=x`).name, name)));
});

Deno.test("tokens and verifiers are read as they were written, and no other way", async () => {
  fc.assert(fc.property(bytes(12), fc.nat(), bytes(32), TEXT, (id, generation, secret, text) => {
    const token = { family: id.toBase64({ alphabet: "base64url" }), generation, secret };
    assertEquals(parseToken(formatToken(token)), token);
    const read = parseToken(text);
    if (read !== undefined) assertEquals(formatToken(read), text);
  }));
  await fc.assert(
    fc.asyncProperty(bytes(16), TEXT, async (salt, password) => {
      const verifier = await makeVerifier(password, { salt, iterations: 4096 });
      assertEquals(parseVerifier(formatVerifier(verifier)), verifier);
    }),
    { numRuns: 20 },
  );
});

Deno.test("parseBase64() takes one spelling of each value", () => {
  fc.assert(fc.property(fc.base64String(), fc.nat(255), (text, noise) => {
    if (parseBase64(text) === undefined) return;
    const at = noise % Math.max(1, text.length);
    const other = text.slice(0, at) + String.fromCharCode(noise) + text.slice(at + 1);
    if (other !== text && parseBase64(other) !== undefined) {
      assertEquals(`${parseBase64(other)}` === `${parseBase64(text)}`, false);
    }
  }));
});

Deno.test("a name that is accepted is accepted again as it is, and shows what it is", () => {
  const letters = fc.string({
    unit: fc.constantFrom("a", "Я", "e\u0301", " ", ".", "\u200b", "7", "\u0301", "é"),
    maxLength: 70,
  });
  fc.assert(fc.property(fc.oneof(TEXT, letters), (text) => {
    const checked = checkUserName(text);
    if ("fault" in checked) return;
    assertEquals(checkUserName(checked.name), checked);
    assertEquals(/^[\p{L}\p{M}\p{Nd}._ -]{1,64}$/u.test(checked.name), true);
    assertEquals(/\p{DI}|\p{C}|^ | $| {2}/u.test(checked.name), false);
  }));
});

Deno.test("SASLprep changes nothing that it has prepared", () => {
  fc.assert(fc.property(TEXT, (text) => {
    const prepared = saslprep(text);
    if (prepared !== undefined) assertEquals(saslprep(prepared), prepared);
  }));
});
