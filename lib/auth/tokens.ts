/**
 * Session tokens, `es1.<id>.<secret>`: a public id of 128 bits and a secret of 256, both in base64url without padding (RFC
 * 4648, section 5). The log-in that a chain of tokens began with, and all that followed from it, are a *family*; the id is
 * the family's, 96 bits, and the token's *generation* in it, 32 bits. Of the newest generation's secret SHA-256 is stored
 * and nothing else: it has too much entropy to be guessed, so it needs no slow hash.
 *
 * Each resume replaces the token (rotation). A token that is used when its successor has taken over is a copy, and its
 * family ends (RFC 9700, section 4.14.2). That holds for all generations, for ever, although one alone is stored: the
 * second half of a secret is a MAC of the id and the first half, so the server knows each token that it ever gave out.
 *
 * The first half follows from the secret before and the server's key. So a client whose reply was lost gets the same
 * successor again, from whichever server on the same store, and a family never forks. The key alone, from a stolen store,
 * makes no token that is accepted, and a stolen token alone none of its successors.
 *
 * @module
 */
import { type Bytes, concat, utf8 } from "../base/bytes.ts";
import { CLOCK_SKEW, FAMILY_BYTES, ROTATION_GRACE, SESSION_IDLE, SESSION_LIFETIME } from "../base/limits.ts";
import { equal, hmac, sha256 } from "./crypto.ts";

/** Random bytes that the secret of a family's first token is made of. */
export const SEED_BYTES = 16;

const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;
/** No bits left over: a token has one spelling. */
const STRICT = { alphabet: "base64url", lastChunkHandling: "strict" } as const;
/** Characters of an id that are the family's: 12 bytes come out even. */
const FAMILY_CHARACTERS = 16;

/** A token as it was read: well-formed, not yet known to be good. */
export interface SessionToken {
  /** 16 characters of base64url. Not secret: may be logged and listed. */
  readonly family: string;
  /** How many tokens its family had before it. */
  readonly generation: number;
  readonly secret: Bytes;
}

/** What is stored of a family. All times in ms since 1970. */
export interface SessionRecord {
  /** Of the current token. */
  readonly generation: number;
  /** SHA-256 of the current token's secret. */
  readonly secretHash: Uint8Array;
  /** When the family began, by a log-in with a password. */
  readonly createdAt: number;
  /** When the current token was made or last seen in use. */
  readonly lastUsedAt: number;
  /** When the tokens before the current one were replaced, newest first; those of the last {@linkcode ROTATION_GRACE}. */
  readonly replaced: readonly number[];
}

/** What to do with a token: accept `valid` and `grace`, refuse the others, and revoke the family on `reused`. */
export type SessionVerdict = "valid" | "grace" | "wrong_secret" | "absolute_expired" | "idle_expired" | "reused";

/**
 * The id of a family that begins at `at`, in ms since 1970: the second, in 32 bits, and what is random after it. Families of
 * one time are neighbours in an index, as with UUIDs of version 7 (RFC 9562, section 6.11): with 1,000,000 sessions each
 * log-in wrote a page of the index that no other one had touched, and PostgreSQL all of that page to its log.
 *
 * @param random {@linkcode FAMILY_BYTES}, of which the first four are replaced.
 */
export function familyOf(at: number, random: Bytes): Bytes {
  const family = random.slice();
  new DataView(family.buffer).setUint32(0, at / 1000);
  return family;
}

/**
 * The first token of a family, from its id and {@linkcode SEED_BYTES} random bytes.
 *
 * @param key Secret of the server, at least 32 bytes.
 *
 * @example
 * ```ts
 * import { firstToken, formatToken, nextToken, parseToken } from "./tokens.ts";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * const key = new Uint8Array(32);
 * const token = await firstToken(key, { family: new Uint8Array(12), seed: new Uint8Array(16) });
 * assertMatch(formatToken(token), /^es1\.A{22}\.A{21}[\w-]{22}$/);
 * assertEquals(parseToken(formatToken(token)), token);
 * assertEquals(await nextToken(key, token), await nextToken(key, token));
 * ```
 */
export function firstToken(key: Bytes, { family, seed }: { family: Bytes; seed: Bytes }): Promise<SessionToken> {
  return sealed(key, { family: family.toBase64(BASE64URL), generation: 0, secret: seed });
}

/** The one successor of a token. */
export async function nextToken(key: Bytes, token: SessionToken): Promise<SessionToken> {
  const next = { ...token, generation: token.generation + 1 };
  return await sealed(key, { ...next, secret: await mac(key, "next", next) });
}

