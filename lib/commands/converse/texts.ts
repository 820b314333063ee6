import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import { CONNECTION_TEXTS, type ConnectionKey } from "../connection/texts.ts";
import type { en } from "./texts_en.ts";

/** Keys of what conversing says, connections included. */
export type ConverseKey = ConnectionKey | keyof typeof en;

export type Translate = TranslateKeys<CommonKey | ConverseKey>;

export const TEXTS: Texts<ConverseKey> = {
  en: async () => ({ ...await CONNECTION_TEXTS.en(), ...(await import("./texts_en.ts")).en }),
  ru: async () => ({ ...await CONNECTION_TEXTS.ru(), ...(await import("./texts_ru.ts")).ru }),
};
