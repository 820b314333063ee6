/**
 * A page of its own: it needs nothing from elsewhere, and forbids it. Its content security policy allows the one style sheet
 * in it, by its hash, and nothing beside, but for the script of a page that a server brings up to date.
 *
 * @module
 */
import { escapeHtml } from "../base/html.ts";
import type { Language } from "./texts.ts";

interface PageParts {
  readonly language: Language;
  /** As text. */
  readonly title: string;
  readonly style: string;
  /** As HTML. */
  readonly body: string;
  /** Address of a script on the same server, which may ask that server for more. */
  readonly script?: string;
}

/** All of what a page tells, for programs. */
export function detailsJson(value: unknown): string {
  return `<details><summary>JSON</summary><pre>${escapeHtml(JSON.stringify(value, null, 1))}</pre></details>`;
}

/** Text as HTML, in which no line ends inside a number or the name of an option. */
export function wholeWordsHtml(text: string): string {
  return escapeHtml(text.replaceAll(/(?<=\d) (?=\d{3})/g, "\u00a0"))
    .replaceAll(/--[a-z][a-z0-9-]*/g, '<span class="whole">$&</span>');
}

export async function pageOf({ language, title, style: own, body, script }: PageParts): Promise<string> {
  const style = `${own}.whole { white-space: nowrap }\n`;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  const live = script === undefined ? "" : "; script-src 'self'; connect-src 'self'";
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash.toBase64()}'${live}">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<main>
${body}
</main>${script === undefined ? "" : `\n<script src="${escapeHtml(script)}"></script>`}
</html>
`;
}
