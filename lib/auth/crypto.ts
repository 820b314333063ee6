/**
 * What SCRAM is made of: SHA-256 in its three forms, and comparing in constant time. PBKDF2 runs in WebCrypto, off the main
 * thread; a single hash does not: the way to another thread and back costs 70 µs of processor time, the hash itself 8 µs, and
 * a log-in has seven of them.
 *
 * @module
 */
// By its full name, not that of the import map: the library is imported from other projects, too.
// deno-lint-ignore-file no-import-prefix
import { hmac as hmacOf } from "npm:@noble/hashes@2.4.0/hmac.js";
import { sha256 as sha256Of } from "npm:@noble/hashes@2.4.0/sha2.js";
import { timingSafeEqual } from "npm:deno-std@1.4.0/crypto/timing_safe_equal.js";
import type { Bytes } from "../base/bytes.ts";

/** SHA-256's output, in bytes. */
export const HASH_BYTES = 32;

/** SHA-256 of `data`. */
export function sha256(data: Bytes): Promise<Bytes> {
  return Promise.resolve(sha256Of(data));
}

/** HMAC-SHA-256 (RFC 2104). */
export function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  return Promise.resolve(hmacOf(sha256Of, key, data));
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
