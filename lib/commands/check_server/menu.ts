/**
 * Menus before a log-in: "1 - log in, 2 - register".
 *
 * @module
 */

/** Words of the two ways that a menu offers. */
export const REGISTERS = /(?:за)?регистр\p{L}*|register|registration|sign ?up/iu;
export const LOGS_IN = /вход\p{L}*|войти|вхож\p{L}*|авториз\p{L}*|log ?in|sign ?in/iu;

/** What stands behind the number of a third way. */
export const BY_TOKEN = /[^\d\n]*(?:token|токен)/iu;

/** Longest message that may be a menu, in characters: a server may send without end. */
const LONGEST = 4000;

/** A question whose yes is a new account. */
const OFFERS =
  /зарегистрировать|зарегистрируем|хотите|желаете|созда[тд]|нов(?:ый|ая) польз|впервые|want|like to|create|register\s*\?|\bnew\b/i;

/** A letter of a word that stands for it: "[R]egister". */
const LETTER = /[[(](\p{L})[\])](?=\p{L})/gu;

/** What stands between two words to choose from, which may be in quotes. */
const BETWEEN = /[/|,]|\p{L}["'`»”’)\]>]* (?:or|или|ili) /iu;

/** A question with two answers, the first of which is yes. */
const YES_OR_NO = /(да|yes|y)\s*\/\s*(нет|no|n)(?!\p{L})/iu;

/**
 * What to answer a menu with to go that way, or a question for an account; `undefined` where a message is none.
 *
 * @example
 * ```ts
 * import { choiceIn, LOGS_IN, REGISTERS } from "./menu.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(choiceIn("1 - вход, 2 - регистрация: ", REGISTERS), "2");
 * assertEquals(choiceIn("register or login?", LOGS_IN), "login");
 * assertEquals(choiceIn("Have you got an account? (y/n)", REGISTERS), "n");
 * assertEquals(choiceIn("Please log in or register. Your name:", REGISTERS), undefined);
 * ```
 */
export function choiceIn(message: string, way: RegExp): string | undefined {
  if (message.length > LONGEST) return undefined;
  const [, yes, no] = YES_OR_NO.exec(message) ?? [];
  if (yes !== undefined && /account|regist|регистр|аккаунт|учётн|учетн|нов(?:ый|ая) польз|new user/i.test(message)) {
    return (way === LOGS_IN) === OFFERS.test(message) ? no : yes;
  }
  const plain = message.replaceAll(LETTER, "$1");
  if (plain !== message) {
    const word = choiceIn(plain, way);
    return /^\p{L}/u.test(word ?? "") ? word?.[0] : word;
  }
  if (!REGISTERS.test(message) || !LOGS_IN.test(message)) return undefined;
  const [first, second] = [REGISTERS, LOGS_IN].map((one) => numberOf(message, one));
  if (first !== undefined && second !== undefined) return way === REGISTERS ? first : second;
  // Without numbers the word is the answer, where nothing else is asked for.
  const line = message.trim().split("\n").at(-1) ?? "";
  const isChoice = /[?:>]$/.test(line) && BETWEEN.test(line) && REGISTERS.test(line) && LOGS_IN.test(line);
  return isChoice && !/name|имя|логин/i.test(line) ? way.exec(line)?.[0] : undefined;
}

/**
 * How to say yes to a question whether the client is somebody; `undefined` where a message is none.
 *
 * @example
 * ```ts
 * import { yesIn } from "./menu.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(yesIn("Вы Анна? (да/нет) ", "Анна"), "да");
 * assertEquals(yesIn("Is it you, Anna?", "Anna"), "yes");
 * assertEquals(yesIn("Hello, Anna! How are you?", "Anna"), undefined);
 * ```
 */
export function yesIn(message: string, name: string): string | undefined {
  if (message.length > LONGEST || !message.includes(name)) return undefined;
  const [, yes] = YES_OR_NO.exec(message) ?? [];
  if (yes !== undefined) return yes;
  const isAsked = /(?<!\p{L})(?:(?:это )?(?:вы|ты)|are you|is (?:it|this) you)(?!\p{L})([^?.!\n]*)\?\s*$/iu.exec(
    message,
  );
  if (isAsked?.[1]?.includes(name) !== true) return undefined;
  return /[а-яё]/i.test(isAsked[0].replace(name, "")) ? "да" : "yes";
}

/** The number that stands before a word of a menu, or behind it. */
export function numberOf(menu: string, { source }: RegExp): string | undefined {
  if (menu.length > LONGEST) return undefined;
  const before = new RegExp(`(?<!\\d)(\\d)[\\s.)\\]:=–—-]*(?:для |чтобы |to |for )?(?:${source})`, "iu").exec(menu);
  return (before ?? new RegExp(`(?:${source})[\\s(\\[:=–—-]*(\\d)(?!\\d)`, "iu").exec(menu))?.[1];
}
