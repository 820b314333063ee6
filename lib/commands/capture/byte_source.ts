/**
 * Bytes of a file or a pipe, as many at a time as a reader of a format asks for; memory follows what has come, never what
 * a length in the file claims.
 *
 * @module
 */
import { concat } from "../../base/bytes.ts";
import { captureError } from "./capture_error.ts";

export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;
  #isCutShort = false;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Takes no more: what it reads from is closed. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** All that is left, in pieces. */
  async *rest(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let chunk = this.#rest, isLast: boolean | undefined = false; isLast !== true;) {
      this.#position += chunk.length;
      yield chunk.slice();
      ({ value: chunk, done: isLast } = await this.#chunks.next());
    }
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#position;
  }

  /** Whether the file ended where it should have gone on. */
  get isCutShort(): boolean {
    return this.#isCutShort;
  }

  /** Notes that the file has ended inside of something. */
  cutShort(): void {
    this.#isCutShort = true;
  }

  /** The next bytes, which stay where they are: fewer at the end. */
  async peek(size: number): Promise<Uint8Array> {
    const parts = [this.#rest];
    for (let have = this.#rest.length; have < size;) {
      const { value, done } = await this.#chunks.next();
      if (done === true) break;
      parts.push(value);
      have += value.length;
    }
    if (parts.length > 1) this.#rest = concat(...parts);
    return this.#rest.subarray(0, size);
  }

  /** Takes bytes; `undefined` where there are not as many, and then none are left. */
  async take(size: number): Promise<Uint8Array | undefined> {
    const bytes = await this.peek(size);
    this.#rest = this.#rest.subarray(bytes.length);
    this.#position += bytes.length;
    return bytes.length < size ? undefined : bytes;
  }

  /** Leaves bytes out; whether there were as many. */
  async skip(size: number): Promise<boolean> {
    for (let left = size; left > 0;) {
      const { length } = await this.peek(Math.min(left, 64 * 1024));
      if (length === 0) return false;
      this.#rest = this.#rest.subarray(length);
      this.#position += length;
      left -= length;
    }
    return true;
  }

  /**
   * The next line without its end; `undefined` at the end.
   *
   * @throws {ProtocolError} `bad_capture`, where it is longer than `most` bytes.
   */
  async line(most: number): Promise<Uint8Array | undefined> {
    for (let looked = 0;;) {
      const bytes = await this.peek(looked + 1);
      if (bytes.length === looked) return looked === 0 ? undefined : await this.take(looked);
      const at = this.#rest.indexOf(0x0a, looked);
      if (at >= 0) {
        const line = await this.take(at);
        await this.take(1);
        return line;
      }
      looked = this.#rest.length;
      if (looked > most) throw captureError({ problem: "damaged", at: this.#position });
    }
  }
}
