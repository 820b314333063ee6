/**
 * What the user gives to be sent, as bytes.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { isStandardInput, readInput, readWhole } from "../../base/files.ts";

/** How given text stands for bytes. */
export interface MessageStyle {
  /** Hexadecimal digits (`--hex`), else UTF-8. */
  readonly hex: boolean;
}

/**
 * The messages of `-m`: a text, `@FILE` for all bytes of a file, `@-` for all of standard input; `@@` begins a text with
 * an at sign.
 *
 * @throws {StorageError} `cannot_read`
 * @throws {UsageError} `bad_value`, when `--hex` is given and it is none.
 */
export async function givenMessages(texts: readonly string[], style: MessageStyle): Promise<Uint8Array[]> {
  return await Promise.all(texts.map((text) => {
    if (text.startsWith("@") && !text.startsWith("@@")) return readBytes(text.slice(1));
    return messageOf(text.replace(/^@@/, "@"), style);
  }));
}

/** A typed message. */
export function messageOf(text: string, { hex }: MessageStyle): Uint8Array {
  return hex ? fromHex(text) : new TextEncoder().encode(text);
}

/** A line of the input as a message. */
export function messageFrom(line: Uint8Array, { hex }: MessageStyle): Uint8Array {
  return hex ? fromHex(new TextDecoder().decode(line)) : line;
}

/** Lines of the input as messages. */
export async function* messagesOf(lines: AsyncIterable<Uint8Array>, style: MessageStyle): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield messageFrom(line, style);
}

/** `de ad be ef`, `DE:AD:BE:EF`, `deadbeef`, `0xdeadbeef`. */
function fromHex(text: string): Uint8Array {
  const digits = text.replace(/^\s*0x/i, "").replace(/[\s:,-]/g, "");
  if (/^(?:[0-9a-f]{2})*$/i.test(digits)) return Uint8Array.fromHex(digits);
  throw new UsageError("bad_value", `Cannot use the value "${text}": it is no hexadecimal`, {
    details: { value: text.slice(0, 60), reason: "hex", option: "--message" },
  });
}

async function readBytes(path: string): Promise<Uint8Array> {
  return isStandardInput(path) ? await readInput() : readWhole(path);
}
