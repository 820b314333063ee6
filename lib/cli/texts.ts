/**
 * What the tools say to people, in the language they read.
 *
 * A catalogue is an object of texts, in which `{name}` stands for a value, and `{name|byte|bytes}` for the form of a noun
 * that goes with it. Each command has its own, in English and in
 * Russian; what all of them say is in `texts/`.
 *
 * @module
 */
import { ConfigError, type Details, EchoError, type ErrorCode } from "../base/errors.ts";
import type { en } from "./texts/en.ts";

/** Languages there is a catalogue for. */
export type Language = "en" | "ru";

/** Keys of the texts that both tools have; every error that any command may meet has one, that of faults in their kit. */
export type CommonKey =
  | keyof typeof en
  | `error.${Exclude<ErrorCode, ClientErrorCode | AdminErrorCode | "fault_usage">}`;

/** Errors that only the client meets; their texts are those of `commands/connection`. */
export type ClientErrorCode = Extract<
  Exclude<ErrorCode, "tls_usage">,
  | `tls_${string}`
  | "login_incorrect"
  | "insecure_connection"
  | "token_invalid"
  | "too_many_attempts"
  | "busy"
  | "name_taken"
  | "not_invited"
  | "server_unproven"
  | "not_logged_in"
  | "no_name"
  | "greeted"
  | "bad_message"
  | "bad_sasl"
  | "bad_server_signature"
  | "downgrade"
  | "bad_reply"
  | "echo_mismatch"
  | "bad_capture"
>;

/** Errors of `users`, `hosts` and `sessions`; their texts are those of `commands/admin`. */
export type AdminErrorCode = Extract<
  ErrorCode,
  "user_taken" | "no_such_user" | "no_such_host" | "no_such_session" | "needs_yes" | "bad_import"
>;

/** Says a text with its values filled in. */
export interface Translate<Key extends string = CommonKey> {
  (key: Key, values?: Details): string;
  /** A text that not every value has. */
  readonly find: (key: string, values?: Details) => string | undefined;
  readonly language: Language;
}

/** A catalogue in each language, loaded when it is wanted. */
export type Texts<Key extends string = string> = Readonly<
  Record<Language, () => Promise<Readonly<Record<Key, string>>>>
>;

/** The texts of both tools. */
export const COMMON_TEXTS: Texts<CommonKey> = {
  en: async () => (await import("./texts/en.ts")).en,
  ru: async () => (await import("./texts/ru.ts")).ru,
};

/**
 * The language to speak: what was asked for, else what the locale variables say, else English.
 *
 * @param environment Looks an environment variable up. The order is POSIX's (XBD, section 8.2).
 */
export function languageFrom(asked: string | undefined, environment: (name: string) => string | undefined): Language {
  const locale = asked || environment("LC_ALL") || environment("LC_MESSAGES") || environment("LANG") || "";
  return /^ru(?:[_.@-]|$)/i.test(locale) ? "ru" : "en";
}

/**
 * A function that says texts in `language`, those of both tools and those of `more`, which win.
 *
 * @example
 * ```ts
 * import { translator } from "./texts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const t = await translator("ru");
 * assertEquals(t("error.timeout.reply", { ms: 500 }), "Нет ответа за 500 мс (--timeout).");
 * ```
 */
export async function translator<Key extends string = never>(
  language: Language,
  more?: Texts<Key>,
): Promise<Translate<CommonKey | Key>> {
  const texts: Readonly<Record<string, string>> = { ...await COMMON_TEXTS[language](), ...await more?.[language]() };
  let rules: Intl.PluralRules | undefined;
  /** The form that a number takes: of two in English, of three in Russian, where a fraction takes the second. */
  const formOf = (value: Details[string], forms: readonly string[]): string => {
    rules ??= new Intl.PluralRules(language);
    const form = rules.select(Number(String(value).replace(/\s/g, "").replace(",", ".")));
    return forms[["one", "few", "many"].indexOf(form)] ?? forms[1] ?? "";
  };
  const find = (key: string, values: Details = {}): string | undefined =>
    texts[key]?.replace(
      /\{(\w+)(?:\|([^}]+))?\}/g,
      (whole, name: string, forms?: string) =>
        values[name] === undefined
          ? whole
          : forms === undefined
          ? String(values[name])
          : formOf(values[name], forms.split("|")),
    );
  const say = (key: CommonKey | Key, values?: Details): string => find(key, values) ?? key;
  return Object.assign(say, { find, language });
}

/** What was being done, by `details.action`, where the text depends on it. */
const SITUATIONS: Readonly<Record<string, string>> = {
  "listen on": "listen",
  "listen strictly on": "strict",
  "connect to": "connect",
  "go on connecting to": "connecting",
  "connect from": "source",
  "wait for the greeting of": "greeting",
  "wait for": "nobody",
  "send line": "line",
  "keep": "lost",
  "combine": "combine",
  "call": "call",
};

/** One line that tells a person what failed, on what value, and what to do. */
export function explainError(error: unknown, t: Translate): string {
  if (!(error instanceof EchoError)) {
    return t("error.unforeseen", { message: error instanceof Error ? error.message : String(error) });
  }
  const { details } = error;
  const nearest = details["nearest"];
  const hint = nearest ? t("error.nearest", { nearest }) : "";
  const reason = t.find(`reason.${details["problem"]}`, details) ?? t.find(`reason.${details["reason"]}`, details);
  // A file's fault is told where it was found, with line and column; there is no shorter way to say it.
  if (error instanceof ConfigError && t.find(`reason.${details["problem"]}`) === undefined) return `${error.message}.`;
  const isSocket = String(details["address"]).startsWith("unix:");
  const situation = isSocket && details["action"] === "listen on"
    ? "socket"
    : SITUATIONS[String(details["action"])] ?? "reply";
  const values = { ...shortened(details), hint, ...(reason === undefined ? {} : { reason }) };
  const key = [
    ...isSocket ? [`error.${error.code}.unix`] : [],
    `error.${error.code}.${situation}`,
    `error.${error.code}`,
  ].find((key) => isComplete(t.find(key), values));
  const text = key === undefined ? `${error.message}.` : t.find(key, values) ?? "";
  return [text, ...impression(details, t)].join(" ");
}

/** The details with long texts cut: whoever gave a value of 100,000 characters knows it. */
function shortened(details: Details): Details {
  const cut = (value: Details[string]): Details[string] =>
    typeof value === "string" && value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, cut(value)]));
}

/** Longest value of an error that is told whole, in UTF-16 code units. */
const LONGEST_VALUE = 1000;

/** Whether there is a value for each place of a text; whoever prints an error fills `{tool}` in. */
function isComplete(text: string | undefined, values: Details): boolean {
  const places = text?.matchAll(/\{(\w+)/g).map(([, name = ""]) => name);
  return places?.every((name) => name === "tool" || values[name] !== undefined) ?? false;
}

/** What the peer seems to speak, where an error has come with that. */
function impression({ speaks, fits, pending }: Details, t: Translate): string[] {
  // A framing cannot be at fault before anything was sent.
  if (speaks === "nothing" && pending === 0) return [t("peer.nothing_sent")];
  const told = speaks === undefined ? [] : [t.find(`peer.${speaks}`) ?? t("peer.speaks", { speaks })];
  return fits === undefined ? told : [...told, t("peer.fits", { fits })];
}
