/**
 * What the messages of a connection mean, where they are the dialogue of `docs/protocol.md`, and which of their bytes are
 * secret. It only looks: a message that is none of the dialogue's means nothing, and nothing fails.
 *
 * Masked: a password after 332 or 333, session tokens, a SCRAM proof and signature (from either, and the rest of the
 * exchange, passwords can be guessed offline), the keys of a verifier.
 *
 * @module
 */
import { EchoError } from "../../base/errors.ts";
import { MAX_DIALOGUE_FRAME } from "../../base/limits.ts";
import { decodeText, isCommand, parseCommand } from "../../protocol/commands.ts";
import { parseReply, type Reply } from "../../protocol/replies.ts";
import { tryDecodeUtf8 } from "../../base/text.ts";
import type { Field, Meaning } from "./events.ts";
import { saslFields } from "./sasl_fields.ts";
import { MASK, type Range } from "./byte_view.ts";
import type { Direction } from "./direction.ts";

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
  /** Whether secrets are shown as they are. */
  readonly showSecrets: boolean;
}

/** A message as text, and what of it is secret. */
interface Reading {
  readonly meanings: Meaning[];
  /** Secret parts, in characters. */
  readonly secrets: Range[];
}

const NOTHING: Explained = { meanings: [], secrets: [] };

/** Follows the dialogue of one connection. */
export class DialogueReader {
  readonly #mask: boolean;
  #awaited: Awaited = "greeting";
  #isOver = false;
  /** What the client said before the server's first message: a server that only repeats it does not greet. */
  #said: string | undefined;
  /** Whether the client has answered the question for its name already. */
  #answered = false;
  /** Without frames a message may come in pieces: what has come of it since the other side spoke. */
  #spoken: { readonly direction: Direction; readonly bytes: Uint8Array } | undefined;

  constructor({ showSecrets }: DialogueOptions) {
    this.#mask = !showSecrets;
  }

  /**
   * Explains a message.
   *
   * @param isPiece Whether it is what one read returned, and the message may have begun before it.
   */
  explain(direction: Direction, payload: Uint8Array, isPiece: boolean): Explained {
    if (this.#isOver) return NOTHING;
    const before = isPiece && this.#spoken?.direction === direction ? this.#spoken.bytes : new Uint8Array(0);
    const bytes = new Uint8Array(before.length + payload.length);
    bytes.set(before);
    bytes.set(payload, before.length);
    this.#spoken = { direction, bytes };
    const text = bytes.length > MAX_DIALOGUE_FRAME ? undefined : tryDecodeUtf8(bytes);
    // A password need not be text, nor short.
    if (text === undefined) {
      if (direction === "server") this.#isOver = true;
      return direction === "client" && this.awaitsPassword ? this.#hidden(payload.length) : NOTHING;
    }
    const message = isPiece ? text.replace(/\r?\n$/, "") : text;
    const { meanings, secrets } = direction === "client" ? this.#client(message, isPiece) : this.#server(message);
    const offset = (at: number): number =>
      Math.max(0, new TextEncoder().encode(message.slice(0, at)).length - before.length);
    const ranges = secrets.map(([from, to]): Range => [offset(from), offset(to)]).filter(([from, to]) => to > from);
    return { meanings, secrets: this.#mask ? ranges : [] };
  }

  /** The client's first words, where they are told before they are explained: a server that repeats them does not greet. */
  heard(payload: Uint8Array): void {
    this.#said ??= tryDecodeUtf8(payload.subarray(0, MAX_DIALOGUE_FRAME));
  }

  /** Whether the server has not spoken yet. */
  get awaitsGreeting(): boolean {
    return this.#awaited === "greeting" && !this.#isOver;
  }

  /** Whether what the client sends next is a password. */
  get awaitsPassword(): boolean {
    return this.#awaited === "password" || this.#awaited === "new_password";
  }

  #hidden(length: number): Explained {
    return { meanings: [{ id: this.#awaited }], secrets: this.#mask ? [[0, length]] : [] };
  }

  #client(message: string, isPiece: boolean): Reading {
    switch (this.#awaited) {
      case "greeting":
        this.#said ??= message;
        // A log-in may be sent before the greeting has come.
        return isCommand(message) ? this.#command(message) : { meanings: [], secrets: [] };
      case "name":
        return this.#nameOrMore(message, isPiece);
      case "password":
      case "new_password":
        return { meanings: [{ id: this.#awaited }], secrets: [[0, message.length]] };
      case "sasl":
        return this.#sasl(message, { step: "client-final", at: 0 });
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
    if (reply === undefined || (this.#awaited === "greeting" && !GREETINGS.has(reply.code))) {
      this.#isOver = true;
      return { meanings: [], secrets: [] };
    }
    const sasl = reply.code === 334
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
    if (!isCommand(message)) return { meanings: [{ id: "name" }], secrets: [] };
    if (word === "LOGOUT") {
      const token = message.slice(word.length + 1);
      const fields = [{ key: "token", value: this.#masked(tokenStart(token), token) }];
      return { meanings: [{ id: "logout", fields }], secrets: [tokenRange(token, word.length + 1)] };
    }
    if (word === "AUTH" && first === "TOKEN") {
      const fields = [{ key: "token", value: this.#masked(tokenStart(second), second) }];
      return { meanings: [{ id: "token", fields }], secrets: [tokenRange(second, secondAt)] };
    }
    if (word === "REGISTER") {
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
    const isSecret = step === "client-final" || step === "server-final";
    const secrets: Range[] = isSecret ? [[at, at + base64.length]] : [];
    if (text === undefined) return { meanings: [{ id: "bad_base64" }], secrets };
    return { meanings: [{ id: step, fields: saslFields(text, this.#mask) }], secrets };
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
