/**
 * What replies say to people, in English and Russian. A text of a refusal asks for what comes next, as there is one
 * reply to each message. Braces hold details by name.
 *
 * @module
 */
import type { Details } from "../base/errors.ts";

/** A language of {@linkcode replyText}. */
export type ReplyLanguage = "en" | "ru";

const EN = {
  ask_name: "What is your name?",
  welcome: "Welcome, {name}.",
  welcome_back: "Welcome back, {name}.",
  ask_password: "Password?",
  choose_password: "New here: choose a password.",
  login_incorrect: "Log-in incorrect. What is your name?",
  token_invalid: "Session token invalid or expired. What is your name?",
  logged_out: "Session ended. What is your name?",
  insecure: "Refused on an unencrypted connection. What is your name?",
  not_understood: "Not understood. What is your name?",
  cancelled: "Cancelled. What is your name?",
  bad_mechanism: "Use AUTH SCRAM-SHA-256 or AUTH TOKEN. What is your name?",
  bad_sasl: "That is no SCRAM-SHA-256 message this server can use. What is your name?",
  bad_token: "LOGOUT takes a session token. What is your name?",
  bad_register: "REGISTER takes a name in base64 and a verifier. What is your name?",
  bad_verifier:
    "Cannot use that verifier: it needs {iterations} iterations and {salt} bytes of salt. What is your name?",
  registration_closed: "Registration is closed. What is your name?",
  invitation_needed: "Registration needs an invitation. What is your name?",
  invitation_invalid: "Invitation invalid, used or expired. What is your name?",
  registration_limited: "Too many new users: try again later. What is your name?",
  taken: "That name is taken. What is your name?",
  name_empty: "A name has at least one character. What is your name?",
  name_too_long: "A name has at most {max} characters. What is your name?",
  name_bad_space: "Spaces may stand between words only, one at a time. What is your name?",
  name_bad_character:
    "A name may have letters, digits, dots, underscores, hyphens and single spaces. What is your name?",
  name_reserved: "That word is a command. What is your name?",
  password_too_short: "A password needs at least {min} characters. What is your name?",
  password_too_long: "A password has at most {max} bytes. What is your name?",
  password_not_text: "A password has to be text. What is your name?",
  too_many_attempts: "Too many failed log-ins, closing.",
  too_many_mistakes: "Too many messages without a log-in, closing.",
  busy: "Too many log-ins at once, closing: try again later.",
  storage: "Cannot read or store users now, closing: try again later.",
  too_many_connections: "Too many connections, closing: try again later.",
  dialogue_timeout: "Time for logging in is over, closing.",
  shutdown: "The server is going down, closing.",
  frame_too_large: "Message over the limit of {max} bytes, closing.",
} as const;

/** A text of the catalogue. */
export type ReplyTextKey = keyof typeof EN;

const RU: Readonly<Record<ReplyTextKey, string>> = {
  ask_name: "Как вас зовут?",
  welcome: "Добро пожаловать, {name}.",
  welcome_back: "С возвращением, {name}.",
  ask_password: "Пароль?",
  choose_password: "Вы здесь впервые: придумайте пароль.",
  login_incorrect: "Неверное имя или пароль. Как вас зовут?",
  token_invalid: "Токен сессии недействителен или истёк. Как вас зовут?",
  logged_out: "Сессия завершена. Как вас зовут?",
  insecure: "На незашифрованном соединении это запрещено. Как вас зовут?",
  not_understood: "Непонятное сообщение. Как вас зовут?",
  cancelled: "Отменено. Как вас зовут?",
  bad_mechanism: "Используйте AUTH SCRAM-SHA-256 или AUTH TOKEN. Как вас зовут?",
  bad_sasl: "Это не сообщение SCRAM-SHA-256, которое сервер может принять. Как вас зовут?",
  bad_token: "Команде LOGOUT нужен токен сессии. Как вас зовут?",
  bad_register: "Команде REGISTER нужны имя в base64 и верификатор. Как вас зовут?",
  bad_verifier: "Верификатор не подходит: нужно {iterations} итераций и {salt} байт соли. Как вас зовут?",
  registration_closed: "Регистрация закрыта. Как вас зовут?",
  invitation_needed: "Для регистрации нужно приглашение. Как вас зовут?",
  invitation_invalid: "Приглашение неверно, использовано или истекло. Как вас зовут?",
  registration_limited: "Слишком много новых пользователей: повторите позже. Как вас зовут?",
  taken: "Это имя занято. Как вас зовут?",
  name_empty: "В имени должен быть хотя бы один символ. Как вас зовут?",
  name_too_long: "В имени может быть не больше {max} символов. Как вас зовут?",
  name_bad_space: "Пробелы допустимы только между словами, по одному. Как вас зовут?",
  name_bad_character:
    "В имени допустимы буквы, цифры, точки, подчёркивания, дефисы и одиночные пробелы. Как вас зовут?",
  name_reserved: "Это слово — команда. Как вас зовут?",
  password_too_short: "Пароль должен быть не короче {min} символов. Как вас зовут?",
  password_too_long: "Пароль должен быть не длиннее {max} байт. Как вас зовут?",
  password_not_text: "Пароль должен быть текстом. Как вас зовут?",
  too_many_attempts: "Слишком много неудачных попыток входа, соединение закрывается.",
  too_many_mistakes: "Слишком много сообщений без входа, соединение закрывается.",
  busy: "Слишком много одновременных входов, соединение закрывается: попробуйте позже.",
  storage: "Сейчас нельзя прочитать или сохранить пользователей, соединение закрывается: попробуйте позже.",
  too_many_connections: "Слишком много соединений, это закрывается: попробуйте позже.",
  dialogue_timeout: "Время на вход истекло, соединение закрывается.",
  shutdown: "Сервер останавливается, соединение закрывается.",
  frame_too_large: "Сообщение больше предела в {max} байт, соединение закрывается.",
};

/** All texts, by language; a test compares the two. */
export const REPLY_TEXTS: Readonly<Record<ReplyLanguage, Readonly<Record<ReplyTextKey, string>>>> = { en: EN, ru: RU };

/**
 * The text of that key, with its details.
 *
 * @example
 * ```ts
 * import { replyText } from "./reply_texts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(replyText("welcome", "en", { name: "Anna" }), "Welcome, Anna.");
 * assertEquals(replyText("welcome_back", "ru", { name: "Анна" }), "С возвращением, Анна.");
 * ```
 */
export function replyText(key: ReplyTextKey, language: ReplyLanguage, details: Details = {}): string {
  return REPLY_TEXTS[language][key].replace(/\{(\w+)\}/g, (hole, name: string) => `${details[name] ?? hole}`);
}
