/**
 * A page of its own: it needs no script and nothing from elsewhere, and forbids both. Its content security policy allows the
 * one style sheet in it, by its hash, and nothing beside.
 *
 * @module
 */
import { escapeHtml } from "../base/html.ts";
import type { Language } from "./texts.ts";

/** What a page is made of. */
export interface PageParts {
  readonly language: Language;
  /** As text. */
  readonly title: string;
  readonly style: string;
  /** As HTML. */
  readonly body: string;
}

/** The page. */
export async function pageOf({ language, title, style, body }: PageParts): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash.toBase64()}'">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<main>
${body}
</main>
</html>
`;
}
