/**
 * Passwords made ready for hashing as PostgreSQL's `pg_saslprep` does it, so that a verifier made here works there and the
 * other way round: SASLprep (RFC 4013, the stringprep profile of RFC 5802), and the bytes as they are where it fails.
 *
 * PostgreSQL prepares a "stored string" (RFC 3454, section 7): what Unicode 3.2 had not assigned makes it fail. A password
 * with an emoji of today is therefore hashed as it was typed, its joiners and variation selectors included.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { MAX_PASSWORD, MIN_PASSWORD } from "../base/limits.ts";
import { type Bytes, utf8 } from "../base/bytes.ts";

/** Why a new password is refused. */
export type PasswordFault = "too_short" | "too_long" | "not_text";

/**
 * The bytes of a password that are hashed.
 *
 * @example
 * ```ts
 * import { preparePassword } from "./saslprep.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
 * assertEquals(text(await preparePassword("I\u00adX")), "IX"); // a soft hyphen is dropped
 * assertEquals(text(await preparePassword("пароль\u0007")), "пароль\u0007"); // a control character: as it is
 * ```
 */
export async function preparePassword(password: string): Promise<Bytes> {
  return utf8(await saslprep(password) ?? password);
}

/**
 * What is wrong with `password` as a new one: fewer than {@linkcode MIN_PASSWORD} characters after SASLprep, more than
 * {@linkcode MAX_PASSWORD} bytes of UTF-8, or no Unicode text. `undefined` when it will do.
 */
export async function passwordFault(password: string): Promise<PasswordFault | undefined> {
  if (!password.isWellFormed()) return "not_text";
  if (utf8(password).length > MAX_PASSWORD) return "too_long";
  if (Array.from(await saslprep(password) ?? password).length < MIN_PASSWORD) return "too_short";
  return undefined;
}

/**
 * Refuses what cannot become a password; see {@linkcode passwordFault}.
 *
 * @throws {UsageError} `bad_value`; `details.reason` is the {@linkcode PasswordFault}. The password is not in it.
 */
export async function assertNewPassword(password: string): Promise<void> {
  const reason = await passwordFault(password);
  if (reason === undefined) return;
  throw new UsageError("bad_value", `Cannot use the password: ${FAULTS[reason]}`, {
    details: { reason, min: MIN_PASSWORD, max: MAX_PASSWORD },
  });
}

const FAULTS: Readonly<Record<PasswordFault, string>> = {
  too_short: `it needs at least ${MIN_PASSWORD} characters`,
  too_long: `it is longer than ${MAX_PASSWORD} bytes`,
  not_text: "it is not Unicode text",
};

/** Printable ASCII is its own result: most passwords are, and the tables for all others take some 50 ms to load. */
const PLAIN = /^[\x20-\x7e]+$/;

/**
 * SASLprep (RFC 4013); `undefined` where it fails: prohibited or unassigned characters, mixed directions, nothing left.
 *
 * @example
 * ```ts
 * import { saslprep } from "./saslprep.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await saslprep("\u2168"), "IX"); // RFC 4013, section 3
 * assertEquals(await saslprep("\u0627\u0031"), undefined);
 * ```
 */
export async function saslprep(text: string): Promise<string | undefined> {
  if (PLAIN.test(text)) return text;
  // By its full name, as the library is imported from other projects, too.
  // deno-lint-ignore no-import-prefix
  const { default: prepare } = await import("npm:@mongodb-js/saslprep@1.3.2");
  try {
    return prepare(text) || undefined;
  } catch {
    return undefined;
  }
}
