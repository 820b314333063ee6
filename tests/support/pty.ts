/**
 * A tool in a terminal, as a person sees it: types what a test says, and waits for what appears.
 *
 * @module
 */
import { deadline } from "@std/async/deadline";
import { fromFileUrl } from "@std/path";
import { hasPython, python } from "./python.ts";
import { PATIENCE, toolPath } from "./tools.ts";

/** Whether there can be a terminal: the driver is a Python script. */
export const hasPty = hasPython;

/** How the program left the terminal. */
export interface PtyEnd {
  /** Exit code; minus the number of the signal that ended it. */
  readonly exit: number;
  /** Whether the terminal shows again what is typed. */
  readonly echo: boolean;
  /** Whether it edits lines again. */
  readonly canonical: boolean;
}

/** A program in a terminal of its own. Disposing kills it, where it still runs. */
export class Pty implements AsyncDisposable {
  /** All that has appeared, escape sequences included. */
  text = "";
  /** Resolves at the program's end. */
  readonly ended: Promise<PtyEnd>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #seen = 0;
  #end: PtyEnd | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(
    tool: "echo-server" | "echo-client" | "python3" | "bash",
    args: readonly string[],
    env: Record<string, string> = {},
  ) {
    const driver = fromFileUrl(new URL("pty_driver.py", import.meta.url));
    const program = tool === "python3" ? python() : tool === "bash" ? tool : toolPath(tool);
    this.#child = new Deno.Command(python(), {
      args: [driver, program, ...args],
      stdin: "piped",
      stdout: "piped",
      env: { LC_ALL: "C", TERM: "xterm", NO_COLOR: "1", ...env },
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.ended = this.#read();
  }

  /** Types text as keys would bring it: `\r` is Enter, `\x04` Ctrl-D, `\x03` Ctrl-C. */
  async type(text: string): Promise<void> {
    await this.#command({ type: text });
  }

  /** Types a line. */
  async enter(text: string): Promise<void> {
    await this.type(`${text}\r`);
  }

  /** Sends a signal to the program. */
  async kill(signal: number): Promise<void> {
    await this.#command({ kill: signal });
  }

  /** Waits until the pattern appears behind what was waited for before; returns the match. */
  async expect(pattern: string | RegExp): Promise<string> {
    const search = typeof pattern === "string" ? new RegExp(RegExp.escape(pattern)) : pattern;
    const end = performance.now() + PATIENCE;
    for (;;) {
      const found = search.exec(this.text.slice(this.#seen));
      if (found !== null) {
        this.#seen += found.index + found[0].length;
        return found[0];
      }
      if (this.#end !== undefined || performance.now() > end) {
        throw new Error(`Timed out waiting for ${search} in ${JSON.stringify(this.text.slice(this.#seen))}`);
      }
      await deadline(this.#changed.promise, PATIENCE).catch(() => {/* the loop tells */});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end === undefined) await this.kill(9).catch(() => {/* it ends by itself */});
    await this.ended;
    await this.#input.close().catch(() => {/* the driver has left */});
    await this.#child.status;
  }

  async #command(command: Record<string, unknown>): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
  }

  async #read(): Promise<PtyEnd> {
    let rest = "";
    const decoded = this.#child.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
    for await (const part of decoded) {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(JSON.parse(line));
    }
    if (this.#end === undefined) throw new Error("The terminal's driver failed");
    return this.#end;
  }

  #take(event: { out: string } | PtyEnd): void {
    if ("out" in event) this.text += event.out;
    else this.#end = event;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
