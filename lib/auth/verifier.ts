/**
 * Password verifiers in PostgreSQL's format, `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, the last three
 * in base64 (PostgreSQL 15, section 53.8, `pg_authid`). The password cannot be had from one except by guessing, and each
 * guess costs `iterations` rounds of PBKDF2.
 *
 * A stolen verifier does not log in by itself: StoredKey is the hash of what a client proves. It does let its thief pose
 * as the server (ServerKey), which is why it is as secret as a private key, and stands in no message and no log.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { SCRAM_ITERATIONS } from "../base/limits.ts";
import { type Bytes, parseBase64, utf8 } from "../base/bytes.ts";
import { equal, HASH_BYTES, hmac, pbkdf2, sha256 } from "./crypto.ts";
import { preparePassword } from "./saslprep.ts";

/** What the server keeps of a password: RFC 5802, section 3. */
export interface Verifier {
  /** Rounds of PBKDF2. */
  readonly iterations: number;
  readonly salt: Bytes;
  /** SHA-256 of the ClientKey; 32 bytes. */
  readonly storedKey: Bytes;
  /** Key of the server's signature; 32 bytes. */
  readonly serverKey: Bytes;
}

/** The keys of RFC 5802, section 3, that follow from a password. */
export interface ScramKeys {
  readonly clientKey: Bytes;
  readonly storedKey: Bytes;
  readonly serverKey: Bytes;
}

/** How a password is stretched. */
export interface Stretching {
  readonly salt: Bytes;
  /** Rounds of PBKDF2. */
  readonly iterations: number;
}

/**
 * The verifier of a password. The salt comes from the caller: {@linkcode SALT_BYTES} random bytes.
 *
 * @example
 * ```ts
 * import { checkPassword, formatVerifier, makeVerifier, parseVerifier } from "./verifier.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const verifier = await makeVerifier("correct horse", { salt: new Uint8Array(16), iterations: 4096 });
 * const text = formatVerifier(verifier);
 * assert(text.startsWith("SCRAM-SHA-256$4096:AAAAAAAAAAAAAAAAAAAAAA==$"));
 * assertEquals(await checkPassword("correct horse", parseVerifier(text)), true);
 * ```
 */
export async function makeVerifier(
  password: string,
  { salt, iterations = SCRAM_ITERATIONS }: { readonly salt: Bytes; readonly iterations?: number },
): Promise<Verifier> {
  const { storedKey, serverKey } = await deriveKeys(password, { salt, iterations });
  return { iterations, salt, storedKey, serverKey };
}

/** Whether the password is the verifier's. Takes the same time for any password; about 100 ms at 600,000 rounds. */
export async function checkPassword(password: string, verifier: Verifier): Promise<boolean> {
  const { storedKey } = await deriveKeys(password, verifier);
  return equal(storedKey, verifier.storedKey);
}

/** ClientKey, StoredKey and ServerKey of a password: RFC 5802, section 3. */
export async function deriveKeys(password: string, stretching: Stretching): Promise<ScramKeys> {
  const salted = await pbkdf2(preparePassword(password), stretching);
  const clientKey = await hmac(salted, utf8("Client Key"));
  return { clientKey, storedKey: await sha256(clientKey), serverKey: await hmac(salted, utf8("Server Key")) };
}

/** The verifier as PostgreSQL writes it. */
export function formatVerifier({ iterations, salt, storedKey, serverKey }: Verifier): string {
  return `SCRAM-SHA-256$${iterations}:${salt.toBase64()}$${storedKey.toBase64()}:${serverKey.toBase64()}`;
}

/**
 * Reads a verifier: no spaces, no leading zeros, canonical base64, keys of 32 bytes, a salt of at least one.
 *
 * @throws {UsageError} `bad_value`. The text is not in the message.
 */
export function parseVerifier(text: string): Verifier {
  const [, rounds, ...encoded] = VERIFIER.exec(text) ?? [];
  const [salt, storedKey, serverKey] = encoded.map(parseBase64);
  const iterations = Number(rounds);
  const isWhole = salt !== undefined && storedKey?.length === HASH_BYTES && serverKey?.length === HASH_BYTES;
  if (isWhole && salt.length > 0 && iterations <= MAX_INT32) return { iterations, salt, storedKey, serverKey };
  throw new UsageError(
    "bad_value",
    "Cannot read the verifier: it is not SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>",
    { details: { reason: "verifier" } },
  );
}

const VERIFIER = /^SCRAM-SHA-256\$([1-9][0-9]{0,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]{44}):([A-Za-z0-9+/=]{44})$/;

/** PostgreSQL keeps iterations in an `int`. */
const MAX_INT32 = 2 ** 31 - 1;
