/**
 * Names of users and hosts.
 *
 * A name is what a person can read back: letters with the marks they are written with, decimal digits, `.`, `_`, `-`, and
 * single spaces inside. Controls, bidirectional and invisible characters are no letters, or are excluded by property.
 * Names are stored and compared in NFC, exactly: `Anna` and `anna` are two users, and so are `Анна` in Cyrillic and a
 * look-alike in Latin. A log-in names one of them; nothing is granted because a name resembles another.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { MAX_NAME } from "../base/limits.ts";
import { lazyPattern } from "../base/pattern.ts";

declare const checked: unique symbol;

/** A name that passed {@linkcode parseUserName}: in NFC, 1 to 64 code points. */
export type UserName = string & { readonly [checked]: "UserName" };

/** Why a name is refused. */
export type NameFault = "empty" | "too_long" | "bad_space" | "bad_character";

/**
 * The name in its one spelling, or what is wrong with it.
 *
 * @example
 * ```ts
 * import { checkUserName } from "./names.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const checked = checkUserName("Zoe\u0308 B.");
 * assertEquals("name" in checked && checked.name as string, "Zo\u00eb B.");
 * assertEquals(checkUserName("An\u200bna"), { fault: "bad_character" });
 * ```
 */
export function checkUserName(text: string): { readonly name: UserName } | { readonly fault: NameFault } {
  const name = text.normalize("NFC");
  const fault = faultOf(name);
  // The one place where a string becomes a UserName.
  return fault === undefined ? { name: name as UserName } : { fault };
}

/**
 * The name in its one spelling.
 *
 * @throws {UsageError} `bad_value`; `details.reason` is the {@linkcode NameFault}.
 */
export function parseUserName(text: string): UserName {
  const result = checkUserName(text);
  if ("name" in result) return result.name;
  throw new UsageError("bad_value", `Cannot use the name: ${FAULTS[result.fault]}`, {
    details: { reason: result.fault, max: MAX_NAME },
  });
}

const FAULTS: Readonly<Record<NameFault, string>> = {
  empty: "it is empty",
  too_long: `it has more than ${MAX_NAME} characters`,
  bad_space: "spaces may stand between words only, one at a time",
  bad_character: "it may have letters, digits, dots, underscores, hyphens and single spaces",
};

function faultOf(name: string): NameFault | undefined {
  if (name === "") return "empty";
  if (Array.from(name).length > MAX_NAME) return "too_long";
  if (/^ | $| {2}/.test(name)) return "bad_space";
  return WORDS().test(name) ? undefined : "bad_character";
}

/** A word of letters and digits with their combining marks, and of the three signs. No part may be default-ignorable. */
const WORD = String.raw`(?:(?!\p{DI})(?:[\p{L}\p{Nd}](?:(?!\p{DI})\p{M})*|[._-]))+`;

const WORDS = lazyPattern(`^${WORD}(?: ${WORD})*$`, "u");
