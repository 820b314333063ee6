/**
 * Invitations to register, `ei1.<128 random bits>` in base64url (RFC 4648, section 5). Each is good for one user. The store
 * has the SHA-256 alone: a code has too much entropy to be guessed, so it needs no slow hash.
 *
 * @module
 */
import { type Bytes, utf8 } from "../base/bytes.ts";
import { sha256 } from "./crypto.ts";

/** Random bytes of a code. */
export const INVITATION_BYTES = 16;

/**
 * A code, from {@linkcode INVITATION_BYTES} random bytes.
 *
 * @example
 * ```ts
 * import { hashInvitation, invitationFrom } from "./invitations.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const code = invitationFrom(new Uint8Array(16));
 * assertEquals(code, "ei1.AAAAAAAAAAAAAAAAAAAAAA");
 * assertEquals((await hashInvitation(code))?.length, 64);
 * assertEquals(await hashInvitation("a guess"), undefined);
 * ```
 */
export function invitationFrom(random: Bytes): string {
  return `ei1.${random.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** What is stored of a code, in hexadecimal; `undefined` for what is none. */
export async function hashInvitation(code: string): Promise<string | undefined> {
  return /^ei1\.[\w-]{22}$/.test(code) ? (await sha256(utf8(code))).toHex() : undefined;
}
