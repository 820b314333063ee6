/**
 * What the messages of a connection mean, where they are the dialogue of `docs/protocol.md`, and which of their bytes are
 * secret. It only looks: a message that is none of the dialogue's means nothing, and nothing fails.
 *
 * Masked: session tokens anywhere; a SCRAM proof and signature (from either, and the rest of the exchange, passwords can be
 * guessed offline), the keys of a verifier. From the moment a server asks for a log-in until it has let the client in,
 * everything that is not understood as harmless: plain text in the place of a name may be a password, and so may all that a
 * wrong framing tears apart. What was secret once is so wherever it comes back.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { EchoError } from "../../base/errors.ts";
import { MAX_DIALOGUE_FRAME } from "../../base/limits.ts";
import { decodeText, isCommand, parseCommand } from "../../protocol/commands.ts";
import { parseReply, type Reply } from "../../protocol/replies.ts";
import { tryDecodeUtf8 } from "../../base/text.ts";
import type { Field, Meaning } from "./events.ts";
import { saslFields } from "./sasl_fields.ts";
import { latin1, merged, ReturningSecrets, secretsOf, StreamSecrets } from "./secret_words.ts";
import type { Range } from "../capture/trace.ts";
import { MASK } from "./byte_view.ts";
import type { Direction } from "../capture/direction.ts";

/** What the server waits for, as its last reply said. */
type Awaited = "greeting" | "name" | "password" | "new_password" | "sasl" | "nothing";

/** Codes a dialogue begins with; other protocols greet with 220. */
const GREETINGS: ReadonlySet<number> = new Set([230, 331, 421]);

/** A message, explained. */
export interface Explained {
  readonly meanings: readonly Meaning[];
  /** Secret bytes, in order. */
  readonly secrets: readonly Range[];
}

/** How to explain. */
export interface DialogueOptions {
  readonly showSecrets: boolean;
  /** Whether it had begun before anything of it was seen. */
  readonly isMidway?: boolean | undefined;
}

/** A message as text, and what of it is secret. */
interface Reading {
  readonly meanings: Meaning[];
  /** Secret parts, in characters. */
  readonly secrets: Range[];
}

const NOTHING: Explained = { meanings: [], secrets: [] };

/** Codes with which a server is in the middle of a log-in, or has just ended one: a capture may begin there. */
const MIDWAY: ReadonlySet<number> = new Set([235, 332, 333, 334, 530, 535]);

/** Where a server asks for a log-in, whatever its framing, or is in the middle of one with its first words. */
const ASKS_LOGIN = /^[^]{0,64}?331 [^]{0,256}?\[AUTH[ \]]|^[^]{0,8}?(?:33[234](?!\w)|(?:235|53[05]) )/i;

/** How a message begins with which a server asks for a log-in when it has done without one, or has ended one. */
const ASKS_AGAIN = /^33(?:1 [^]{0,256}?\[AUTH[ \]]|[234](?!\w))/i;

/** So many of the client's messages that would be such a question are known again when they come back. */
const KEPT_QUESTIONS = 32;

/** Words of a side's last ones that may be secret, where nothing tells which. */
const KEPT_WORDS = 8;

/** So much of what a side says without frames is kept: no message is longer, and no word that is remembered. */
const KEPT_SPOKEN = KEPT_WORDS * (MAX_DIALOGUE_FRAME + 1);

/** Bytes of the server's direction that are looked through for {@linkcode ASKS_LOGIN}. */
const LOOKED_THROUGH = 8192;

/** Follows the dialogue of one connection. */
export class DialogueReader {
  readonly #mask: boolean;
  #awaited: Awaited = "greeting";
  #isOver = false;
  /** Whether the exchange is that of a sealed token. */
  #isSealing = false;
  /** Whether the server asks for a log-in. */
  #isAuth = false;
  /** Whether a reply of the server was understood: then the framing is right. */
  #isUnderstood = false;
  /** The server's first bytes, while {@linkcode ASKS_LOGIN} is looked for. */
  #opening = "";
  readonly #returning = new ReturningSecrets();
  /** What the client said in the place of a name: maybe a password, until it has been let in. */
  readonly #names = new ReturningSecrets();
  /** Messages of the client that read as a question of the server: whoever repeats them asks for nothing. */
  #questions: string[] = [];
  /** The server is in the middle of a log-in with its first words: what the client had said may be a password. */
  #isMidway = false;
  /** Secrets of other log-ins, by where they are in a side's bytes. */
  readonly #others: StreamSecrets;
  /** What the client said before the server said anything. */
  #heard = "";
  /** What the client said before the server's first message: a server that only repeats it does not greet. */
  #said: string | undefined;
  /** Whether the client has answered the question for its name already. */
  #answered = false;
  /** Without frames a message may come in pieces: what has come of it since the other side spoke. */
  #spoken: { readonly direction: Direction; readonly bytes: Uint8Array } | undefined;

