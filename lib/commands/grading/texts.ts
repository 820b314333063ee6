import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import type { en } from "./texts_en.ts";

/** Keys of what both graders say. */
export type GradingKey = keyof typeof en;

/** Says them. */
export type Translate = TranslateKeys<CommonKey | GradingKey>;

/** What both graders say. */
export const GRADING_TEXTS: Texts<GradingKey> = {
  en: async () => (await import("./texts_en.ts")).en,
  ru: async () => (await import("./texts_ru.ts")).ru,
};
