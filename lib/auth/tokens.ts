/**
 * Session tokens, `es1.<id>.<secret>`: a public id of 128 bits to look the session up by, and a secret of 256 bits, both
 * in base64url without padding (RFC 4648, section 5). Of the secret only SHA-256 is stored: it has too much entropy to be
 * guessed, so it needs no slow hash, and a stolen store resumes no session.
 *
 * Each resume replaces the token (rotation). The log-in that a chain of tokens began with, and all that followed from
 * it, are a *family*: when a token is used after its successor should have taken over, one of the two is a thief's, and
 * all are revoked (RFC 9700, section 4.14.2).
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { ROTATION_GRACE, SESSION_IDLE, SESSION_LIFETIME } from "../base/limits.ts";
import type { Bytes } from "../base/bytes.ts";
import { equal, sha256 } from "./crypto.ts";

/** Bytes of a token's public id. */
export const TOKEN_ID_BYTES = 16;
/** Bytes of a token's secret. */
export const TOKEN_SECRET_BYTES = 32;

const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;
/** No bits left over: a token has one spelling. */
const STRICT = { alphabet: "base64url", lastChunkHandling: "strict" } as const;

/** A token as it was read: well-formed, not yet known to be good. */
export interface SessionToken {
  /** 22 characters of base64url. Not secret: may be logged and listed. */
  readonly id: string;
  readonly secret: Bytes;
}

/** What is stored of one token. All times in ms, by a clock that never runs backwards. */
export interface SessionRecord {
  /** SHA-256 of the secret. */
  readonly secretHash: Uint8Array;
  /** When the family began, by a log-in with a password. */
  readonly createdAt: number;
  /** When this token was made or last seen in use. */
  readonly lastUsedAt: number;
  /** When this token was replaced; `null` while it is the current one. */
  readonly replacedAt: number | null;
}

/** What to do with a token: accept `valid` and `grace`, refuse the others, and revoke the family on `reused`. */
export type SessionVerdict = "valid" | "grace" | "wrong_secret" | "absolute_expired" | "idle_expired" | "reused";

/**
 * A token from random bytes, {@linkcode TOKEN_ID_BYTES} and {@linkcode TOKEN_SECRET_BYTES} of them.
 *
 * @throws {UsageError} `bad_value` for other lengths.
 *
 * @example
 * ```ts
 * import { formatToken, makeToken, parseToken } from "./tokens.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const token = makeToken(new Uint8Array(16), new Uint8Array(32));
 * assertEquals(formatToken(token), `es1.${"A".repeat(22)}.${"A".repeat(43)}`);
 * assertEquals(parseToken(formatToken(token)), token);
 * ```
 */
export function makeToken(id: Bytes, secret: Bytes): SessionToken {
  if (id.length === TOKEN_ID_BYTES && secret.length === TOKEN_SECRET_BYTES) {
    return { id: id.toBase64(BASE64URL), secret };
  }
  throw new UsageError(
    "bad_value",
    `Cannot make a session token: it takes ${TOKEN_ID_BYTES} and ${TOKEN_SECRET_BYTES} random bytes`,
  );
}

/** The token as it travels. */
export function formatToken({ id, secret }: SessionToken): string {
  return `es1.${id}.${secret.toBase64(BASE64URL)}`;
}

/**
 * Reads a token; `undefined` for anything that {@linkcode formatToken} does not write. Unused bits of the last character
 * must be zero.
 */
export function parseToken(text: string): SessionToken | undefined {
  const [, id, secret] = /^es1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  try {
    Uint8Array.fromBase64(`${id}==`, STRICT);
    return { id, secret: Uint8Array.fromBase64(`${secret}=`, STRICT) };
  } catch {
    return undefined;
  }
}

/** What is stored of the secret: its SHA-256. */
export function hashSecret(token: SessionToken): Promise<Bytes> {
  return sha256(token.secret);
}

/**
 * Judges a token by what is stored of it. Who does not know the secret learns nothing else, and revokes nothing.
 *
 * @param record What is stored under the token's id.
 * @param presented {@linkcode hashSecret} of the token shown, and the time in ms.
 */
export function judgeSession(
  record: SessionRecord,
  presented: { readonly secretHash: Uint8Array; readonly now: number },
): SessionVerdict {
  const { now } = presented;
  if (!equal(presented.secretHash, record.secretHash)) return "wrong_secret";
  if (now >= record.createdAt + SESSION_LIFETIME) return "absolute_expired";
  if (record.replacedAt !== null) return now <= record.replacedAt + ROTATION_GRACE ? "grace" : "reused";
  return now >= record.lastUsedAt + SESSION_IDLE ? "idle_expired" : "valid";
}

/** When a token ends unless it is used before, in ms: the earlier of the idle and the absolute expiry. */
export function sessionExpiry({ createdAt, lastUsedAt }: Pick<SessionRecord, "createdAt" | "lastUsedAt">): number {
  return Math.min(lastUsedAt + SESSION_IDLE, createdAt + SESSION_LIFETIME);
}
