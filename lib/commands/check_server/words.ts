/**
 * What servers ask for and answer, as far as their words tell, in English and Russian.
 *
 * @module
 */
import type { DialogueOptions } from "./dialogue.ts";

// Russian is written in Latin letters, too.
const PASSWORD = /парол|passw|pwd|parol/i;
const NAME =
  /(?<!\p{L})им(?:я|ени|ем)(?!\p{L})|зовут|логин|представ|обращаться|назов(?:и|ите)сь|себя|\bname\b|login|log in|who are you|user|im[yij]a|zovut|predstav/iu;
const NO =
  /(?<!\p{L})невер|непра|некорр|ошиб|отказ|запре[тщ]|недейст|(?<!\p{L})не (?:подх|подош|совпа|найд|дейст|принят|вер[ен]|выполн|удал)|попробу\p{L}*|занят[оа]?(?!\p{L})|wrong|incorrect|invalid|denied|fail|bad |refus|try[^.!?]{0,30} again|not (?:match|correct|valid|found|accept)|already (?:exists|taken)|no such|unknown|(?<!\p{L})нет так|не существ|never(?:n|ny)|nepra|oshib|otkaz|zapre|ne (?:podh|sovpa|na[ij]d)|poprobu/iu;
/** Asked once more: for being wrong, or for being new. */
const AGAIN =
  /(?:введите|ввод\p{L}*) снова|снова введ|ещ[её] раз|(?:enter|once|type|log ?in|password)[^.!?]{0,30} again|es[hc]*[eo] raz/iu;
/** Words of a refusal, also of one that asks again. */
export const REFUSED = new RegExp(`${NO.source}|${AGAIN.source}`, "iu");
const REPEATED =
  /(?<!\p{L})(?:повтори(?:те)?|повторно|подтверди(?:те)?)(?!\p{L})|(?:repeat|confirm|re-?type|re-?enter)(?: it| the| your| new)*(?: passw\p{L}*)?\s*[:?>.]*\s*$|povtorite|podtverdite/iu;
/** Words for a token. */
export const TOKEN = /token|токен/i;
/** Words of a welcome. */
export const WELCOME =
  /welcome|hello|\bhi\b|привет|здравств|добр[оы]|рад[ыа]?(?!\p{L})|успеш|success|logged|authori[sz]ed|granted|вошли|принят|возвращ|выполнен|разреш[её]н|авторизован|accepted|\bok\b|готово|ready|privet|zdravst|dobr[oy]|uspe[sx]h|vos[hc]*li|prinyat/iu;
const ASKS =
  /[?:>]\s*$|представ|себя|predstav|введ|enter|укаж|придум|задай|пришли|напиш|сообщи(?!л)|требуется|назов|choose|give|your|vved|uka[zj]h|pridum|nazov/i;

/** What else is asked for, beside a name and a password, and what is answered. */
const BESIDE: readonly (readonly [RegExp, (name: string) => string])[] = [
  [/(?<!\p{L})e-?mail|(?<!\p{L})почт[аыу]|электронн\p{L}+ адрес/iu, (name) => `${name}@example.com`],
  [/возраст|сколько (?:вам|тебе) лет|\bage\b|how old/iu, () => "20"],
  [/телефон|\bphone/iu, () => "79001234567"],
  [/фамили|отчеств|surname|last ?name|(?<!\p{L})город|\bcity\b/iu, () => "Tester"],
];

/** What a question can be about, and what was asked for before it. */
export type Wanted = "name" | "password" | "both";
export type Asked = ReadonlySet<"name" | "password">;

/** What a message asks for, as far as its words tell. */
export function wantedBy(message: string, asked: Asked): Wanted | undefined {
  if (message.length > MOST_WORDS) return undefined;
  if (asked.size === 0 && BOTH.test(message) && !REFUSED.test(message)) return "both";
  const line = message.trim().split("\n").at(-1) ?? "";
  const isShort = line.length <= SHORT && !REFUSED.test(message) && !WELCOME.test(message);
  if (PASSWORD.test(message) && (ASKS.test(message) || isShort && !asked.has("password"))) return "password";
  if (NAME.test(message) && (ASKS.test(message) || isShort && asked.size === 0)) return "name";
  return !asked.has("name") && line.endsWith("?") ? "name" : undefined;
}

/** The answer to a question for something beside name and password; `undefined` where it is none of those that are known. */
export function besideOf(message: string, name: string): string | undefined {
  const isAsking = ASKS.test(message) || message.trim().length <= SHORT / 2 && !WELCOME.test(message);
  if (!isAsking || message.length > MOST_WORDS || PASSWORD.test(message) || message.includes(name)) return undefined;
  return BESIDE.find(([about]) => about.test(message))?.[1](name);
}

/** Whether a password that was just given is to be given once more, and not for being wrong. */
export function isRepetition(message: string): boolean {
  return message.length <= MOST_WORDS && !NO.test(message) && (REPEATED.test(message) || AGAIN.test(message));
}

/** Whether a password is spoken of. */
export function isOfPassword(message: string): boolean {
  return PASSWORD.test(message);
}

/** Longest question that is no sentence, in characters. */
const SHORT = 40;

/** Both in one answer, told by what stands between the two words, or by a word for that. */
const BOTH = /(?:логин|имя|login|name|im[yij]a)\s*(?:[:;,|/_ ]|и |and |i )\s*(?:парол|passw|parol)/i;

/** What stands between the name and the password where both are asked for in one. */
export function separatorIn(question: string): string {
  if (/двоеточ|colon/i.test(question)) return ":";
  if (/запят|comma/i.test(question)) return ",";
  return /(?:логин|имя|login|name|im[yij]a)\s*([:;,|/_])\s*(?:парол|passw|parol)/i.exec(question)?.[1] ?? " ";
}

/** Longest message whose words are looked at, in characters: a server may send without end. */
export const MOST_WORDS = 4000;

/** A word that stands behind what a token is called, as in "session: 42f7". */
const CALLED =
  /(?:токен|token|cookie|кук[аи]|сесси[ияю]|session|(?<!\p{L})sid|ключ)\p{L}*["']?\s*(?:(?:id|is|это)\s+)*[-:=–—№]?\s*["']?([A-Za-z0-9_.~+/=-]{4,64})(?!\p{L})/giu;

/**
 * What looks like a token: a long word that is neither the name nor the password, without what it is called; or a shorter
 * one with a digit behind what it is called.
 */
export function tokenIn(
  text: string,
  { name, password }: Pick<DialogueOptions, "name" | "password">,
): string | undefined {
  const isOther = (word: string): boolean => !word.includes(name) && !word.includes(password);
  const said = text.slice(0, MOST_WORDS);
  const words = said.replaceAll(/(?:token|cookie|session|sid|id)\w*=/gi, " ").match(/[A-Za-z0-9_.~+/=-]{16,}/g) ?? [];
  const called = Array.from(said.matchAll(CALLED), ([, word = ""]) => word).filter((word) => /\d/.test(word));
  return [...words, ...called].find(isOther);
}

/** A token that nobody was given, of the same kind. */
export function falsified(token: string): string {
  const isDigits = /\d/.test(token);
  return token.replace(isDigits ? /\d/g : /[a-z]/gi, (one) => isDigits ? String((Number(one) + 3) % 10) : "x");
}

/** Whether a greeting welcomes and asks for nothing: an echo may follow at once. */
export function isWelcome(message: string): boolean {
  return message.length <= MOST_WORDS && WELCOME.test(message) && !/[?:]\s*$|^\d{3} /.test(message) &&
    !NAME.test(message) && !PASSWORD.test(message);
}
