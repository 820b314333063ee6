import type { ClientErrorCode, CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import type { en } from "./texts_en.ts";

/** Keys of what the client says of connections and log-ins; every error of its own has a text. */
export type ConnectionKey = keyof typeof en | `error.${ClientErrorCode}`;

export type Translate = TranslateKeys<CommonKey | ConnectionKey>;

/** What is said of connections and log-ins. */
export const CONNECTION_TEXTS: Texts<ConnectionKey> = {
  en: async () => (await import("./texts_en.ts")).en,
  ru: async () => (await import("./texts_ru.ts")).ru,
};
