import type { Texts } from "../../cli/texts.ts";
import { CONNECTION_TEXTS, type ConnectionKey } from "../connection/texts.ts";
import type { en } from "./texts_en.ts";

export type WaitKey = ConnectionKey | keyof typeof en;

export const TEXTS: Texts<WaitKey> = {
  en: async () => ({ ...await CONNECTION_TEXTS.en(), ...(await import("./texts_en.ts")).en }),
  ru: async () => ({ ...await CONNECTION_TEXTS.ru(), ...(await import("./texts_ru.ts")).ru }),
};
