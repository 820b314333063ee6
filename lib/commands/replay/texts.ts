import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import { CONNECTION_TEXTS, type ConnectionKey } from "../connection/texts.ts";
import type { en } from "./texts_en.ts";

export type ReplayKey = ConnectionKey | keyof typeof en;

export type Translate = TranslateKeys<CommonKey | ReplayKey>;

export const TEXTS: Texts<ReplayKey> = {
  en: async () => ({ ...await CONNECTION_TEXTS.en(), ...(await import("./texts_en.ts")).en }),
  ru: async () => ({ ...await CONNECTION_TEXTS.ru(), ...(await import("./texts_ru.ts")).ru }),
};
