/**
 * TLS as the first bytes of a connection show it, and as Deno's TLS library words its errors: the one place that knows
 * that wording.
 *
 * @module
 */
import { ConfigError, EchoError } from "../base/errors.ts";
import { fileError } from "../base/system_errors.ts";
import { escapeText } from "../base/text.ts";

/** Alert "unexpected_message", fatal, in a record of its own (RFC 8446, sections 5.1 and 6.2): what a TLS server says to plain text. */
export const UNEXPECTED_MESSAGE_ALERT: Uint8Array = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10);

/**
 * Whether a connection that begins with these bytes is a TLS client's: a handshake record with a ClientHello.
 *
 * @example
 * ```ts
 * import { isClientHello } from "./tls.ts";
 * import { assert } from "@std/assert";
 *
 * assert(isClientHello(Uint8Array.of(0x16, 3, 1, 2, 0, 1)));
 * assert(!isClientHello(new TextEncoder().encode("\x00\x00\x00\x02hi")));
 * ```
 */
export function isClientHello(bytes: Uint8Array): boolean {
  return bytes[0] === 0x16 && bytes[1] === 3 && isVersion(bytes[2]) && bytes[5] === 1;
}

/** Whether these bytes, all that a server says at first, are an alert: it speaks TLS and was not spoken to in TLS. */
export function isAlert(bytes: Uint8Array): boolean {
  return bytes.length === UNEXPECTED_MESSAGE_ALERT.length && bytes[0] === 0x15 && bytes[1] === 3 &&
    isVersion(bytes[2]) && bytes[3] === 0 && bytes[4] === 2;
}

function isVersion(minor: number | undefined): boolean {
  return minor !== undefined && minor <= 4;
}

/** What is wrong in a handshake. */
export type TlsFault =
  /** No trusted authority has signed the certificate. */
  | "untrusted"
  /** The certificate is for other names: `names`. */
  | "name"
  | "expired"
  | "not_yet_valid"
  /** The certificate is an authority's own, which must not stand for a server (RFC 5280, section 4.2.1.9). */
  | "authority"
  /** The certificate cannot be used for another reason. */
  | "certificate"
  /** What came was no TLS. */
  | "not_tls"
  /** No version or cipher in common, or anything else: `reason` says what. */
  | "refused";

/** A fault and the values it speaks of. */
export interface TlsDiagnosis {
  readonly fault: TlsFault;
  /** With `name`: what the certificate is for. Else the library's own words. Escaped: some of it is the peer's. */
  readonly reason: string;
}

/**
 * What a handshake failed of, by the words of the TLS library (rustls 0.23, Deno 2.7 to 2.9); there are no codes.
 *
 * @example
 * ```ts
 * import { diagnose } from "./tls.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(diagnose("invalid peer certificate: UnknownIssuer").fault, "untrusted");
 * ```
 */
export function diagnose(message: string): TlsDiagnosis {
  const text = message.replace(/^invalid peer certificate: /, "");
  const found = FAULTS.find(([pattern]) => pattern.test(text))?.[1];
  const fault = found ?? (text === message ? "refused" : "certificate");
  return { fault, reason: escapeText(fault === "name" ? namesIn(text) : text) };
}

const FAULTS: readonly (readonly [RegExp, TlsFault])[] = [
  [/^UnknownIssuer/, "untrusted"],
  [/not valid for (?:any )?name|^NotValidForName/, "name"],
  [/^certificate expired|^Expired/, "expired"],
  [/^certificate not valid yet|^NotValidYet/, "not_yet_valid"],
  [/CaUsedAsEndEntity/, "authority"],
  [/InvalidContentType|got ClientHello when expecting ServerHello|unexpected end of file/, "not_tls"],
];

/** `DnsName("localhost"), IpAddress(127.0.0.1) or IpAddress(0::1)` without the wrapping. */
function namesIn(text: string): string {
  const [, list = ""] = /only valid for (.*)$/s.exec(text) ?? [];
  const names = [...list.matchAll(/DnsName\("([^"]*)"\)|IpAddress\(([^)]*)\)/g)].map(([, dns, ip]) =>
    dns ?? ip?.replace(/^0(?=::)/, "") ?? ""
  );
  return names.length > 0 ? names.join(", ") : "–";
}

/** A file with a certificate or key that cannot be used; `problem` names the text that explains it. */
export function badTlsFile(path: string, problem: string, cause?: unknown): ConfigError {
  return new ConfigError("bad_tls_file", `Cannot use ${path}: ${problem.replace("tls_", "").replaceAll("_", " ")}`, {
    details: { path, problem },
    cause,
  });
}

/** What an error of reading such a file means. Anything unknown comes back as it is. */
export function unreadableTlsFile(path: string, cause: unknown): unknown {
  const found = fileError(cause, "read", path);
  return found instanceof EchoError
    ? new ConfigError("bad_tls_file", found.message, { details: found.details, cause })
    : found;
}
