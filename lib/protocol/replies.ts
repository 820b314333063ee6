/**
 * Replies of the dialogue, in the style of FTP and SMTP: `CODE SP [TAG data …]* text`. Codes and tags are for programs
 * and never translated; the text is for people, in the server's language.
 *
 * The code says what the server waits for next. After 331 and every 5xx that is the name (or a command); after 332 and
 * 333 a password, whatever it looks like; after 334 a SASL message; after 230 and 235 the session has begun; after 421
 * the connection ends.
 *
 * @module
 */
import { ProtocolError, UsageError } from "../base/errors.ts";
import { lazyPattern } from "../base/pattern.ts";

/** Every reply code with its meaning. */
export const REPLY_CODES = {
  220: "hello, bare",
  230: "known client, session open",
  235: "logged in, session open",
  331: "name wanted",
  332: "password wanted",
  333: "new user: choose a password",
  334: "SASL challenge, base64",
  421: "closing: limit, shutdown or too many attempts",
  500: "not understood",
  501: "bad argument",
  530: "log-in incorrect",
  534: "refused on an unencrypted connection",
  535: "session token invalid or expired",
  552: "frame over the limit",
} as const;

/** A code of {@linkcode REPLY_CODES}. */
export type ReplyCode = keyof typeof REPLY_CODES;

/**
 * Tags: `AUTH mechanism…` in the greeting, `SCRAM base64` (server-final) and `TOKEN token expires` in 235, `TAKEN` in the
 * 501 that refuses a registration because the name has a user, `INVITE` in the one that wants an invitation, or another one,
 * and `SEALED base64` in 235: the token and its end, sealed with the one before. Readers skip tags they do not know.
 */
export type Tags = Readonly<Record<string, readonly string[]>>;

/** One reply. */
export interface Reply {
  readonly code: ReplyCode;
  readonly tags: Tags;
  /** For people; for 334 the challenge. */
  readonly text: string;
}

/** A reply as it travels, checked by the same rules as {@linkcode parseReply}'s. */
export function formatReply(code: ReplyCode, text: string, tags: Tags = {}): string {
  const brackets = Object.entries(tags).map(([tag, data]) => `[${[tag, ...data].join(" ")}] `);
  const reply = `${code} ${brackets.join("")}${text}`;
  if (read(reply)?.text === text) return reply;
  throw new UsageError("bad_value", `Cannot write a ${code} reply: its tags or its text would not be read back`);
}

/**
 * Reads a reply. Strict: a code of the table, tags in upper case without a second one of the name, a text without
 * control characters. The text is a stranger's still: escape it before it reaches a terminal.
 *
 * @throws {ProtocolError} `bad_reply`. The message is not in it.
 *
 * @example
 * ```ts
 * import { parseReply } from "./replies.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseReply("331 [AUTH SCRAM-SHA-256 TOKEN] What is your name?"), {
 *   code: 331,
 *   tags: { AUTH: ["SCRAM-SHA-256", "TOKEN"] },
 *   text: "What is your name?",
 * });
 * ```
 */
export function parseReply(message: string): Reply {
  const reply = read(message);
  if (reply !== undefined) return reply;
  throw new ProtocolError("bad_reply", "Cannot read the server's reply: it is not a known code, tags and a text");
}

/** A tag's name and data are printable ASCII without spaces and brackets. */
const TAG = /^\[([A-Z][A-Z0-9-]*)((?: [\x21-\x5a\x5c\x5e-\x7e]+)*)\] /;

function read(message: string): Reply | undefined {
  const code = codeFrom(message.slice(0, 3));
  if (code === undefined || message[3] !== " ") return undefined;
  const tags = new Map<string, readonly string[]>();
  let rest = message.slice(4);
  for (let found = TAG.exec(rest); found !== null; found = TAG.exec(rest)) {
    const [whole, tag = "", data = ""] = found;
    if (tags.has(tag)) return undefined;
    tags.set(tag, data === "" ? [] : data.slice(1).split(" "));
    rest = rest.slice(whole.length);
  }
  if (rest === "" || rest.startsWith("[") || CONTROL_OR_SURROGATE().test(rest)) return undefined;
  return { code, tags: Object.fromEntries(tags), text: rest };
}

const CONTROL_OR_SURROGATE = lazyPattern(String.raw`[\p{Cc}\p{Cs}]`, "u");

function codeFrom(text: string): ReplyCode | undefined {
  const codes: readonly string[] = Object.keys(REPLY_CODES);
  // Found among the keys, so it is one of them.
  return codes.includes(text) ? Number(text) as ReplyCode : undefined;
}

/** When a token expires, as the `TOKEN` tag has it: RFC 3339, UTC, whole seconds, rounded down. `expires` is in ms. */
export function formatExpiry(expires: number): string {
  return `${new Date(expires).toISOString().slice(0, 19)}Z`;
}

/** Reads {@linkcode formatExpiry}'s text, in ms; `undefined` when it is no such time. */
export function parseExpiry(text: string): number | undefined {
  const expires = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(expires) ? undefined : expires;
}
