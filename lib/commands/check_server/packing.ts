/**
 * Messages that hold all at once: an object of JSON (which is a literal of Python, too), a pickle of a dict, a line
 * `name:password`, or a command. Which fields a server looks at is its own affair: an object has all the likely ones.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { textOf, utf8 } from "./bytes.ts";
import { MOST_WORDS } from "./words.ts";

/** What is said in one message. */
export interface Said {
  readonly action: string;
  readonly name?: string;
  readonly password?: string;
  readonly text?: string;
  readonly token?: string;
}

/** A way to pack. */
export interface Packing {
  readonly name: "JSON" | "pickle" | "line" | "command";
  pack(said: Said): Uint8Array;
  /** What a reply says: of an object `key: value`, one behind the other. */
  read(reply: Uint8Array): string;
}

/** Words for what is to be done, the likely ones first. */
export const TO_REGISTER = ["register", "reg", "signup"] as const;
export const TO_LOG_IN = ["login", "auth", "signin"] as const;
export const TO_SAY = ["message", "echo", "msg", "text", "send"] as const;

/** Fields, as students call them. */
const FIELDS: Readonly<Record<keyof Said, readonly string[]>> = {
  action: ["action", "command", "cmd", "type", "op", "method", "event", "request"],
  name: ["login", "username", "user", "name", "nickname", "nick", "email"],
  password: ["password", "passwd", "pass", "pwd", "psw"],
  text: ["message", "text", "msg", "data", "content", "body", "payload", "value"],
  token: ["token", "session", "session_id", "session_token", "auth_token", "cookie", "sid"],
};

const THINGS = ["action", "name", "password", "text", "token"] as const;

function fieldsOf(said: Said): [key: string, value: string][] {
  return THINGS.flatMap((thing) => {
    const value = said[thing];
    return value === undefined ? [] : FIELDS[thing].map((key): [string, string] => [key, value]);
  });
}

const JSON_OBJECT: Packing = {
  name: "JSON",
  pack: (said) => utf8(JSON.stringify(Object.fromEntries(fieldsOf(said)))),
  read: (reply) => textOf(reply.subarray(0, MOST_WORDS)).trim().split("\n").map(textOfObject).join("; "),
};

const PICKLE: Packing = {
  name: "pickle",
  // Protocol 2 (pickletools.py): an empty dict, a mark, strings with their lengths, then all of it into the dict.
  pack: (said) =>
    concat(
      Uint8Array.of(0x80, 2, 0x7d, 0x28),
      ...fieldsOf(said).flat().map((text) => {
        const bytes = utf8(text);
        return concat(Uint8Array.of(0x58, bytes.length & 0xff, bytes.length >> 8, 0, 0), bytes);
      }),
      utf8("u."),
    ),
  read: (reply) => reply[0] === 0x80 ? textOfPickle(reply.subarray(0, MOST_WORDS)) : textOf(reply),
};

/** The name and the password in one line. */
function inLine(separator: string): Packing {
  return {
    name: "line",
    pack: ({ name, password, text }) => utf8(text ?? [name, password].join(separator)),
    read: textOf,
  };
}

/** Commands that the server names itself. */
export function commands({ register, logIn }: { readonly register: string; readonly logIn: string }): Packing {
  const isNew = (action: string): boolean => TO_REGISTER.some((word) => word === action);
  return {
    name: "command",
    pack: ({ action, name, password, text }) => utf8(text ?? `${isNew(action) ? register : logIn} ${name} ${password}`),
    read: textOf,
  };
}

