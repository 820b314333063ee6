/**
 * Text that people write into files, or pipe into a tool: lists, passwords, configuration, users to import.
 *
 * @module
 */
import { ConfigError } from "./errors.ts";
import { checkTrust, type TrustOptions } from "./file_trust.ts";
import { folderOf, isGiven, readWhole } from "./files.ts";
import { tryDecodeUtf8 } from "./text.ts";

/** How much {@linkcode readTrusted} believes. */
export interface TrustedTextOptions extends TextOptions, Pick<TrustOptions, "secret" | "anyOwner"> {}

/** How strict {@linkcode textFrom} is. */
export interface TextOptions {
  /** Bytes that are no UTF-8 are replaced: PEM has comments in any encoding around it. Default: `false`. */
  readonly lossy?: boolean;
}

/**
 * The text of a file.
 *
 * @throws {StorageError} `cannot_read`
 * @throws {ConfigError} `bad_text`
 */
export function readText(path: string, options: TextOptions = {}): string {
  return textFrom(readWhole(path), path, options);
}

/**
 * The text of a file that says what a program does, or whom it believes: settings, lists, certificates, passwords. As with
 * ssh, one that other users can write or replace is refused, and one that belongs to another user, unless `anyOwner` is
 * given. Such files are often kept behind symbolic links (certbot, Kubernetes, collections of settings): what they lead to
 * counts.
 *
 * @throws {ConfigError} `untrusted_file`, `bad_text`
 * @throws {StorageError} `cannot_read`
 */
export function readTrusted(
  path: string,
  { secret = false, anyOwner = false, ...options }: TrustedTextOptions = {},
): string {
  const real = regularFileAt(path);
  if (real === undefined) return readText(path, options);
  checkTrust(folderOf(real), { kind: "folder", groupWrites: true, anyOwner, sticky: true });
  checkTrust(real, { secret, groupWrites: !secret, anyOwner });
  return readText(real, options);
}

/** Where a path leads; `undefined` where that is no regular file, or none of somebody: its reader says so. */
function regularFileAt(path: string): string | undefined {
  if (path === "" || isGiven(path)) return undefined;
  try {
    const real = Deno.realPathSync(path);
    return Deno.statSync(real).isFile ? real : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Bytes as text, whatever editor wrote them: without a byte order mark, lines ended by LF alone.
 *
 * @param name For messages: the path, or `standard input`.
 * @throws {ConfigError} `bad_text`; `details.problem` is `utf16` or `not_utf8`.
 *
 * @example
 * ```ts
 * import { textFrom } from "./text_file.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(textFrom(new TextEncoder().encode("\ufeffa\r\nb"), "list"), "a\nb");
 * assertThrows(() => textFrom(Uint8Array.of(0xff, 0xfe, 0x61, 0), "list"), Error, "UTF-16");
 * ```
 */
export function textFrom(bytes: Uint8Array, name: string, { lossy = false }: TextOptions = {}): string {
  if (isUtf16(bytes)) throw badText(name, { problem: "utf16", encoding: "UTF-16" });
  const text = tryDecodeUtf8(bytes) ?? (lossy ? new TextDecoder().decode(bytes) : undefined);
  if (text === undefined) throw badText(name, { problem: "not_utf8", encoding: "not UTF-8" });
  return text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
}

/** By its byte order mark, or by the zeros that ASCII has in it. */
function isUtf16([a, b, c, d]: Uint8Array): boolean {
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (a !== 0 && b === 0 && c !== 0 && d === 0) || (a === 0 && b !== 0 && c === 0 && d !== 0 && d !== undefined);
}

function badText(path: string, { problem, encoding }: { readonly problem: string; readonly encoding: string }): Error {
  return new ConfigError("bad_text", `Cannot use ${path}: it is ${encoding}; save it as UTF-8`, {
    details: { path, problem },
  });
}
