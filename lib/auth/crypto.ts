/**
 * What SCRAM is made of: SHA-256 in its three forms, through WebCrypto, and comparing in constant time.
 *
 * @module
 */
// By its full name, not that of the import map: the library is imported from other projects, too.
// deno-lint-ignore no-import-prefix
import { timingSafeEqual } from "npm:deno-std@1.4.0/crypto/timing_safe_equal.js";
import type { Bytes } from "../base/bytes.ts";

/** SHA-256's output, in bytes. */
export const HASH_BYTES = 32;

/** SHA-256 of `data`. */
export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/** HMAC-SHA-256 (RFC 2104). */
export async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

/** PBKDF2-HMAC-SHA-256 (RFC 8018), 32 bytes: `Hi()` of RFC 5802. 600,000 rounds take about 100 ms, off the main thread. */
export async function pbkdf2(password: Bytes, init: { salt: Bytes; iterations: number }): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt: init.salt, iterations: init.iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 8 * HASH_BYTES));
}

/** `a` xor `b`, which are equally long. */
export function xor(a: Bytes, b: Bytes): Bytes {
  return a.map((byte, at) => byte ^ (b[at] ?? 0));
}

/** Whether `a` and `b` are the same, in a time that depends on their lengths only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
