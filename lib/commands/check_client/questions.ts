/**
 * What clients ask the person at their keyboard.
 *
 * @module
 */

/** Who the grader is. */
export const NAME = "Checker";
const PASSWORD = "Checker12345";

/** Questions before a connection, each with its answer; one that names host and port is for the first. */
const QUESTIONS: readonly (readonly [RegExp, string | undefined])[] = [
  // Both in one line.
  [/(?:host|address|\bip|хост|адрес)\p{L}*\s*:\s*(?:port|порт)(?!\p{L})(?:[^:]|:\d)*:?\s*$/iu, "{host}:{port}"],
  // Both in what Enter stands for.
  [/(?:host|address|\bip|хост|адрес|server|сервер)[^\n]*[[(][^\])\n]*:\d{2,5}\s*[\])]\s*[:?>]?\s*$/iu, "{host}:{port}"],
  [
    /(?:host|address|\bip|хост|адрес|сервера)\p{L}*(?:\s*,\s*|\s+(?:и|and|&)\s+|\s+)(?:port|порт)(?!\p{L})/iu,
    "{host} {port}",
  ],
  [/host|address|\bip\b|хост|адрес|узел|узла/i, "{host}"],
  [/port|порт/i, "{port}"],
  // What is to be sent is no answer, though it is for a server.
  [/сообщ|текст|message|\btext\b|отправ|\bsend\b/i, undefined],
  [/server|сервер/i, "{host}"],
  [/парол|passw|pwd|parol/i, PASSWORD],
  [/(?<!\p{L})(?:имя|ник)|зовут|логин|\bname\b|login|user|nick|im[yij]a/iu, NAME],
];

/**
 * The answer to a question that a client asks before it connects; `undefined` where none is known.
 *
 * @example
 * ```ts
 * import { answerTo } from "./questions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(answerTo("Сервер [localhost]: "), "{host}");
 * assertEquals(answerTo("Порт сервера [9090]: "), "{port}");
 * assertEquals(answerTo("Адрес и порт через пробел: "), "{host} {port}");
 * assertEquals(answerTo("Сервер (host:port): "), "{host}:{port}");
 * assertEquals(answerTo("Адрес сервера [localhost:9090]: "), "{host}:{port}");
 * assertEquals(answerTo("Ваше имя: "), "Checker");
 * assertEquals(answerTo("Сообщение серверу: "), undefined);
 * ```
 */
export function answerTo(question: string): string | undefined {
  const line = question.trimEnd().split("\n").at(-1) ?? "";
  const known = (text: string): (typeof QUESTIONS)[number] | undefined => QUESTIONS.find(([about]) => about.test(text));
  return (known(line) ?? known(question))?.[1];
}

/** A question for a name or a password, among others. */
const WHO = /(?<!\p{L})(?:имя|ник|логин|парол|name|login|user|nick|passw|pwd)\p{L}*[^:?>\n]{0,30}[:?>]/giu;

/**
 * The answers to all questions of an output for who the client is.
 *
 * @example
 * ```ts
 * import { answersIn } from "./questions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(answersIn("Логин: Пароль: "), ["Checker", "Checker12345"]);
 * assertEquals(answersIn("> "), []);
 * ```
 */
export function answersIn(output: string): string[] {
  return Array.from(output.slice(-LAST).matchAll(WHO), ([question]) => answerTo(question) ?? NAME);
}

/** A question with two answers, the first of which is yes. */
const YES_OR_NO = /(да|yes|y|д)\s*[/|,]\s*(?:нет|no|n|н)(?!\p{L})/iu;

/** Longest end of an output that is looked at, in characters. */
const LAST = 200;

/**
 * What to answer where a client asks, behind what else it has printed, whether there is another message.
 *
 * @example
 * ```ts
 * import { yesTo } from "./questions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(yesTo("Ответ: привет\nЕщё? (да/нет) "), "да");
 * assertEquals(yesTo("reply: hello\nSend another message? "), "y");
 * assertEquals(yesTo("Ответ: привет\nСообщение: "), undefined);
 * ```
 */
export function yesTo(output: string): string | undefined {
  const line = output.slice(-LAST).trimEnd().split("\n").at(-1) ?? "";
  const [, yes] = YES_OR_NO.exec(line) ?? [];
  if (yes !== undefined) return yes;
  if (/(?:ещ[её]|продолж\p{L}*)[^?]*\?/iu.test(line)) return "да";
  return /(?:again|another|continue|more)\b[^?]*\?/i.test(line) ? "y" : undefined;
}

/**
 * The number of a menu that stands for sending a message; `undefined` where there is none.
 *
 * @example
 * ```ts
 * import { choiceToSend } from "./questions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(choiceToSend("1 - отправить сообщение, 2 - выход: "), "1");
 * assertEquals(choiceToSend("0. Quit\n1. Send a message\n> "), "1");
 * assertEquals(choiceToSend("Сообщение: "), undefined);
 * ```
 */
export function choiceToSend(output: string): string | undefined {
  const sends = /(?<!\d)(\d)[\s.)\]:=–—-]+(?:отправ|послать|написа|ввести|сообщ|эхо|send|message|write|echo)/iu;
  return sends.exec(output.slice(-LAST))?.[1];
}
