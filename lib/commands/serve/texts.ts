import type { Texts } from "../../cli/texts.ts";
import type { en } from "./texts_en.ts";

/** Keys of what `echo-server` says. */
export type ServeKey = keyof typeof en;

/** What `echo-server` says. */
export const TEXTS: Texts<ServeKey> = {
  en: async () => (await import("./texts_en.ts")).en,
  ru: async () => (await import("./texts_ru.ts")).ru,
};
