/**
 * Text in a page.
 *
 * @module
 */

/**
 * Text as it stands in HTML, between tags and in quoted attributes.
 *
 * @example
 * ```ts
 * import { escapeHtml } from "./html.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapeHtml(`<a b="c">`), "&#60;a b=&#34;c&#34;&#62;");
 * ```
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
