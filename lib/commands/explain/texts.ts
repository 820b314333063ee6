import type { CommonKey, Texts, Translate as TranslateKeys } from "../../cli/texts.ts";
import { CONNECTION_TEXTS, type ConnectionKey } from "../connection/texts.ts";
import { FAULT_TEXTS, type FaultKey } from "../faults/texts.ts";
import type { en } from "./texts_en.ts";

/** Keys of what `explain` says, connections included. */
type ExplainKey = ConnectionKey | FaultKey | keyof typeof en;

export type Translate = TranslateKeys<CommonKey | ExplainKey>;

export const TEXTS: Texts<ExplainKey> = {
  en: async () => ({
    ...await CONNECTION_TEXTS.en(),
    ...await FAULT_TEXTS.en(),
    ...(await import("./texts_en.ts")).en,
  }),
  ru: async () => ({
    ...await CONNECTION_TEXTS.ru(),
    ...await FAULT_TEXTS.ru(),
    ...(await import("./texts_ru.ts")).ru,
  }),
};
