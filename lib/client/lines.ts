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
  for await (const lines of lineBatches(stream, limit)) yield* lines;
}

/** The same lines, as many at once as have come. */
async function* lineBatches(stream: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array[]> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let number = 1;
  for await (const chunk of stream) {
    const lines: Uint8Array[] = [];
    // Whoever gave the chunk may use it again.
    const bytes = chunk.slice();
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0 && held + end - start <= limit; end = bytes.indexOf(LF, start)) {
      const last = bytes.subarray(start, end);
      lines.push(held === 0 ? last : concat(...parts, last));
      number++;
      parts = [];
      held = 0;
      start = end + 1;
    }
    if (lines.length > 0) yield lines;
    const end = bytes.indexOf(LF, start);
    if (held + (end < 0 ? bytes.length : end) - start > limit) throw tooLong(number, limit);
    if (start < bytes.length) parts.push(bytes.subarray(start));
    held += bytes.length - start;
  }
  if (held > 0) yield [concat(...parts)];
}

/** Lines of a stream, one by one or many at once. */
export class Lines implements AsyncIterable<Uint8Array> {
  readonly #batches: AsyncGenerator<Uint8Array[]>;
  #left: Uint8Array[] = [];

  /** @param limit Longest line, in bytes; a longer one throws as {@linkcode byteLines} does. */
  constructor(stream: AsyncIterable<Uint8Array>, limit: number) {
    this.#batches = lineBatches(stream, limit);
  }

  /** The next line; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#left.length === 0) this.#left = (await this.#batches.next()).value ?? [];
    return this.#left.shift();
  }

  /** The lines that were not taken yet, as they come. */
  async *batches(): AsyncGenerator<readonly Uint8Array[]> {
    if (this.#left.length > 0) yield this.#left.splice(0);
    yield* this.#batches;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const lines of this.batches()) yield* lines;
  }
}

function tooLong(number: number, limit: number): UsageError {
  return new UsageError("payload_not_encodable", `Cannot send line ${number}: it is longer than ${limit} bytes`, {
    details: { number, limit, action: "send line" },
  });
}
