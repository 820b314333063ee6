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
  readonly letters: "same" | "upper" | "lower";
}

/** Byte for byte. */
export const EXACT: EchoStyle = { prefix: "", suffix: "", letters: "same" };

/**
 * The style of a server that answered `sent` with `reply`; `undefined` when the reply does not contain the message.
 *
 * @example
 * ```ts
 * import { styleOf } from "./echo_style.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(styleOf("Ping", "Echo: Ping\n"), { prefix: "Echo: ", suffix: "\n", letters: "same" });
 * assertEquals(styleOf("Ping", "PING"), { prefix: "", suffix: "", letters: "upper" });
 * ```
 */
export function styleOf(sent: string, reply: string): EchoStyle | undefined {
  for (const letters of ["same", "upper", "lower"] as const) {
    const at = reply.indexOf(inLetters(sent, letters));
    if (at >= 0) return { prefix: reply.slice(0, at), suffix: reply.slice(at + sent.length), letters };
  }
  return undefined;
}

/** Whether two styles are one. */
export function isSameStyle(a: EchoStyle, b: EchoStyle): boolean {
  return a.prefix === b.prefix && a.suffix === b.suffix && a.letters === b.letters;
}

/** Whether a reply is what a server of that style makes of a message. ASCII's capitals alone are capitals, too. */
export function isEchoOf(sent: Uint8Array, reply: Uint8Array, style: EchoStyle): boolean {
  if (style === EXACT) return sent.length === reply.length && sent.every((byte, at) => byte === reply[at]);
  const [text, message] = [textOf(reply), textOf(sent)];
  const { prefix, suffix, letters } = style;
  const ascii = message.replace(/[a-z]/gi, (letter) => inLetters(letter, letters));
  return [inLetters(message, letters), ascii].some((body) => text === prefix + body + suffix);
}

/** Length of what a server of that style makes of a message, in bytes. */
export function echoLength(sent: Uint8Array, { prefix, suffix }: EchoStyle): number {
  return new TextEncoder().encode(prefix + suffix).length + sent.length;
}

function inLetters(text: string, letters: EchoStyle["letters"]): string {
  return letters === "upper" ? text.toUpperCase() : letters === "lower" ? text.toLowerCase() : text;
}
