/**
 * How a server echoes: byte for byte, or with something constant added, or in capitals.
 *
 * @module
 */
import { textOf } from "./bytes.ts";

/** What a server makes of a message. */
export interface EchoStyle {
  readonly prefix: string;
  readonly suffix: string;
  /** `changed`: in a way that is not understood; any answer counts then. */
  readonly letters: "same" | "upper" | "lower" | "changed";
  /** What stands for a blank. */
  readonly blank: string;
}

/** Byte for byte. */
export const EXACT: EchoStyle = { prefix: "", suffix: "", letters: "same", blank: " " };

/** Another text for each message, made of its characters. */
export const CHANGED: EchoStyle = { ...EXACT, letters: "changed" };

/** Characters at most that stand for a blank. */
const MOST_FOR_BLANK = 8;

/** Share of a message's characters that its changed echo has at least. */
const ALIKE = 0.6;

/**
 * The style of a server that answered `sent` with `reply`; `undefined` when the reply does not contain the message.
 *
 * @example
 * ```ts
 * import { styleOf } from "./echo_style.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(styleOf("Ping 1", "Echo: Ping 1\n"), { prefix: "Echo: ", suffix: "\n", letters: "same", blank: " " });
 * assertEquals(styleOf("Ping 1", "PING_1"), { prefix: "", suffix: "", letters: "upper", blank: "_" });
 * ```
 */
export function styleOf(sent: string, reply: string): EchoStyle | undefined {
  for (const letters of ["same", "upper", "lower"] as const) {
    const [first = "", ...others] = inLetters(sent, letters).split(" ");
    const at = reply.indexOf(first);
    if (at < 0) continue;
    let [end, blank]: [number, string | undefined] = [at + first.length, undefined];
    for (const word of others) {
      const next = reply.indexOf(word, end);
      if (next < 0 || next > end + MOST_FOR_BLANK || (blank ?? reply.slice(end, next)) !== reply.slice(end, next)) {
        end = -1;
      }
      if (end < 0) break;
      blank = reply.slice(end, next);
      end = next + word.length;
    }
    if (end >= 0) return { prefix: reply.slice(0, at), suffix: reply.slice(end), letters, blank: blank ?? " " };
  }
  return undefined;
}

/** Whether a reply that does not contain a message is made of its characters: reversed, without vowels, other capitals. */
export function isMadeOf(sent: string, reply: string): boolean {
  const letters = new Set(sent.toLowerCase());
  const found = [...letters].filter((letter) => reply.toLowerCase().includes(letter)).length;
  return found >= ALIKE * letters.size && reply.length <= 4 * sent.length + 40;
}

/**
 * What a reply was packed into: an object or a list of JSON, or a pickle of Python, which begins with 0x80 and its version
 * (no text in UTF-8) and ends with a full stop.
 */
export function packedAs(reply: string): "JSON" | "pickle" | undefined {
  const version = reply.charCodeAt(1);
  if (reply.startsWith("\ufffd") && version >= 2 && version <= 5 && reply.endsWith(".")) return "pickle";
  if (!/^\s*[[{]/.test(reply)) return undefined;
  try {
    JSON.parse(reply);
    return "JSON";
  } catch {
    return undefined;
  }
}

/** Whether two styles are one. */
export function isSameStyle(a: EchoStyle, b: EchoStyle): boolean {
  return isAlike(a.prefix, b.prefix) && isAlike(a.suffix, b.suffix) && a.letters === b.letters && a.blank === b.blank;
}

/** Whether two texts differ in numbers at most: the time of day, a count of messages. */
function isAlike(a: string, b: string): boolean {
  return a === b || a.replace(/\d+/g, "0") === b.replace(/\d+/g, "0");
}

/** Whether a reply is what a server of that style makes of a message. ASCII's capitals alone are capitals, too. */
export function isEchoOf(sent: Uint8Array, reply: Uint8Array, style: EchoStyle): boolean {
  if (style === EXACT) return sent.length === reply.length && sent.every((byte, at) => byte === reply[at]);
  if (style === CHANGED) return reply.length > 0;
  const [text, message] = [textOf(reply), textOf(sent)];
  const { prefix, suffix, letters, blank } = style;
  const ascii = message.replace(/[a-z]/gi, (letter) => inLetters(letter, letters));
  return [inLetters(message, letters), ascii].some((body) => {
    const echo = body.replaceAll(" ", blank);
    const at = text.lastIndexOf(echo, text.length - suffix.length);
    return at >= 0 && isAlike(text.slice(0, at), prefix) && isAlike(text.slice(at + echo.length), suffix);
  });
}

/** Length of what a server of that style makes of a message, in bytes; at least. */
export function echoLength(sent: Uint8Array, style: EchoStyle): number {
  if (style === CHANGED) return 1;
  const blanks = sent.reduce((count, byte) => byte === 0x20 ? count + 1 : count, 0);
  const { length } = new TextEncoder().encode(style.prefix + style.suffix);
  return length + sent.length + blanks * (new TextEncoder().encode(style.blank).length - 1);
}

function inLetters(text: string, letters: EchoStyle["letters"]): string {
  return letters === "upper" ? text.toUpperCase() : letters === "lower" ? text.toLowerCase() : text;
}
