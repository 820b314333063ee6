/**
 * Which framing bytes could be of: for `--framing auto`, and for a hint where the framing that was given does not fit.
 *
 * @module
 */
import { type Framing, framingFrom } from "../framing/framing.ts";
import { opensTls } from "./tls_records.ts";

/** What {@linkcode guessFraming} goes by. */
export interface GuessOptions {
  /** Largest payload taken for one, in bytes. */
  readonly maxFrame: number;
  /** Whether no more bytes are to be waited for: the other side has understood these, or they have ended. */
  readonly isLast: boolean;
}

/**
 * The framing of the first bytes of a direction; `undefined` where more of them could tell. The bytes have to be whole
 * frames of it: any four bytes are a length.
 *
 * @param bytes From its beginning, as far as they have come.
 *
 * @example
 * ```ts
 * import { guessFraming } from "./sniff.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const name = (text: string): string | undefined =>
 *   guessFraming(new TextEncoder().encode(text), { maxFrame: 1024, isLast: true })?.name;
 * assertEquals(["\0\0\0\x02hi", "0002hi", "2:hi,", "hi\r\n", "hi"].map(name), ["u32", "dec:4", "netstring", "line", "raw"]);
 * ```
 */
export function guessFraming(bytes: Uint8Array, { maxFrame, isLast }: GuessOptions): Framing | undefined {
  const fit = (name: string): Fit => fits(bytes, framingFrom(name), maxFrame);
  const text = isText(bytes);
  const candidates = [
    ...bytes.length < 4 && bytes[0] !== 0 ? [] : ["u32"],
    ...text ? [] : ["u32le"],
    ...digitHeaders(latin1(bytes)),
  ].map((name) => [name, fit(name)] as const);
  const first = candidates.find(([, how]) => how !== "no");
  // A shorter header proves nothing as long as a frame with a longer one may be on its way.
  if (first?.[1] === "begun" && !isLast) return undefined;
  const whole = candidates.find(([, how]) => how === "whole")?.[0] ??
    (text && bytes.at(-1) === LF ? "line" : text ? undefined : UNSURE.find((name) => fit(name) === "whole"));
  if (whole !== undefined) return framingFrom(whole);
  if (!isLast) return undefined;
  return framingFrom(
    candidates.find(([name, how]) => how === "begun" && hasHeader(bytes, framingFrom(name)))?.[0] ?? "raw",
  );
}

const LF = 0x0a;

/** Framings with headers of digits, the widest first: `0002hi` is whole frames of `dec:1`, too. */
function digitHeaders(text: string): string[] {
  const netstring = /^\d{1,9}(?::|$)/.test(text) ? ["netstring"] : [];
  const widths = (base: string, padded: RegExp): string[] => {
    const header = padded.exec(text)?.[0].length ?? 0;
    return Array.from({ length: Math.min(header, WIDEST) }, (_, at) => `${base}:${Math.min(header, WIDEST) - at}`);
  };
  return [...netstring, ...widths("dec", /^[ +]*\d+[ +]*/), ...widths("hex", /^[ +]*[\da-fA-F]{2,}[ +]*/)];
}

/** Widest header of digits that is looked for. */
const WIDEST = 12;

/** Framings that much looks like: taken only where the bytes are whole frames of them. */
const UNSURE: readonly string[] = ["u16", "u16le", "u8"];

/** What bytes are that are no frame: a protocol that begins so, or text. */
export function looksLike(bytes: Uint8Array): string | null {
  if (opensTls(bytes) === true) return "tls";
  const text = latin1(bytes);
  const known = OPENINGS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? (bytes.length > 0 && isText(bytes) ? "text" : null);
}

const OPENINGS: readonly (readonly [RegExp, string])[] = [
  [/^(?:HTTP\/|(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) )/, "http"],
  [/^HTTP$/, "http"],
  [/^SSH-/, "ssh"],
];

type Fit = "whole" | "begun" | "no";

function fits(bytes: Uint8Array, framing: Framing, maxFrame: number): Fit {
  const scanner = framing.scanner(maxFrame);
  const end = scanner.scan(bytes, 0, bytes.length);
  if (scanner.error !== undefined) return "no";
  return end === bytes.length && !scanner.inFrame && scanner.frames > 0 ? "whole" : "begun";
}

/** Whether the first frame's header is there. */
function hasHeader(bytes: Uint8Array, framing: Framing): boolean {
  const scanner = framing.scanner(Infinity);
  return scanner.scan(bytes, 0, bytes.length) > 0;
}

/** Whether all of it is text that people write: UTF-8 without controls other than space. The last character may be cut. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    // deno-lint-ignore no-control-regex
    return !/[\x00-\x08\x0e-\x1f\x7f]/.test(text);
  } catch {
    return false;
  }
}

/** The beginning of bytes, a character a byte. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 16));
}