/** Whether a server with this key has made the token. */
export async function isGenuine(key: Bytes, token: SessionToken): Promise<boolean> {
  return equal((await sealed(key, token)).secret, token.secret);
}

/** The token as it travels. */
export function formatToken(token: SessionToken): string {
  return `es1.${idOf(token)}.${token.secret.toBase64(BASE64URL)}`;
}

/**
 * Reads a token; `undefined` for anything that {@linkcode formatToken} does not write. Unused bits of the last character
 * must be zero.
 */
export function parseToken(text: string): SessionToken | undefined {
  const [, id, secret] = /^es1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  try {
    const { buffer } = Uint8Array.fromBase64(`${id}==`, STRICT);
    const generation = new DataView(buffer).getUint32(FAMILY_BYTES);
    return { family: id.slice(0, FAMILY_CHARACTERS), generation, secret: Uint8Array.fromBase64(`${secret}=`, STRICT) };
  } catch {
    return undefined;
  }
}

/** A token in two: who has one half can neither use it nor find the other. */
export interface TokenHalves {
  /** Its id and the first half of its secret, as they travel: the server makes the other half of them. */
  readonly open: string;
  /** The second half, a key that the client and the server share. */
  readonly key: Bytes;
}

/** The {@linkcode TokenHalves} of a token. */
export function halvesOf(token: SessionToken): TokenHalves {
  const [seed, key] = [token.secret.slice(0, SEED_BYTES), token.secret.slice(SEED_BYTES)];
  return { open: `${idOf(token)}.${seed.toBase64(BASE64URL)}`, key };
}

/** The token that a server with this key would have made of an open half; `undefined` for what is none. */
export async function wholeOf(key: Bytes, open: string): Promise<SessionToken | undefined> {
  const [, id, seed] = /^([\w-]{22})\.([\w-]{22})$/.exec(open) ?? [];
  const token = parseToken(`es1.${id}.${seed}${"A".repeat(21)}`);
  return token && await sealed(key, token);
}

/** What is stored of the secret: its SHA-256. */
export function hashSecret(token: SessionToken): Promise<Bytes> {
  return sha256(token.secret);
}

/**
 * Judges a token that {@linkcode isGenuine} by what is stored of its family. What was made or used after `now`, by a clock
 * that was wrong then, is void: it would live longer than it may.
 *
 * @param presented The token's generation, its {@linkcode hashSecret}, and the time in ms.
 */
export function judgeSession(
  { generation, secretHash, createdAt, lastUsedAt, replaced }: SessionRecord,
  presented: { readonly generation: number; readonly secretHash: Uint8Array; readonly now: number },
): SessionVerdict {
  const { now } = presented;
  const isWithin = (since: number, ms: number): boolean => since <= now + CLOCK_SKEW && now < since + ms;
  const behind = generation - presented.generation;
  if (behind < 0 || (behind === 0 && !equal(presented.secretHash, secretHash))) return "wrong_secret";
  if (!isWithin(createdAt, SESSION_LIFETIME)) return "absolute_expired";
  if (behind > 0) return isWithin(replaced[behind - 1] ?? -Infinity, ROTATION_GRACE + 1) ? "grace" : "reused";
  return isWithin(lastUsedAt, SESSION_IDLE) ? "valid" : "idle_expired";
}

/** When a token ends unless it is used before, in ms: the earlier of the idle and the absolute expiry. */
export function sessionExpiry({ createdAt, lastUsedAt }: Pick<SessionRecord, "createdAt" | "lastUsedAt">): number {
  return Math.min(lastUsedAt + SESSION_IDLE, createdAt + SESSION_LIFETIME);
}

function idOf({ family, generation }: SessionToken): string {
  const bytes = new Uint8Array(FAMILY_BYTES + 4);
  bytes.setFromBase64(family, BASE64URL);
  new DataView(bytes.buffer).setUint32(FAMILY_BYTES, generation);
  return bytes.toBase64(BASE64URL);
}

/** The token with the right second half of its secret. */
async function sealed(key: Bytes, token: SessionToken): Promise<SessionToken> {
  const seed = token.secret.slice(0, SEED_BYTES);
  return { ...token, secret: concat(seed, await mac(key, "seal", { ...token, secret: seed })) };
}

async function mac(key: Bytes, what: "next" | "seal", token: SessionToken): Promise<Bytes> {
  const digest = await hmac(key, concat(utf8(`${what} ${idOf(token)} `), token.secret));
  return digest.slice(0, SEED_BYTES);
}