/** A command word, then what stands for a name and for a password. */
const USAGE = /([/!]?[\p{L}_]+)[ :]+[<[{(]?[\p{L}_]+[>\]})]?[ :]+[<[{(]?(?:парол|passw|pwd|parol)/giu;

/** The same with brackets around both, or a sign before it: that is no sentence. */
const SURE =
  /([/!][\p{L}_]+|[\p{L}_]+(?=[ :]+[<[{(]))[ :]+[<[{(]?[\p{L}_]+[>\]})]?[ :]+[<[{(]?(?:парол|passw|pwd|parol)/giu;

/** The commands that a text tells, one for both ways where there is no other; `undefined` where it tells of none. */
export function commandsIn(text: string): { readonly register: string; readonly logIn: string } | undefined {
  const wordsOf = (usage: RegExp): string[] =>
    Array.from(text.slice(0, MOST_WORDS).matchAll(usage), ([, word = ""]) => word);
  const [register, logIn] = [/reg|рег/i, /log|вход|войти|auth|автори/i].map((way) =>
    wordsOf(USAGE).find((word) => way.test(word))
  );
  if (register !== undefined && logIn !== undefined) return { register, logIn };
  const only = wordsOf(SURE).find((word) => word === logIn);
  return only === undefined ? undefined : { register: only, logIn: only };
}

/** What an error tells of the packing that was expected: the words of Python's own modules, and of those who use them. */
const TOLD: readonly (readonly [RegExp, readonly Packing[]])[] = [
  [/pickl/i, [PICKLE]],
  [/json|Expecting value|literal_eval|malformed node|'(?:int|float|str)' object (?:is not subscr|has no attr)/i, [
    JSON_OBJECT,
  ]],
  [/\.split\(|to unpack|(?:login|name|логин|имя)\W{1,3}(?:passw|парол)/i, [inLine(":"), inLine(" ")]],
];

/** The packings that are to be tried, the likely ones first; `isTold`: an error has told which, `isObject`: an object. */
export function packingsFor(
  words: string,
): { readonly packings: readonly Packing[]; readonly isTold: boolean; readonly isObject: boolean } {
  const told = TOLD.filter(([error]) => error.test(words)).flatMap(([, packings]) => packings);
  const isTold = told.length > 0;
  const isObject = told.some((packing) => packing === JSON_OBJECT || packing === PICKLE);
  return { packings: isTold ? told : [JSON_OBJECT, inLine(":"), PICKLE], isTold, isObject };
}

/** An object of JSON, or what Python prints of a dict. */
function textOfObject(text: string): string {
  try {
    return walk(JSON.parse(text)).join("; ");
  } catch {
    return text.replaceAll(/,?\s*['"](\w+)['"]\s*:\s*/g, "; $1: ").replaceAll(/['"{}]/g, "").replace(/^[\s;]+/, "");
  }
}

function walk(value: unknown, key = ""): string[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, one]) => walk(one, name));
  }
  return [key === "" ? String(value) : `${key}: ${value}`];
}

/** Sizes of the arguments of a pickle's opcodes, where they have one, and of the lengths of strings. */
const ARGUMENTS = new Map([[0x80, 1], [0x95, 8], [0x71, 1], [0x72, 4], [0x68, 1], [0x6a, 4]]);
const NUMBERS = new Map([[0x4b, 1], [0x4d, 2], [0x4a, 4]]);
const STRINGS = new Map([[0x8c, 1], [0x58, 4], [0x55, 1]]);
const CONSTANTS = new Map([[0x88, "true"], [0x89, "false"], [0x4e, "none"]]);

/** The strings, numbers and truths of a pickle, in pairs. */
function textOfPickle(bytes: Uint8Array): string {
  const values: string[] = [];
  const number = (at: number, size: number): number =>
    bytes.subarray(at, at + size).reduceRight((sum, byte) => 256 * sum + byte, 0);
  for (let at = 0; at < bytes.length;) {
    const code = bytes[at++] ?? 0;
    const [plain, length, constant] = [NUMBERS.get(code), STRINGS.get(code), CONSTANTS.get(code)];
    if (constant !== undefined) values.push(constant);
    if (plain !== undefined) values.push(String(number(at, plain)));
    const size = length === undefined ? 0 : number(at, length);
    at += ARGUMENTS.get(code) ?? plain ?? length ?? 0;
    if (length !== undefined) values.push(textOf(bytes.subarray(at, at + size)));
    at += size;
  }
  return values.map((value, at) => at % 2 === 0 ? value : `: ${value}; `).join("");
}
