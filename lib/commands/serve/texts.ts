import type { Texts } from "../../cli/texts.ts";
import { FAULT_TEXTS, type FaultKey } from "../faults/texts.ts";
import type { en } from "./texts_en.ts";

/** Keys of what `echo-server` says. */
export type ServeKey = FaultKey | keyof typeof en;

/** What `echo-server` says. */
export const TEXTS: Texts<ServeKey> = {
  en: async () => ({ ...await FAULT_TEXTS.en(), ...(await import("./texts_en.ts")).en }),
  ru: async () => ({ ...await FAULT_TEXTS.ru(), ...(await import("./texts_ru.ts")).ru }),
};
