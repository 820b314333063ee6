/**
 * Secrets of log-ins that are not those of `docs/protocol.md`: what other programs call a password, in JSON, `name=value`,
 * pickles, commands of mail and files, HTTP. Rather too much is taken for a secret than too little.
 *
 * @module
 */
import { concat, parseBase64, utf8 } from "../../base/bytes.ts";
import { type BothDirections, type Direction, opposite } from "../capture/direction.ts";
import type { Range } from "../capture/trace.ts";

/** What of a side's last bytes may belong to a secret that goes on. */
const CONTEXT = 2048;

/** The first and the last bytes of a read that are looked through. */
const LOOKED_THROUGH = 2048;

/** Places that are kept; of more, the first ones become one. */
const MOST_PLACES = 256;

/** Follows the bytes of both sides, whatever frames they are read as: a wrong framing must not show what is secret. */
export class StreamSecrets {
  readonly #places: BothDirections<Range[]> = { client: [], server: [] };
  /** Those of them that are tokens, or were secret before. */
  readonly #returned: BothDirections<Range[]> = { client: [], server: [] };
  readonly #sizes = { client: 0, server: 0 };
  /** The last words of a side since the other side spoke, and those of the client before. */
  #last: { readonly direction: Direction | undefined; readonly text: string } = { direction: undefined, text: "" };
  readonly #said = { client: "", server: "" };
  /** Whose last words may be the question for a password. */
  readonly #isAsking = { client: false, server: false };
  /** Who may answer one that is not known. */
  #isUnknown: Record<Direction, boolean>;
  /** Of a connection that had begun before, it is only guessed who is the client. */
  #isMidway: boolean;
  readonly #returning: ReturningSecrets;
  /** What was secret of these words. */
  #found: readonly string[] = [];
  /** The last words are looked through again with each read: a word is judged once. */
  readonly #verdicts: Verdicts = new Map();

  /** @param isMidway What was said before is not known. */
  constructor({ isMidway, returning }: { readonly isMidway: boolean; readonly returning: ReturningSecrets }) {
    this.#isMidway = isMidway;
    this.#isUnknown = { client: isMidway, server: isMidway };
    this.#returning = returning;
  }

  /** What comes next is the beginning after all. */
  begin(): void {
    this.#isMidway = false;
    this.#isUnknown = { client: false, server: false };
  }

  /** Takes the next bytes of a side. */
  take(direction: Direction, chunk: Uint8Array): void {
    const start = this.#sizes[direction];
    this.#sizes[direction] += chunk.length;
    const isLong = chunk.length > 2 * LOOKED_THROUGH;
    this.#look(direction, isLong ? chunk.subarray(0, LOOKED_THROUGH) : chunk, start);
    if (isLong) this.#look(direction, chunk.subarray(-LOOKED_THROUGH), start + chunk.length - LOOKED_THROUGH);
  }

  /** Bytes of a side are missing: what it said is not known. */
  gap(direction: Direction, size: number): void {
    this.#sizes[direction] += size;
    this.#last = { direction: undefined, text: "" };
    this.#isUnknown.client = true;
  }

