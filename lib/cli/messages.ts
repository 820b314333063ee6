/**
 * What the tools say to people, in the language they read.
 *
 * @module
 */
import { ConfigError, type Details, EchoError } from "../base/errors.ts";
import type { MessageKey } from "./messages/en.ts";

/** Languages there is a catalogue for. */
export type Language = "en" | "ru";
/** Says a text with its values filled in. */
export interface Translate {
  (key: MessageKey, values?: Details): string;
  /** Whether there is such a text. */
  readonly has: (key: string) => key is MessageKey;
}

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
 * A function that says texts in `language`. Only the catalogue of that language is loaded.
 *
 * @example
 * ```ts
 * import { translator } from "./messages.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const t = await translator("ru");
 * assertEquals(t("error.timeout.reply", { ms: 500 }), "Нет ответа за 500 мс (--timeout).");
 * ```
 */
export async function translator(language: Language): Promise<Translate> {
  const texts: Readonly<Record<MessageKey, string>> = language === "ru"
    ? (await import("./messages/ru.ts")).ru
    : (await import("./messages/en.ts")).en;
  const say = (key: MessageKey, values: Details = {}): string =>
    texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  return Object.assign(say, { has: (key: string): key is MessageKey => Object.hasOwn(texts, key) });
}

/** What was being done, by `details.action`, where the text depends on it. */
const SITUATIONS: Readonly<Record<string, string>> = {
  "listen on": "listen",
  "connect to": "connect",
  "wait for the greeting of": "greeting",
  "administer": "admin",
  "compare": "compare",
  "combine": "combine",
};

/** One line that tells a person what failed, on what value, and what to do. */
export function explainError(error: unknown, t: Translate): string {
  if (!(error instanceof EchoError)) {
    return t("error.unforeseen", { message: error instanceof Error ? error.message : String(error) });
  }
  const { details } = error;
  const problem = `reason.${details["problem"]}`;
  if (error.code === "bad_config" && t.has(problem)) {
    const { path = "", line = "", column = "", value = "" } = details;
    const hint = details["nearest"] ? t("error.nearest", { nearest: details["nearest"] }) : "";
    return t("error.bad_config", { path, line, column, value, reason: t(problem, details), hint });
  }
  // A file's fault is told where it was found, with line and column; there is no shorter way to say it.
  if (error instanceof ConfigError && !t.has(problem)) return `${error.message}.`;
  const situation = SITUATIONS[String(details["action"])] ?? "reply";
  const key = [`error.${error.code}.${situation}`, `error.${error.code}`].find(t.has);
  if (key === undefined) return `${error.message}.`;
  const nearest = details["nearest"];
  const reason = t.has(problem) ? problem : `reason.${details["reason"]}`;
  return t(key, {
    ...details,
    hint: nearest === undefined ? "" : t("error.nearest", { nearest }),
    ...(t.has(reason) ? { reason: t(reason, details) } : {}),
  });
}
