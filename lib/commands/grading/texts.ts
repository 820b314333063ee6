import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import type { en } from "./texts_en.ts";

export type GradingKey = keyof typeof en;

export type Translate = TranslateKeys<CommonKey | GradingKey>;

export const GRADING_TEXTS: Texts<GradingKey> = {
  en: async () => (await import("./texts_en.ts")).en,
  ru: async () => (await import("./texts_ru.ts")).ru,
};
