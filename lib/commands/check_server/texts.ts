import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import { CONNECTION_TEXTS, type ConnectionKey } from "../connection/texts.ts";
import { GRADING_TEXTS, type GradingKey } from "../grading/texts.ts";
import type { en } from "./texts_en.ts";

type CheckServerKey = ConnectionKey | GradingKey | keyof typeof en;

export type Translate = TranslateKeys<CommonKey | CheckServerKey>;

/** What the grader says. */
export const TEXTS: Texts<CheckServerKey> = {
  en: async () => ({
    ...await CONNECTION_TEXTS.en(),
    ...await GRADING_TEXTS.en(),
    ...(await import("./texts_en.ts")).en,
  }),
  ru: async () => ({
    ...await CONNECTION_TEXTS.ru(),
    ...await GRADING_TEXTS.ru(),
    ...(await import("./texts_ru.ts")).ru,
  }),
};
