/**
 * Log-ins by session token where nobody has proved to be the server: on loopback any user of the machine may listen on the
 * port that the server had. There the client shows half of its token, of which the server alone can make the other half
 * (`halvesOf`, `wholeOf`); all else travels sealed with that, by AES-256-GCM (NIST SP 800-38D). Whoever else it goes to
 * learns nothing of use, and cannot seal the answer.
 *
 * What is sealed is bound to a nonce of the server's: a recording is of no use on another connection.
 *
 * @module
 */
import { type Bytes, concat, utf8 } from "../base/bytes.ts";
import { tryDecodeUtf8 } from "../base/text.ts";
import { hmac } from "./crypto.ts";

/** Random bytes that a sealed text begins with. */
export const IV_BYTES = 12;

/** Who seals: an answer cannot be returned as a question. */
export type Sealer = "client" | "server";

/** What binds a sealed text to its place. */
export interface SealPlace {
  readonly by: Sealer;
  /** The server's challenge. */
  readonly nonce: Bytes;
}

/**
 * Seals a text; base64.
 *
 * @param shared The half of the token that does not travel.
 * @param options `iv`: 12 random bytes.
 *
 * @example
 * ```ts
 * import { openSealed, seal } from "./sealed_token.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [key, nonce] = [new Uint8Array(16), new Uint8Array(16)];
 * const sealed = await seal(key, "LOGIN", { by: "client", nonce, iv: new Uint8Array(12) });
 * assertEquals(await openSealed(key, sealed, { by: "client", nonce }), "LOGIN");
 * assertEquals(await openSealed(key, sealed, { by: "server", nonce }), undefined);
 * ```
 */
export async function seal(
  shared: Bytes,
  text: string,
  { iv, ...place }: SealPlace & { readonly iv: Bytes },
): Promise<string> {
  const key = await keyOf(shared, "encrypt");
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: placeOf(place) }, key, utf8(text));
  return concat(iv, new Uint8Array(sealed)).toBase64();
}

/** The text; `undefined` where it was sealed with another token, by the other side, or in another dialogue. */
export async function openSealed(shared: Bytes, sealed: string, place: SealPlace): Promise<string | undefined> {
  try {
    const bytes = Uint8Array.fromBase64(sealed);
    const algorithm = { name: "AES-GCM", iv: bytes.slice(0, IV_BYTES), additionalData: placeOf(place) };
    const key = await keyOf(shared, "decrypt");
    return tryDecodeUtf8(new Uint8Array(await crypto.subtle.decrypt(algorithm, key, bytes.slice(IV_BYTES))));
  } catch {
    return undefined;
  }
}

async function keyOf(shared: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return await crypto.subtle.importKey("raw", await hmac(shared, utf8("sealed token")), "AES-GCM", false, [use]);
}

function placeOf({ by, nonce }: SealPlace): Bytes {
  return concat(utf8(`${by} `), nonce);
}