  /** What is secret of a side's bytes from one place to another, counted from the first. */
  in(direction: Direction, place: Range): Range[] {
    return within(this.#places[direction], place);
  }

  /** The part of it that is tokens, or was secret before. */
  returnedIn(direction: Direction, place: Range): Range[] {
    return within(this.#returned[direction], place);
  }

  #look(direction: Direction, chunk: Uint8Array, start: number): void {
    if (this.#last.direction !== direction) this.#turn(direction);
    const text = latin1(chunk);
    const known = this.#last.text;
    const whole = known + text;
    this.#last = { direction, text: whole.slice(-CONTEXT) };
    this.#said[direction] = (this.#said[direction] + text).slice(-2 * LOOKED_THROUGH);
    const other = opposite(direction);
    if (direction === "server" || this.#isMidway) this.#isAsking[direction] = this.#asks(direction, whole);
    const returned = this.#returning.in(whole, { from: known.length, goesOn: true });
    const found = this.#isAsking[other] || this.#isUnknown[direction]
      ? [[0, whole.length] as const]
      : [...secretsOf(whole, { goesOn: true, verdicts: this.#verdicts }), ...returned];
    if (found.length > 0) this.#found = found.map(([a, b]) => whole.slice(a, b));
    const offset = start - known.length;
    // What is secret of the bytes before was told when they came.
    const fresh = (ranges: readonly Range[]): Range[] =>
      ranges.map(([a, b]): Range => [Math.max(start, offset + a), offset + b]).filter(([a, b]) => a < b);
    keep(this.#places[direction], fresh(found));
    keep(this.#returned[direction], fresh(returned));
  }

  /** The other side speaks. */
  #turn(direction: Direction): void {
    const secrets = this.#found.flatMap((secret) => [secret, ...secret.split(CONTROLS)]);
    this.#returning.add(secrets.map((secret) => secret.replace(/^\d{1,9}:?|[,\r\n]+$/g, "")));
    this.#found = [];
    if (this.#last.direction !== undefined) this.#isUnknown[this.#last.direction] = false;
    this.#last = { direction, text: "" };
  }

  /** Whether a side's words ask for a password. Who repeats what it is told asks for nothing. */
  #asks(direction: Direction, words: string): boolean {
    // What a terminal shows for each character of a password.
    if (/^[*\s\0]*$/.test(words)) return this.#isAsking[direction];
    const question = ASKING.exec(words);
    if (question === null) return false;
    const { index, 0: { length } } = question;
    return !this.#said[opposite(direction)].includes(words.slice(Math.max(0, index - 16), index + length + 16));
  }
}

/** The parts of places between two others, counted from the first of these. */
function within(places: readonly Range[], [from, to]: Range): Range[] {
  return places.filter(([a, b]) => b > from && a < to).map(([a, b]): Range => [
    Math.max(a, from) - from,
    Math.min(b, to) - from,
  ]);
}

/** Adds places that are not before the ones known: these stay in order, and apart from each other. */
function keep(places: Range[], found: readonly Range[]): void {
  for (const [from, to] of merged(found)) {
    const [begin = from, end = from] = places.at(-1) ?? [];
    if (from <= end && places.length > 0) places[places.length - 1] = [begin, Math.max(end, to)];
    else places.push([from, to]);
  }
  while (places.length > MOST_PLACES) places.splice(0, 2, [places[0]?.[0] ?? 0, places[1]?.[1] ?? 0]);
}

/** What a session token looks like, whoever says it. */
const TOKEN = /es\d+\.([\w-]{8,}(?:\.[\w-]*)?)/g;

/** Secrets that are looked for where they come back: so many, of so many bytes at least and at most. */
const REMEMBERED = 32;
const SHORTEST = 4;
const LONGEST = 4096;

/** What was secret once is so wherever it comes back, in base64 and hexadecimal digits, too. */
export class ReturningSecrets {
  readonly #known = new Map<string, readonly string[]>();
  /** All spellings of all of them. */
  #spellings: readonly string[] = [];

  /** Texts of bytes, one a character. */
  add(secrets: readonly string[]): void {
    const fresh = new Set(secrets.filter(({ length }) => length >= SHORTEST && length <= LONGEST));
    for (const secret of [...fresh.difference(this.#known)].slice(-REMEMBERED)) {
      const [oldest] = this.#known.keys();
      if (this.#known.size >= REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
      this.#known.set(secret, [secret, ...spellings(secret)]);
      this.#spellings = [];
    }
  }

  /**
   * Tokens, and secrets of before.
   *
   * @param from What ends before this place need not be told again.
   * @param goesOn Whether more may follow: the beginning of one at the end is one.
   */
  in(text: string, { from = 0, goesOn = false }: { readonly from?: number; readonly goesOn?: boolean } = {}): Range[] {
    const found = Array.from(text.matchAll(TOKEN), ({ index, 0: whole, 1: secret = "" }): Range => [
      index + whole.length - secret.length,
      index + whole.length,
    ]);
    if (this.#spellings.length === 0) this.#spellings = [...this.#known.values()].flat();
    for (const secret of this.#spellings) {
      const { length } = secret;
      const rest = goesOn ? text.slice(-length) : "";
      const cut = rest.lastIndexOf(secret.slice(0, SHORTEST));
      if (cut >= 0 && secret.startsWith(rest.slice(cut))) found.push([text.length - rest.length + cut, text.length]);
      for (let at = text.indexOf(secret, from - length); at >= 0; at = text.indexOf(secret, at + length)) {
        found.push([at, at + length]);
      }
    }
    return found;
  }
}

/** How the bytes of a secret are written elsewhere; of base64 what does not depend on what stands around it. */
function spellings(secret: string): string[] {
  const bytes = bytesOf(secret);
  const behindZeros = concat(new Uint8Array(2), bytes);
  const base64 = [0, 1, 2].flatMap((before) => {
    const text = behindZeros.subarray(2 - before).toBase64({ omitPadding: true });
    const part = text.slice(Math.ceil(before * 8 / 6), Math.floor((before + bytes.length) * 8 / 6));
    return [part, part.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const hex = bytes.toHex();
  return [...new Set([...base64, hex, hex.toUpperCase(), encodeURIComponent(secret)])].filter((text) =>
    text.length >= SHORTEST && text !== secret
  );
}

/** The bytes behind a text that {@linkcode latin1} made. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    bytes[at] = code < 0x80 ? code : BYTES.get(text.charAt(at)) ?? 0;
  }
  return bytes;
}

/** Ranges in order and apart from each other. */
export function merged(ranges: readonly Range[]): Range[] {
  const all: Range[] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], to)];
    else all.push([from, to]);
  }
  return all;
}

const LATIN1 = new TextDecoder("latin1");

/** A character a byte: what has no offsets of its own. The platform takes Windows-1252 for it. */
export function latin1(bytes: Uint8Array): string {
  return LATIN1.decode(bytes);
}

const BYTES: ReadonlyMap<string, number> = new Map(
  Array.from(latin1(Uint8Array.from({ length: 256 }, (_, byte) => byte)), (character, byte) => [character, byte]),
);

const CONTROLS = /\p{Cc}+/u;

/** Russian words as their bytes read. */
function russian(...words: readonly string[]): string {
  return words.map((word) => latin1(utf8(word))).join("|");
}

const LATIN = "pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key";
const KEYS = `(?:[\\w-]{1,32}[_-])?(?:${LATIN}|${russian("пароль", "Пароль", "токен", "Токен")})`;

/** Where a command may begin: at the first byte, behind a header, a control character, a tag of IMAP (RFC 9051). */
const BEGINS = "(?:(?:^[\\da-f]{0,8}[^]?|\\p{Cc}[^]?)[ \\t]{0,32}|[^a-z\\s])(?:[\\w.]{1,12} )?[/\\\\!.:]?";

/** What stands before a secret, and the secret. What may be long is looked for from few places: frames have up to 1 GiB. */
const SECRETS: readonly RegExp[] = [
  // JSON, Python's dictionaries, forms, XML, assignments.
  new RegExp(
    `((?:^|[^a-z])${KEYS}["']?\\s{0,32}[:=>]\\s{0,32}(?:"(?=[^"])|'(?=[^'])|(?!["'\\s])))(?:(?<=")(?:[^"\\\\]|\\\\.)+|(?<=')[^']+|[^\\s,;&}<][^\\r\\n\\0,;&}<]*)`,
    "gi",
  ),
  // Pickles, msgpack: lengths and types between a key and its value. What follows cannot be told apart.
  new RegExp(`((?:^|[^a-z])(?:${LATIN})["']?(?=[\\0-\\x08\\x0e-\\x1f]|[^\\0-\\x7f]))[^]+`, "gi"),
  // FTP (RFC 959), POP3 (RFC 1939), SMTP (RFC 4954), IRC's services, Redis.
  new RegExp(
    `(${BEGINS}(?:PASS|PASSWORD|PASSWD|IDENTIFY|AUTH(?:\\s{1,8}(?:PLAIN|LOGIN))?(?!\\s{1,8}(?:TOKEN|SEALED|SCRAM))|USER[ \\t]{1,8}\\S{1,64}[ \\t]{1,8}PASS)[ \\t]{1,32})[^\\s][^\\r\\n]*`,
    "gimu",
  ),
  // Redis with lengths.
  /(\bAUTH(?:\r\n\$\d{1,9}\r\n[^\r\n]{0,1024})?\r\n\$\d{1,9}\r\n)[^\r\n]+/gi,
  // HTTP (RFC 9110).
  /(authorization:\s{0,32}\w{1,32}\s{1,32})\S+/gi,
  // Commands of chats: a name, then the password.
  new RegExp(
    `(${BEGINS}(?:log[-_]?in|sign[-_]?in|reg|register|sign[-_]?up|auth(?=[:|;])|${
      russian("войти", "вход", "регистрация")
    })[ \\t:|;,]{1,32}[^ \\t:|;,\\r\\n]{1,256}[ \\t:|;,]{1,32})(?!SCRAM-SHA)[^\\r\\n]+`,
    "gimu",
  ),
  // The same as a list in JSON.
  /(["'](?:log[-_]?in|sign[-_]?in|reg|register|sign[-_]?up|auth)["']\s{0,8},\s{0,8}(?:["']\w{1,32}["']\s{0,8}:\s{0,8}\[|(?=["'][^"']{0,256}["']\s{0,8}[,\]])))[^\r\n]+/gi,
];

/** What is in all that these find: most texts have none of it, and that is known sooner. */
const HINT = new RegExp(
  `pass|pwd|secret|token|key|auth|log[-_]?in|sign|reg|identify|${russian("арол", "окен", "войти", "вход", "рег")}`,
  "i",
);

/** Base64 that may hold SASL PLAIN (RFC 4616). */
const BASE64 = /[A-Za-z\d+/]{8,}={0,2}/g;

/** What became of the words of a text. */
type Verdicts = Map<string, boolean>;

/** How {@linkcode secretsOf} looks. */
interface LookOptions {
  /** Whether more may follow. */
  readonly goesOn?: boolean;
  /** What it found of words before; then has what it found of these. */
  readonly verdicts?: Verdicts;
}

/** The secrets in a text of bytes, one a character. */
export function secretsOf(text: string, { goesOn = false, verdicts = new Map() }: LookOptions = {}): Range[] {
  const named = !HINT.test(text)
    ? []
    : SECRETS.flatMap((pattern) =>
      Array.from(text.matchAll(pattern), ({ index, 0: all, 1: before = "" }): Range => [
        index + before.length,
        index + all.length,
      ])
    );
  const known = new Map(verdicts);
  verdicts.clear();
  const judge = (word: string): boolean => {
    const verdict = verdicts.get(word) ?? known.get(word) ?? isPlain(word, false);
    verdicts.set(word, verdict);
    return verdict;
  };
  const plain = Array.from(text.matchAll(BASE64), ({ index, 0: word }): Range => [index, index + word.length])
    .filter(([from, to]) => {
      const word = text.slice(from, to);
      return goesOn && to === text.length ? isPlain(word, true) : judge(word);
    });
  return [...named, ...plain];
}

/** What a server says when it asks for a password: its own words, those of SASL LOGIN in base64, a code of a log-in. */
const ASKING = new RegExp(
  `passw|passphrase|passcode|(?:^|[^a-z])pin(?![a-z])|${
    russian("арол")
  }|\\b334 (?:UGFzc3dvcmQ6|VXNlcm5hbWU6)|^[^]{0,9}?33[234] `,
  "i",
);

/** What a word of base64 has somewhere that holds a byte 0, wherever its bytes begin: most words have not. */
const ZERO_BYTE = /A|[Qgw][A-D]/;

/** @param isCut Whether the end of the word may be missing. */
function isPlain(word: string, isCut: boolean): boolean {
  if (word.length > LONGEST || !ZERO_BYTE.test(word)) return false;
  // A header of letters or digits may stand before it.
  return [0, 1, 2, 3, 4].some((skipped) => {
    const rest = word.slice(skipped);
    const bytes = parseBase64(isCut ? rest.slice(0, rest.length & ~3) : rest);
    if (bytes === undefined) return false;
    return (isCut ? /^[^\0]{0,255}\0[^\0]+(?:\0[^\0]*)?$/ : /^[^\0]*\0[^\0]+\0[^\0]+$/).test(latin1(bytes));
  });
}
