/**
 * A client that the grader starts: what is typed for it, what it prints, whether it ends, and how busy it is.
 *
 * @module
 */
import { UsageError } from "../../base/errors.ts";
import { Patience } from "../grading/active_timeout.ts";
import { delay } from "../../base/delay.ts";
import { processes, signalGroup } from "../grading/processes.ts";
import { crashIn } from "./crash.ts";

/** Output kept of each stream, in characters; of more, the end. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/** How long a client's use of the processor is watched at most, in ms. */
const WATCH = 1500;

/** Processor time in that, in ms, from which it is called busy: one that waits uses none, one that spins all it gets. */
const BUSY = 60;

/** What a client is started with. */
export interface ClientCommand {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A running client, in a process group of its own: all of it ends with the check. */
export class ClientProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #stdout: Output;
  readonly #stderr: Output;
  #typing: Promise<void> = Promise.resolve();
  #status: Deno.CommandStatus | undefined;

  /** @throws {UsageError} `bad_value`, when there is no such program. */
  constructor({ command: [program = "", ...args], env }: ClientCommand) {
    try {
      this.#child = new Deno.Command(program, {
        args,
        env: { ...UNBUFFERED, ...env },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
        detached: true,
      }).spawn();
    } catch (error) {
      throw notStarted(program, error);
    }
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {/* it no longer reads: its end tells */});
    this.#stdout = new Output(this.#child.stdout);
    this.#stderr = new Output(this.#child.stderr);
    this.ended = this.#child.status.then((status) => this.#status = status);
  }

  /** Resolves when the program has ended. */
  readonly ended: Promise<Deno.CommandStatus>;

  /** Whether it has ended. */
  get hasEnded(): boolean {
    return this.#status !== undefined;
  }

  /** The error it died of, where nobody caught it; a signal counts. */
  get crash(): string | undefined {
    return crashIn(this.#stderr.text) ?? (this.#status?.signal ? `${this.#status.signal}` : undefined);
  }

  /** The last line it wrote to standard error, or else to standard output, where questions stand. */
  get lastWords(): string {
    const lastLine = ({ text }: Output): string => text.trimEnd().split("\n").at(-1)?.trim() ?? "";
    return lastLine(this.#stderr) || lastLine(this.#stdout);
  }

  /** Types a line, in the order of the calls. */
  type(line: string): void {
    this.#write(new TextEncoder().encode(`${line}\n`));
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#typing = this.#typing.then(() => this.#input.close()).catch(() => {/* it no longer reads */});
  }

  /** Whether it ends within `ms`. Its output is complete then. */
  async endsWithin(ms: number): Promise<boolean> {
    if (!await new Patience(ms).sees(this.ended)) return false;
    await new Patience(ms).sees(Promise.all([this.#stdout.ended, this.#stderr.ended]));
    return true;
  }

  /** How often it printed `text`. */
  count(text: string): number {
    return this.#stdout.text.split(text).length - 1;
  }

  /** Resolves once it printed `text` `times` times, or after `ms`. */
  async shows(text: string, times: number, ms: number): Promise<boolean> {
    const patience = new Patience(ms);
    while (this.count(text) < times) {
      if (this.#stdout.isOver || !await patience.sees(this.#stdout.changed)) return false;
    }
    return true;
  }

  /** Whether it keeps the processor busy, though there is nothing to do; false where that cannot be told. */
  async isBusy(): Promise<boolean> {
    const before = await processorTime(this.#child.pid);
    for (let watched = 0; before !== undefined && watched < WATCH; watched += BUSY) {
      await delay(BUSY);
      const now = await processorTime(this.#child.pid);
      if (now === undefined) return false;
      if (now - before >= BUSY) return true;
    }
    return false;
  }

  /** Kills it, with all that it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    signalGroup(this.#child.pid, "SIGKILL");
    await this.ended;
    await this.#typing;
    await this.#input.abort().catch(() => {/* closed already */});
    await Promise.all([this.#stdout.close(), this.#stderr.close()]);
  }

  #write(bytes: Uint8Array<ArrayBuffer>): void {
    this.#typing = this.#typing.then(() => this.#input.write(bytes)).catch(() => {/* it no longer reads */});
  }
}

/** Python, which holds what it prints back where no terminal reads it, prints at once with these, and in UTF-8. */
const UNBUFFERED: Readonly<Record<string, string>> = { PYTHONUNBUFFERED: "1", PYTHONIOENCODING: "utf-8" };

function notStarted(program: string, cause: unknown): unknown {
  const reason = cause instanceof Deno.errors.NotFound
    ? "no_program"
    : cause instanceof Deno.errors.PermissionDenied
    ? "permission"
    : undefined;
  if (reason === undefined) return cause;
  return new UsageError("bad_value", `Cannot start ${program}: there is no such program, or it may not be run`, {
    details: { option: "COMMAND", value: program, reason },
    cause,
  });
}

/** Processor time of a process group in ms; `undefined` where it cannot be told. */
async function processorTime(group: number): Promise<number | undefined> {
  const all = await processes();
  return all.length === 0 ? undefined : all.reduce((sum, { group: of, cpu }) => of === group ? sum + cpu : sum, 0);
}

/** What a program writes, as text. */
class Output {
  text = "";
  isOver = false;
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #changed = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.ended = this.#collect();
  }

  /** Resolves with the next output, or its end. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {/* over already */});
    await this.ended;
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) break;
        this.text = (this.text + decoder.decode(value, { stream: true })).slice(-MAX_OUTPUT);
        this.#notify();
      }
    } catch {
      // The stream was closed with the program.
    }
    this.isOver = true;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
