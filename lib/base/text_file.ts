/**
 * Text that people write into files, or pipe into a tool: lists, passwords, configuration, users to import.
 *
 * @module
 */
import { ConfigError } from "./errors.ts";
import { readWhole } from "./files.ts";
import { tryDecodeUtf8 } from "./text.ts";

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
