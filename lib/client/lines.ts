/**
 * Messages from a stream of bytes, one a line.
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";

const LF = 0x0a;

/**
 * The lines of `stream`, without their LF, byte for byte; a last line without LF counts.
 *
 * @param limit Longest line, in bytes: what is held in memory.
 * @throws {UsageError} `payload_not_encodable`, when a line is longer.
 *
 * @example
 * ```ts
 * import { byteLines } from "./lines.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lines = await Array.fromAsync(byteLines(new Blob(["one\n\ntwo"]).stream(), 100));
 * assertEquals(lines.map((line) => new TextDecoder().decode(line)), ["one", "", "two"]);
 * ```
 */
export async function* byteLines(stream: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length > limit) throw tooLong(number, limit);
    parts.push(part);
  };
  const line = (): Uint8Array => {
    const bytes = concat(...parts);
    parts = [];
    length = 0;
    number++;
    return bytes;
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      add(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.slice(start));
  }
  if (length > 0) yield line();
}

function tooLong(number: number, limit: number): UsageError {
  return new UsageError("payload_not_encodable", `Cannot send line ${number}: it is longer than ${limit} bytes`, {
    details: { framing: "line", reason: "line_too_long", number, limit },
  });
}
