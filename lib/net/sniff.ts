/**
 * What a peer speaks, told from its first bytes: which framing they are of, or which other protocol; for
 * `--framing auto`, for greetings of a server under test, and for hints where the framing that was given does not fit.
 * The graders' `detect.ts` have orders of their own: one asks a server, the other knows what a client should have sent.
 *
 * @module
 */
import { EchoError } from "../base/errors.ts";
import { tryDecodeUtf8 } from "../base/text.ts";
import { firstFrame } from "../framing/first_frame.ts";
import { type Framing, framingFrom } from "../framing/framing.ts";
import { MAX_TEXT_WIDTH } from "../framing/length_header.ts";
import { opensTls } from "./tls_records.ts";

/** What {@linkcode guessFraming} goes by. */
export interface GuessOptions {
  /** Largest payload taken for one, in bytes. */
  readonly maxFrame: number;
  /** Whether no more bytes are to be waited for: the other side has understood these, or they have ended. */
  readonly isLast: boolean;
  /** Whether a payload can be the first message, where something is known of it. */
  readonly accepts?: (payload: Uint8Array) => boolean;
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
export function guessFraming(bytes: Uint8Array, options: GuessOptions): Framing | undefined {
  const { maxFrame, isLast } = options;
  const sure = candidateFramings(bytes).filter(({ name }) => !UNSURE.includes(name));
  const begun = sure.find((framing) => fits(bytes, framing, maxFrame) !== "no");
  // A shorter header proves nothing as long as a frame with a longer one may be on its way.
  if (!isLast && begun !== undefined && fits(bytes, begun, maxFrame) === "begun") return undefined;
  const headed = headedFraming(bytes, options);
  if (headed !== undefined) return headed;
  if (isText(bytes) && bytes.at(-1) === LF) return framingFrom("line");
  if (!isLast) return undefined;
  return sure.find((framing) => hasHeader(bytes, framing) && fits(bytes, framing, maxFrame) === "begun") ??
    framingFrom("raw");
}

/** The framing with a length of which the bytes are whole frames; `undefined` where they are of none. */
export function headedFraming(
  bytes: Uint8Array,
  { maxFrame, accepts }: Omit<GuessOptions, "isLast">,
): Framing | undefined {
  // Short binary headers are in much: text alone is not taken for their frames.
  const isDoubtful = accepts === undefined && isText(bytes);
  return candidateFramings(bytes).find((framing) => {
    if (fits(bytes, framing, maxFrame) !== "whole") return false;
    if (accepts === undefined) return !(isDoubtful && UNSURE.includes(framing.name));
    const first = firstFrame(framing, bytes, maxFrame);
    return first.type === "frame" && accepts(first.payload);
  });
}

/** Framings with a length that bytes can begin with, the likelier ones first. */
export function candidateFramings(bytes: Uint8Array): Framing[] {
  const isEmptyFirst = bytes.length >= 8 && bytes.subarray(0, 4).every((byte) => byte === 0);
  const isShort = bytes.length < 4 && bytes[0] !== 0;
  return [
    ...isEmptyFirst && bytes.subarray(4, 8).some((byte) => byte !== 0) ? ["u64"] : [],
    ...isShort ? [] : ["u32", "u32incl"],
    ...isText(bytes) ? [] : ["u32le"],
    ...digitHeaders(latin1(bytes)),
    ...UNSURE,
  ].map(framingFrom);
}

const LF = 0x0a;

/** Framings with headers of digits, the widest first: `0002hi` is whole frames of `dec:1`, too. */
function digitHeaders(text: string): string[] {
  const netstring = /^\d{1,9}(?::|$)/.test(text) ? ["netstring"] : [];
  const widths = (base: string, padded: RegExp): string[] => {
    const header = Math.min(padded.exec(text)?.[0].length ?? 0, MAX_TEXT_WIDTH);
    return Array.from({ length: header }, (_, at) => `${base}:${header - at}`);
  };
  // One hexadecimal digit is the first letter of many a word.
  const hex = widths("hex", /^[ +]*[\da-fA-F]{2,}[ +]*/).filter((name) => name !== "hex:1");
  return [...netstring, ...widths("dec", /^[ +]*\d+[ +]*/), ...hex];
}

/** Framings that much looks like: taken only where the bytes are whole frames of them. */
const UNSURE: readonly string[] = ["u16", "u16incl", "u16le", "u8", "varint"];

/** Protocols that a peer may speak by mistake, by what they are called; `text` is any other text. */
const PROTOCOLS = {
  http: "HTTP",
  ssh: "SSH",
  smtp: "SMTP",
  ftp: "FTP",
  imap: "IMAP",
  pop3: "POP3",
  redis: "Redis",
  "proxy-v1": "PROXY v1",
  "proxy-v2": "PROXY v2",
  tls: "TLS",
} as const satisfies Readonly<Record<string, string>>;

/** What bytes may be instead of frames. */
export type Protocol = keyof typeof PROTOCOLS | "text";

/** What people call a protocol; `text` for any other text. */
export function protocolName(protocol: Protocol): string {
  return protocol === "text" ? protocol : PROTOCOLS[protocol];
}

/** What bytes are that are no frame: a protocol that begins so, or text. */
export function looksLike(bytes: Uint8Array): Protocol | null {
  if (opensTls(bytes) === true) return "tls";
  const text = latin1(bytes);
  const known = OPENINGS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? (bytes.length > 0 && isText(bytes) ? "text" : null);
}

/** First words of clients and servers: RFC 9112, 4253, 5321, 959, 3501, 1939, and the PROXY protocol's specification. */
const OPENINGS: readonly (readonly [RegExp, Protocol])[] = [
  [/^(?:HTTP\/|(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) )/, "http"],
  [/^HTTP$/, "http"],
  [/^SSH-/, "ssh"],
  [/^(?:EHLO|HELO|MAIL FROM:)|^220[ -][^\r\n]*SMTP/i, "smtp"],
  [/^220[ -][^\r\n]*FTP/i, "ftp"],
  [/^\* (?:OK|PREAUTH) /, "imap"],
  [/^\+OK /, "pop3"],
  [/^\*[1-9]\d*\r\n\$\d+\r\n|^-(?:ERR|NOAUTH|WRONGTYPE) |^\+PONG\r\n/, "redis"],
  [/^PROXY (?:TCP[46]|UNKNOWN)[ \r]/, "proxy-v1"],
  // deno-lint-ignore no-control-regex
  [/^\r\n\r\n\x00\r\nQUIT\n/, "proxy-v2"],
];

/** What the first bytes of a peer seem to be, where they are no frames. */
export interface Impression {
  readonly looks_like: Protocol | null;
  /** A `--framing` that would fit; where they are of another protocol, none. */
  readonly framing_hint: string | null;
}

/** The impression that the first bytes of a peer make. `maxFrame` is the largest payload taken for one. */
export function impressionOf(bytes: Uint8Array, maxFrame: number): Impression {
  const looks = looksLike(bytes);
  if (looks !== null && looks !== "text") return { looks_like: looks, framing_hint: null };
  const framing = bytes.length === 0 ? undefined : guessFraming(bytes, { maxFrame, isLast: true });
  return { looks_like: looks, framing_hint: framing === undefined || framing.name === "raw" ? null : framing.name };
}

/** A peer of whom no frame was good, or not the one that was waited for. */
export interface Misunderstood {
  /** The first bytes that came. */
  readonly opening: Uint8Array;
  readonly framesReceived: number;
}

/**
 * Adds to an error what the peer seems to speak, where that may be why: as `speaks` (a name, `text`, or `nothing` where it
 * has left without a word) and `fits` (a `--framing`).
 */
export function withImpression<T>(error: T, { opening, framesReceived }: Misunderstood, framing: Framing): T {
  if (!(error instanceof EchoError) || framesReceived > 0) return error;
  if (opening.length === 0) {
    if (error.code === "closed_by_peer" || error.code === "reset") error.annotate({ speaks: "nothing" });
    return error;
  }
  const { looks_like: looks, framing_hint: hint } = impressionOf(opening, MAX_HINTED);
  if (looks !== null) error.annotate({ speaks: protocolName(looks) });
  if (hint !== null && hint !== framing.name) error.annotate({ fits: hint });
  return error;
}

/** Frames of a peer that is not understood are not taken to be larger, in bytes. */
const MAX_HINTED = 1024 * 1024;

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
  const text = tryDecodeUtf8(bytes, { isCut: true });
  // deno-lint-ignore no-control-regex
  return text !== undefined && !/[\x00-\x08\x0e-\x1f\x7f]/.test(text);
}

/** The beginning of bytes, a character a byte. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes.subarray(0, OPENING));
}

/** First bytes of a connection that are kept to tell what the peer speaks. */
export const OPENING = 96;
