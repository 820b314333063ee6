/**
 * A connection in a process of its own, which can be reset: see `relay_child.ts`.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { concat } from "../../base/bytes.ts";
import { withTimeout } from "../../base/timeout.ts";
import type { Stream } from "../grading/grader_connection.ts";

/** The word that makes `echo-client check WORD HOST PORT` a relay. */
export const RELAY = "relay";

/** Read at once, in bytes. */
const MOST_READ = 64 * 1024;

export class RelayedStream implements Stream {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#reader = child.stdout.getReader();
  }

  /** Connects; `undefined` when there is no connection within `ms`: who is not accepted would wait for minutes. */
  static async connect(hostname: string, port: number, { ms }: { ms: number }): Promise<RelayedStream | undefined> {
    const stream = new RelayedStream(
      new Deno.Command(Deno.execPath(), {
        args: [...ownArguments(), hostname, String(port)],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn(),
    );
    if (await withTimeout(stream.#answer(), ms) !== undefined) return stream;
    stream.close();
    return undefined;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    await this.#writer.write(command(0x52, Math.min(buffer.length, MOST_READ)));
    const bytes = await this.#answer();
    if (bytes === undefined) throw new Deno.errors.ConnectionReset("the relay has ended");
    buffer.set(bytes);
    return bytes.length === 0 ? null : bytes.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#writer.write(command(0x57, bytes.length, bytes));
    return bytes.length;
  }

  /** Does nothing: who has ended its direction cannot reset it. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends the process at once; what it has not read resets the connection. */
  close(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    this.#writer.abort().catch(() => {});
    this.#reader.cancel().catch(() => {});
  }

  /** Resolves once the process has ended. */
  async ended(): Promise<void> {
    await this.#child.status;
  }

  /** The next answer; `undefined` when the process has ended. */
  async #answer(): Promise<Uint8Array | undefined> {
    for (;;) {
      const length = this.#rest.length < 4 ? Infinity : new DataView(this.#rest.slice(0, 4).buffer).getUint32(0);
      if (this.#rest.length >= 4 + length) {
        const answer = this.#rest.slice(4, 4 + length);
        this.#rest = this.#rest.slice(4 + length);
        return answer;
      }
      const { value } = await this.#reader.read();
      if (value === undefined) return undefined;
      this.#rest = concat(this.#rest, value);
    }
  }
}

function command(code: number, length: number, bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  const frame = new Uint8Array(5 + bytes.length);
  frame[0] = code;
  new DataView(frame.buffer).setUint32(1, length);
  frame.set(bytes, 5);
  return frame;
}

/** How this program is started as a relay: the compiled one by a word, from source by the module. */
function ownArguments(): readonly string[] {
  if (Deno.build.standalone) return ["check", RELAY];
  const module = fromFileUrl(new URL("./relay_child.ts", import.meta.url));
  return ["run", "--quiet", "--no-prompt", "--no-config", "--allow-net", module];
}
