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
import { lazyPattern } from "../base/pattern.ts";
import { inTable, LEFT, RAND_AL, UNASSIGNED } from "./stringprep_tables.ts";

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
 * assertEquals(text(preparePassword("I\u00adX")), "IX"); // a soft hyphen is dropped
 * assertEquals(text(preparePassword("пароль\u0007")), "пароль\u0007"); // a control character: as it is
 * ```
 */
export function preparePassword(password: string): Bytes {
  return utf8(saslprep(password) ?? password);
}

/**
 * What is wrong with `password` as a new one: fewer than {@linkcode MIN_PASSWORD} characters after SASLprep, more than
 * {@linkcode MAX_PASSWORD} bytes of UTF-8, or no Unicode text. `undefined` when it will do.
 */
export function passwordFault(password: string): PasswordFault | undefined {
  if (!password.isWellFormed()) return "not_text";
  if (utf8(password).length > MAX_PASSWORD) return "too_long";
  if (Array.from(saslprep(password) ?? password).length < MIN_PASSWORD) return "too_short";
  return undefined;
}

/**
 * Refuses what cannot become a password; see {@linkcode passwordFault}.
 *
 * @throws {UsageError} `bad_value`; `details.reason` is the {@linkcode PasswordFault}. The password is not in it.
 */
export function assertNewPassword(password: string): void {
  const reason = passwordFault(password);
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

/** RFC 4013, section 2.1: characters mapped to SPACE (RFC 3454, table C.1.2). */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;

/** RFC 4013, section 2.1: characters mapped to nothing (RFC 3454, table B.1). U+200B is a space before it comes here. */
const NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;

/** RFC 4013, section 2.3: prohibited output, RFC 3454's tables C.1.2, C.2.1, C.2.2 and C.3 to C.9, in this order. */
const PROHIBITED = lazyPattern(
  [
    SPACES.source,
    "[\\u0000-\\u001f\\u007f]",
    "[\\u0080-\\u009f\\u06dd\\u070f\\u180e\\u200c\\u200d\\u2028\\u2029\\u2060-\\u2063\\u206a-\\u206f\\ufeff]",
    "[\\ufff9-\\ufffc\\u{1d173}-\\u{1d17a}]",
    "\\p{Co}",
    "\\p{Noncharacter_Code_Point}",
    "\\p{Cs}",
    "[\\ufff9-\\ufffd]",
    "[\\u2ff0-\\u2ffb]",
    "[\\u0340\\u0341\\u200e\\u200f\\u202a-\\u202e\\u206a-\\u206f]",
    "[\\u{e0001}\\u{e0020}-\\u{e007f}]",
  ].join("|"),
  "u",
);

/**
 * SASLprep (RFC 4013); `undefined` where it fails: prohibited or unassigned characters, mixed directions, nothing left.
 *
 * @example
 * ```ts
 * import { saslprep } from "./saslprep.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(saslprep("\u2168"), "IX"); // RFC 4013, section 3
 * assertEquals(saslprep("\u0627\u0031"), undefined);
 * ```
 */
export function saslprep(text: string): string | undefined {
  const prepared = text.replace(SPACES, " ").replace(NOTHING, "").normalize("NFKC");
  if (prepared === "" || PROHIBITED().test(prepared)) return undefined;
  const codes = Array.from(prepared, (char) => char.codePointAt(0) ?? 0);
  if (codes.some((code) => inTable(code, UNASSIGNED))) return undefined;
  return directionsAgree(codes) ? prepared : undefined;
}

/** RFC 3454, section 6: right-to-left text has no left-to-right character, and begins and ends right-to-left. */
function directionsAgree(codes: readonly number[]): boolean {
  const isRight = (code = 0) => inTable(code, RAND_AL);
  if (!codes.some(isRight)) return true;
  return isRight(codes[0]) && isRight(codes.at(-1)) && !codes.some((code) => inTable(code, LEFT));
}
