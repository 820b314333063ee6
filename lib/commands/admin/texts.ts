import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import type { AdminErrorCode } from "../../cli/texts.ts";
import type { en } from "./texts_en.ts";

/** Keys of what `users`, `hosts`, `sessions` and `cert` say; every error of theirs has a text. */
export type AdminKey = keyof typeof en | `error.${AdminErrorCode}`;

export type Translate = TranslateKeys<CommonKey | AdminKey>;

export const TEXTS: Texts<AdminKey> = {
  en: async () => (await import("./texts_en.ts")).en,
  ru: async () => (await import("./texts_ru.ts")).ru,
};
