import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import { GRADING_TEXTS, type GradingKey } from "../grading/texts.ts";
import type { en } from "./texts_en.ts";

type CheckClientKey = GradingKey | keyof typeof en;

export type Translate = TranslateKeys<CommonKey | CheckClientKey>;

/** What the grader says. */
export const TEXTS: Texts<CheckClientKey> = {
  en: async () => ({ ...await GRADING_TEXTS.en(), ...(await import("./texts_en.ts")).en }),
  ru: async () => ({ ...await GRADING_TEXTS.ru(), ...(await import("./texts_ru.ts")).ru }),
};
