import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import type { en } from "./texts_en.ts";

export type FaultKey = keyof typeof en;

export type Translate = TranslateKeys<CommonKey | FaultKey>;

export const FAULT_TEXTS: Texts<FaultKey> = {
  en: async () => (await import("./texts_en.ts")).en,
  ru: async () => (await import("./texts_ru.ts")).ru,
};
