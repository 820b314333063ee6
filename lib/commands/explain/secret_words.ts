/**
 * Secrets of log-ins that are not those of `docs/protocol.md`: what other programs call a password, in JSON, `name=value`,
 * pickles, commands of mail and files, HTTP. Rather too much is taken for a secret than too little.
 *
 * @module
 */
import { parseBase64, utf8 } from "../../base/bytes.ts";
import type { Direction } from "../capture/direction.ts";
import type { Range } from "../capture/trace.ts";

/** What of a side's last bytes may belong to a secret that goes on, where it has no frames. */
const CONTEXT = 512;

/** Follows both sides of a connection, and finds what is secret in what they say. */
export class OtherSecrets {
  /** The last words of a side, and those of the other side before. */
  #last: { readonly direction: Direction; readonly text: string; readonly before: string } = {
    ...{ direction: "client", text: "", before: "" },
  };
  /** The server's last words may be the question for a password. */
  #isAsking = false;
  /** The question for one was seen, whatever message it was part of. */
  #hasAsked = false;
  #seen = "";

  /** Looks at what the server sent before it is taken apart. */
  sees(text: string): void {
    this.#seen = this.#seen.slice(-CONTEXT) + text;
    this.#hasAsked ||= ASKING.test(this.#seen);
  }

  /**
   * The secrets in a message, one byte a character.
   *
   * @param isPiece Whether it may have begun before.
   */
  in(direction: Direction, text: string, isPiece: boolean): Range[] {
    if (this.#last.direction !== direction || !isPiece) this.#last = { direction, text: "", before: this.#last.text };
    const known = this.#last.text.slice(-CONTEXT);
    const whole = known + text;
    this.#last = { ...this.#last, text: whole };
    if (direction === "client") {
      // A message with control characters is none, but what a wrong framing has made of several.
      if (this.#isAsking || (this.#hasAsked && CONTROL.test(text))) return [[0, text.length]];
    } else this.#isAsking = ASKING.test(whole) && !this.#last.before.startsWith(whole);
    return secretsOf(whole).map(([from, to]): Range => [Math.max(0, from - known.length), to - known.length])
      .filter(([, to]) => to > 0);
  }
}

const CONTROL = /[^\P{Cc}\t\n\v\f\r]/u;

/** A text as it is looked through here, a character a byte; the platform takes Windows-1252 for it. */
function latin1(text: string): string {
  return new TextDecoder("latin1").decode(utf8(text));
}

const LATIN = "pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key";
const KEYS = `(?:[\\w-]{1,32}[_-])?(?:${LATIN}|${["пароль", "Пароль", "токен", "Токен"].map(latin1).join("|")})`;

/** What stands before a secret, and the secret. What may be long is looked for from few places: frames have up to 1 GiB. */
const SECRETS: readonly RegExp[] = [
  // JSON, Python's dictionaries, forms, assignments.
  new RegExp(
    `((?:^|[^a-z])${KEYS}["']?\\s*[:=]\\s*(?:"(?=[^"])|'(?=[^'])|(?!["'\\s])))(?:(?<=")(?:[^"\\\\]|\\\\.)+|(?<=')[^']+|[^\\s,;&}]+)`,
    "gi",
  ),
  // Pickles, msgpack: lengths and types between a key and its value. What follows cannot be told apart.
  new RegExp(`((?:^|[^a-z])(?:${LATIN})["']?(?=[\\0-\\x08\\x0e-\\x1f]|[^\\0-\\x7f]))[^]+`, "gi"),
  // FTP (RFC 959), POP3 (RFC 1939), SMTP (RFC 4954), HTTP (RFC 9110).
  /((?:^|\p{Cc}[^]?)[ \t]{0,32}(?:PASS|PASSWORD|AUTH\s+(?:PLAIN|LOGIN))[ \t]+)\S[^\r\n]*/gimu,
  /(\bauthorization:\s*\w+\s+)\S+/gi,
  // Commands of chats: a name, then the password.
  /((?:^|\p{Cc}[^]?)[ \t]{0,32}[/\\!.]?(?:log[-_]?in|sign[-_]?in|reg|register|sign[-_]?up|auth(?=[:|;]))[ \t:|;,]+[^ \t:|;,\r\n]+[ \t:|;,]+)(?!SCRAM-SHA)[^\r\n]+/gimu,
];

/** Base64 that may hold SASL PLAIN (RFC 4616). */
const BASE64 = /[A-Za-z\d+/]{8,}={0,2}/g;

/** The secrets in a text of bytes, one a character. */
export function secretsOf(text: string): Range[] {
  const named = SECRETS.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ({ index, 0: all, 1: before = "" }): Range => [
      index + before.length,
      index + all.length,
    ])
  );
  const plain = Array.from(text.matchAll(BASE64)).filter(([word]) => isPlain(word));
  return [...named, ...plain.map(({ index, 0: word }): Range => [index, index + word.length])];
}

/** What a server says when it asks for a password: its own words, or those of SASL LOGIN in base64. */
const ASKING = new RegExp(`passw|passphrase|${latin1("арол")}|\\b334 (?:UGFzc3dvcmQ6|VXNlcm5hbWU6)`, "i");

function isPlain(word: string): boolean {
  const text = parseBase64(word);
  return text !== undefined && /^[^\0]*\0[^\0]+\0[^\0]+$/.test(new TextDecoder("latin1").decode(text));
}
