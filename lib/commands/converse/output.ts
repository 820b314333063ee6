/**
 * What the client prints: data on standard output, everything else on standard error.
 *
 * @module
 */
import { figuresIn } from "../../cli/format.ts";
import { concat, put } from "../../base/bytes.ts";
import { type Target, targetText } from "../../net/dial.ts";
import { looksLike, protocolName } from "../../net/sniff.ts";
import type { Echo } from "../../client/echo_matcher.ts";
import { ProtocolError } from "../../base/errors.ts";
import { fileError } from "../../base/system_errors.ts";
import { displayBytes, escapeJson, tryDecodeUtf8 } from "../../base/text.ts";
import type { Translate } from "./texts.ts";

/** Standard output with the order kept and the memory bounded: what is added while a write runs leaves in the next. */
export class Output {
  readonly #sink: { write(bytes: Uint8Array): Promise<number> };
  #parts: Uint8Array[] = [];
  #size = 0;
  #writing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(sink: { write(bytes: Uint8Array): Promise<number> }) {
    this.#sink = sink;
  }

  /**
   * Adds bytes; resolves at once, or, when much is waiting, once there is room again.
   *
   * @throws {StorageError} `cannot_write`, once a write has failed; `Deno.errors.BrokenPipe`, when the reader has left.
   */
  async add(...parts: Uint8Array[]): Promise<void> {
    for (const part of parts) {
      this.#parts.push(part);
      this.#size += part.length;
    }
    this.#writing ??= this.#flush();
    this.#writing.catch(() => this.#hasFailed = true);
    if (this.#hasFailed || this.#size > OUTPUT_BUFFER) await this.#writing;
  }

  /** Resolves when all is written. */
  async done(): Promise<void> {
    await this.#writing;
  }

  async #flush(): Promise<void> {
    while (this.#parts.length > 0) {
      const bytes = concat(...this.#parts);
      this.#parts = [];
      this.#size = 0;
      for (let at = 0; at < bytes.length;) at += await this.#write(bytes.subarray(at));
    }
    this.#writing = undefined;
  }

  async #write(bytes: Uint8Array): Promise<number> {
    try {
      return await this.#sink.write(bytes);
    } catch (error) {
      // A reader that has left is nobody's mistake (runTool keeps silent about it); a full disk is one.
      throw error instanceof Deno.errors.BrokenPipe ? error : fileError(error, "write", "standard output");
    }
  }
}

/** Bytes that may wait for a slow reader of standard output. */
const OUTPUT_BUFFER = 1024 * 1024;

const LF = 0x0a;
const NEWLINE = Uint8Array.of(LF);

/** How an echo is printed: its payload and a line feed, the payload alone, hexadecimal digits, or JSON. */
export type OutputFormat = "text" | "raw" | "hex" | "json";

export function outputFormat(
  { output, json }: { readonly output: OutputFormat | undefined; readonly json: boolean },
): OutputFormat {
  return output ?? (json ? "json" : "text");
}

/** An echo as it goes to standard output; text is made safe where a terminal shows it. */
export function echoOutput(
  echo: Echo,
  { format, isTerminal }: { readonly format: OutputFormat; readonly isTerminal: boolean },
): Uint8Array[] {
  const text = (line: string): Uint8Array[] => [new TextEncoder().encode(`${line}\n`)];
  switch (format) {
    case "json":
      return text(escapeJson(JSON.stringify(echoJson(echo))));
    case "hex":
      return text(echo.received.toHex().replace(/..(?=.)/g, "$& "));
    case "raw":
      return [echo.received];
    case "text":
      return isTerminal ? text(displayBytes(echo.received)) : [echo.received, NEWLINE];
  }
}

/** Echoes as they go to standard output, one behind the other. */
export function echoesOutput(echoes: readonly Echo[], style: Parameters<typeof echoOutput>[1]): Uint8Array {
  if (style.format !== "text" || style.isTerminal) return concat(...echoes.flatMap((echo) => echoOutput(echo, style)));
  // The way of a million lines through a pipe: no array for each of them.
  const bytes = new Uint8Array(echoes.reduce((length, { received }) => length + received.length + 1, 0));
  let at = 0;
  for (const { received } of echoes) {
    at = put(bytes, received, at);
    bytes[at++] = LF;
  }
  return bytes;
}

/** The object `--json` prints for an echo. `text` is there when it is UTF-8, `base64` when it is not. */
function echoJson(echo: Echo): Record<string, unknown> {
  const { number, sent, received, rttMs, differsAt } = echo;
  return {
    number,
    ...content(received),
    bytes: received.length,
    sent_bytes: sent.length,
    match: differsAt < 0,
    rtt_ms: Number(rttMs.toFixed(3)),
  };
}

function content(bytes: Uint8Array): { text: string } | { base64: string } {
  const text = tryDecodeUtf8(bytes);
  return text === undefined ? { base64: bytes.toBase64() } : { text };
}

/** `Connected to 127.0.0.1:9090 in 0.31 ms.` */
export function connectedText(target: Target, ms: number, t: Translate): string {
  return t("client.connected", { address: targetText(target), ms: figuresIn(t.language).fixed(ms, 2) });
}

/** The error for an echo that differs from what was sent. */
export function mismatch({ number, sent, received, differsAt }: Echo): ProtocolError {
  if (number === 1 && /^(?:220|230|331) /.test(new TextDecoder().decode(received))) {
    return new ProtocolError("greeted", "Cannot converse: the server begins with a dialogue, which was not expected");
  }
  const looks = number === 1 ? looksLike(received) : null;
  const speaks = looks === null || looks === "text" ? {} : { speaks: protocolName(looks) };
  return new ProtocolError("echo_mismatch", `Reply ${number} differs from what was sent at byte ${differsAt}`, {
    details: { number, offset: differsAt, sent: sent.length, received: received.length, ...speaks },
  });
}
