/**
 * Messages in a form that no framing has, told from what stands around the text that was typed.
 *
 * @module
 */

/** Behind a text: what a JSON document or a quotation ends with, the end of a sentence, a blank or a few. */
const NO_MARK = /^(?:$|[}\])"'»]|[.!?]$|\s{1,15}$)/;

/** What separates a length of no fixed width from what it measures. */
const SEPARATOR = /(\d+)([^\p{L}\p{N}]{1,4})/gu;

/**
 * Whether the length of what follows stands in a text, in digits with a line end or another mark behind them. It may count
 * bytes or characters.
 *
 * @example
 * ```ts
 * import { hasOwnLength } from "./own_form.ts";
 * import { assert } from "@std/assert";
 *
 * assert(hasOwnLength("Content-Length: 12\r\n\r\nпривет"));
 * assert(hasOwnLength("5|hello"));
 * assert(!hasOwnLength("12:30 hello"));
 * ```
 */
export function hasOwnLength(text: string): boolean {
  return Array.from(text.matchAll(SEPARATOR)).some((
    { index, 0: { length }, 1: digits = "", 2: { length: most } = "" },
  ) =>
    Array.from({ length: most }, (_, more) => text.slice(index + length - more))
      .some((rest) => [rest.length, new TextEncoder().encode(rest).length].includes(Number(digits)))
  );
}

/**
 * Whether something stands behind the text that was typed as if it marked the end of a message, or filled it up.
 *
 * @example
 * ```ts
 * import { hasEndMark } from "./own_form.ts";
 * import { assert } from "@std/assert";
 *
 * assert(hasEndMark("hello<END>", "hello"));
 * assert(!hasEndMark('{"text": "hello"}', "hello"));
 * ```
 */
export function hasEndMark(text: string, typed: string): boolean {
  const at = text.indexOf(typed);
  return at >= 0 && !NO_MARK.test(text.slice(at + typed.length));
}
