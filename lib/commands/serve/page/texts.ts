import { type Language, type Texts, type Translate as TranslateKeys, translator } from "../../../cli/texts.ts";
import type { en } from "./texts_en.ts";

/** Keys of what the screen says. */
type PageKey = keyof typeof en;

/** Says a text of the screen, or one that both tools have. */
export type Translate = TranslateKeys<PageKey>;

/** What the screen says. */
const TEXTS: Texts<PageKey> = {
  en: async () => (await import("./texts_en.ts")).en,
  ru: async () => (await import("./texts_ru.ts")).ru,
};

export async function pageTexts(language: Language): Promise<Translate> {
  return await translator(language, TEXTS);
}