  constructor({ showSecrets, isMidway = false }: DialogueOptions) {
    this.#mask = !showSecrets;
    this.#others = new StreamSecrets({ isMidway, returning: this.#returning });
  }

  /** Looks at what a side sent before it is taken apart: a wrong framing must not hide that the server asks for a log-in. */
  sees(direction: Direction, chunk: Uint8Array): void {
    if (this.#mask) this.#others.take(direction, chunk);
    if (direction === "client") return this.#hears(chunk);
    if (this.#isAuth || this.#isUnderstood || this.#opening.length >= LOOKED_THROUGH) return;
    this.#opening += latin1(chunk.subarray(0, LOOKED_THROUGH));
    // One that repeats what it is told asks for nothing.
    const length = Math.min(this.#heard.length, this.#opening.length);
    const isEcho = length > 0 && this.#heard.slice(0, length) === this.#opening.slice(0, length);
    this.#isAuth = ASKS_LOGIN.test(this.#opening) && !isEcho;
    // A greeting in pieces was none of the dialogue's messages until it was whole.
    if (this.#isAuth) this.#isOver = false;
  }

  #hears(chunk: Uint8Array): void {
    if (this.#opening === "" && this.#heard.length < LOOKED_THROUGH) this.#heard += latin1(chunk);
  }

  /** What comes next is the beginning after all: that of what is inside of TLS. */
  begin(): void {
    this.#others.begin();
  }

  /** Bytes of a side are missing. */
  gap(direction: Direction, size: number): void {
    this.#others.gap(direction, size);
  }

  /** Secrets of other log-ins in a side's bytes from one place to another. */
  othersIn(direction: Direction, place: Range): Range[] {
    if (!this.#mask) return [];
    return this.hidesUnknown ? this.#others.returnedIn(direction, place) : this.#others.in(direction, place);
  }

  /**
   * Explains a message.
   *
   * @param isPiece Whether it is what one read returned, and the message may have begun before it.
   */
  explain(direction: Direction, payload: Uint8Array, isPiece: boolean): Explained {
    const text = latin1(payload);
    this.#reopens(direction, text);
    const isSaid = this.#isMidway && direction === "client" && this.#heard.includes(text);
    const followed = this.#isOver ? NOTHING : this.#follow(direction, payload, isPiece);
    const { meanings } = followed;
    const secrets: readonly Range[] = isSaid
      ? [[0, payload.length]]
      : this.#isOver || !this.#isAuth
      ? [...followed.secrets, ...isPiece ? [] : secretsOf(text)]
      : followed.secrets;
    // A name is no secret, though it is hidden where it might be one.
    const said = isPiece ? [] : secrets.map(([a, b]) => text.slice(a, b));
    const isName = meanings.some(({ id }) => id === "name");
    (isName ? this.#names : this.#returning).add(said);
    // What is no command may have been meant for one, with a secret behind it.
    const words = said.flatMap((part) => part.split(" "));
    if (isName) this.#names.add(words);
    else if (meanings.some(({ id }) => id === "bad_command")) this.#returning.add(words);
    const repeated = direction === "server" && !this.#isOver ? this.#names.in(text) : [];
    return { meanings, secrets: this.#mask ? merged([...secrets, ...repeated, ...this.#returning.in(text)]) : [] };
  }

  /** A server may ask for a log-in, or once more, when none seemed to be wanted. */
  #reopens(direction: Direction, text: string): void {
    if (!ASKS_AGAIN.test(text)) return;
    if (direction === "client") this.#questions = [...this.#questions, text].slice(-KEPT_QUESTIONS);
    else if (this.#isOver && !this.#questions.includes(text)) {
      this.#isOver = false;
      this.#isAuth = true;
      this.#awaited = "name";
    }
  }

  /** Whether what is not understood has to be hidden. */
  get hidesUnknown(): boolean {
    return this.#mask && this.#isAuth && !this.#isOver;
  }

  /** Whether even headers have to be hidden: nothing says that the framing is right. */
  get isBlind(): boolean {
    return this.hidesUnknown && !this.#isUnderstood;
  }

  #follow(direction: Direction, payload: Uint8Array, isPiece: boolean): Explained {
    const before = isPiece && this.#spoken?.direction === direction ? this.#spoken.bytes : new Uint8Array(0);
    if (isPiece && before.length === 0 && this.hidesUnknown) this.#keepWords();
    const bytes = concat(before, payload);
    this.#spoken = { direction, bytes: bytes.subarray(-KEPT_SPOKEN) };
    const text = bytes.length > MAX_DIALOGUE_FRAME ? undefined : tryDecodeUtf8(bytes);
    // A password need not be text, nor short.
    if (text === undefined) {
      if (!this.#isAuth) this.#isOver = direction === "server";
      return this.#isAuth ? { meanings: this.#guessed(direction), secrets: [[0, payload.length]] } : NOTHING;
    }
    const message = isPiece ? text.replace(/\r?\n$/, "") : text;
    const { meanings, secrets } = direction === "client" ? this.#client(message, isPiece) : this.#server(message);
    const offset = (at: number): number =>
      Math.max(0, new TextEncoder().encode(message.slice(0, at)).length - before.length);
    const ranges = secrets.map(([from, to]): Range => [offset(from), offset(to)]).filter(([from, to]) => to > from);
    return { meanings, secrets: ranges };
  }

  /** The other side speaks: any of these words may be the secret that it repeats. */
  #keepWords(): void {
    const words = latin1(this.#spoken?.bytes ?? new Uint8Array(0)).split(/[\p{Cc}\s]+/u);
    if (this.#spoken?.direction === "client") this.#returning.add(words.slice(-KEPT_WORDS));
  }

  /** What a message that is no text may be. */
  #guessed(direction: Direction): Meaning[] {
    const isPassword = this.#awaited === "password" || this.#awaited === "new_password";
    return direction === "client" && isPassword ? [{ id: this.#awaited }] : [];
  }

  /** Secrets that are so wherever they stand: tokens, and what was secret before. */
  returningIn(bytes: Uint8Array): Range[] {
    const text = latin1(bytes);
    return this.#mask ? merged([...this.#returning.in(text), ...this.#isUnderstood ? [] : secretsOf(text)]) : [];
  }

  /** The client's first words, where they are told before they are explained: a server that repeats them does not greet. */
  heard(payload: Uint8Array): void {
    this.#said ??= tryDecodeUtf8(payload.subarray(0, MAX_DIALOGUE_FRAME));
  }

  /** Whether the server has not spoken yet. */
  get awaitsGreeting(): boolean {
    return this.#awaited === "greeting" && !this.#isOver;
  }

  #client(message: string, isPiece: boolean): Reading {
    switch (this.#awaited) {
      case "greeting":
        this.#said ??= message;
        // A log-in may be sent before the greeting has come.
        return isCommand(message) ? this.#command(message) : { meanings: [], secrets: this.#whole(message) };
      case "name":
        return this.#nameOrMore(message, isPiece);
      case "password":
      case "new_password":
        return { meanings: [{ id: this.#awaited }], secrets: [[0, message.length]] };
      case "sasl":
        return this.#isSealing
          ? { meanings: [{ id: "sealed_token" }], secrets: [[0, message.length]] }
          : this.#sasl(message, { step: "client-final", at: 0 });
      case "nothing":
        return { meanings: [], secrets: [] };
    }
  }

  /** Who does not wait for the question after the name sends the password next. */
  #nameOrMore(message: string, isPiece: boolean): Reading {
    if (isPiece) {
      const name = /^[^\r\n]*/.exec(message)?.[0] ?? "";
      const { meanings, secrets } = this.#command(name);
      return {
        meanings,
        secrets: message.slice(name.length).trim() === "" ? secrets : [...secrets, [name.length, message.length]],
      };
    }
    if (this.#answered) return { meanings: [{ id: "early" }], secrets: [[0, message.length]] };
    this.#answered = true;
    return this.#command(message);
  }

  #server(message: string): Reading {
    const reply = message === this.#said ? undefined : replyFrom(message);
    this.#answered = false;
    this.#isMidway = reply !== undefined && this.#awaited === "greeting" && MIDWAY.has(reply.code);
    if (reply === undefined || (this.#awaited === "greeting" && !this.#isMidway && !GREETINGS.has(reply.code))) {
      this.#isOver = !this.#isAuth;
      return { meanings: [], secrets: this.#whole(message) };
    }
    this.#isUnderstood = true;
    if (reply.tags.AUTH !== undefined || MIDWAY.has(reply.code)) this.#isAuth = true;
    const sasl = reply.code === 334 && !this.#isSealing
      ? this.#sasl(reply.text, { step: "server-first", at: message.length - reply.text.length })
      : undefined;
    const tags = Object.entries(reply.tags).map(([tag, data]) => this.#tag(message, { tag, data }));
    this.#awaited = awaitedAfter(reply);
    this.#isOver = this.#awaited === "nothing";
    const parts = [...tags, ...sasl === undefined ? [] : [sasl]];
    const secrets = parts.flatMap((part) => part.secrets).toSorted(([a], [b]) => a - b);
    return {
      meanings: [{ id: "reply", code: reply.code }, ...parts.flatMap((part) => part.meanings)],
      secrets,
    };
  }

  #tag(message: string, { tag, data }: { readonly tag: string; readonly data: readonly string[] }): Reading {
    const at = message.indexOf(`[${tag}`) + tag.length + 2;
    const [first = ""] = data;
    if (tag === "AUTH") {
      return { meanings: [{ id: "mechanisms", fields: data.map((key) => ({ key, value: "" })) }], secrets: [] };
    }
    if (tag === "SCRAM") return this.#sasl(first, { step: "server-final", at });
    if (tag === "TOKEN") {
      const expires: Field[] = data[1] === undefined ? [] : [{ key: "expires", value: data[1] }];
      const fields = [{ key: "token", value: this.#masked(tokenStart(first), first) }, ...expires];
      return { meanings: [{ id: "new_token", fields }], secrets: [tokenRange(first, at)] };
    }
    if (tag === "TAKEN") return { meanings: [{ id: "taken" }], secrets: [] };
    return { meanings: [], secrets: [] };
  }

  /** A message in the place of a name. */
  #command(message: string): Reading {
    const [word = "", first = ""] = message.split(" ");
    const second = message.slice(word.length + first.length + 2);
    const secondAt = message.length - second.length;
    if (!isCommand(message)) return { meanings: [{ id: "name" }], secrets: this.#whole(message) };
    if (word === "LOGOUT") {
      const token = message.slice(word.length + 1);
      const fields = [{ key: "token", value: this.#masked(tokenStart(token), token) }];
      return { meanings: [{ id: "logout", fields }], secrets: [tokenRange(token, word.length + 1)] };
    }
    this.#isSealing = word === "AUTH" && first === "SEALED";
    if (this.#isSealing) return { meanings: [{ id: "sealed_token" }], secrets: [[secondAt, message.length]] };
    if (word === "AUTH" && first === "TOKEN") {
      const fields = [{ key: "token", value: this.#masked(tokenStart(second), second) }];
      return { meanings: [{ id: "token", fields }], secrets: [tokenRange(second, secondAt)] };
    }
    if (word === "REGISTER" && parseCommand(message).type === "register") {
      // Up to the salt a verifier is what the server tells anybody.
      const open = /^[^$]*\$[^$]*\$/.exec(second)?.[0] ?? "";
      const fields = [
        { key: "name", value: decodeText(first) ?? first },
        { key: "verifier", value: this.#masked(open, second) },
      ];
      return { meanings: [{ id: "register", fields }], secrets: [[secondAt + open.length, message.length]] };
    }
    if (parseCommand(message).type === "scram") return this.#sasl(second, { step: "client-first", at: secondAt });
    const isNamed = ["TOKEN", "SCRAM-SHA-256"].some((mechanism) => mechanism.startsWith(first));
    return { meanings: [{ id: "bad_command" }], secrets: [[isNamed ? secondAt : word.length + 1, message.length]] };
  }

  #sasl(base64: string, { step, at }: { readonly step: string; readonly at: number }): Reading {
    const text = decodeText(base64);
    const whole: Range[] = [[at, at + base64.length]];
    if (text === undefined) return { meanings: [{ id: "bad_base64" }], secrets: whole };
    const isHarmless = saslFields(text, true).every(({ value }) => value !== MASK);
    return { meanings: [{ id: step, fields: saslFields(text, this.#mask) }], secrets: isHarmless ? [] : whole };
  }

  /** All of a message that may be a secret. */
  #whole(message: string): Range[] {
    return this.#isAuth ? [[0, message.length]] : [];
  }

  #masked(open: string, secret: string): string {
    return this.#mask ? `${open}${MASK}` : secret;
  }
}

/** What a reply makes the server wait for; 220 after a log-out, for the name once more. */
function awaitedAfter({ code }: Reply): Awaited {
  switch (code) {
    case 332:
      return "password";
    case 333:
      return "new_password";
    case 334:
      return "sasl";
    case 230:
    case 235:
    case 421:
      return "nothing";
    default:
      return "name";
  }
}

/** The mechanism-like start of a token, which is no secret. */
function tokenStart(token: string): string {
  return /^es\d+\./.exec(token)?.[0] ?? "";
}

function tokenRange(token: string, at: number): Range {
  return [at + tokenStart(token).length, at + token.length];
}

function replyFrom(message: string): Reply | undefined {
  try {
    return parseReply(message);
  } catch (error) {
    if (error instanceof EchoError) return undefined;
    throw error;
  }
}
