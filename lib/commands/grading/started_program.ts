/**
 * An examined program that the grader starts: what is typed for it, what it prints, whether it ends, how busy it is. It has
 * a process group of its own, and ends with everything that it has started.
 *
 * @module
 */
import { delay } from "../../base/delay.ts";
import { withTimeout } from "../../base/timeout.ts";
import { ActiveTimeout } from "../../base/active_timeout.ts";
import { crashIn } from "./crash.ts";
import { isFile } from "./is_file.ts";
import {
  areAtRest,
  descendantsOf,
  type Limits,
  pidsNow,
  pidsOfGroup,
  processes,
  processesWith,
  processGroup,
  type ProcessInfo,
  readsInput,
  signalGroup,
  type WorkDone,
  workDone,
} from "./processes.ts";

/** Bytes kept of the beginning, and of the end, of what a program prints. What lies between is dropped. */
const KEPT = 512 * 1024;

/** Who has printed more is read from in steps of this many ms and bytes: it shall not keep the machine busy. */
const PAUSE = 10;
const STEP = 64 * 1024;

/** Longest line of it that is quoted, in UTF-16 units. */
const LONGEST_QUOTE = 300;

/** Time that a program has to end after SIGTERM, in ms. */
const ENDING = 500;

/** Longest time between two looks whether a program will end, in ms; the first ones come sooner. */
const MOST_BEFORE_LOOK = 40;

/** Python prints at once with these even where no terminal reads it, and in UTF-8; others without colours. */
const PRINTING: Readonly<Record<string, string>> = { PYTHONUNBUFFERED: "1", PYTHONIOENCODING: "utf-8", NO_COLOR: "1" };

/** Where systems have the library with which stdbuf(1) has C programs print line by line, as at a terminal. */
const LINE_BUFFERING = ["/usr/libexec/coreutils/libstdbuf.so", "/usr/lib/coreutils/libstdbuf.so"];

/** Names the examination in the environment: a process that has left the group is found by it. */
const MARK = "ECHO_EXAMINATION";

export interface ProgramStart {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class StartedProgram implements AsyncDisposable {
  readonly pid: number;
  readonly stdout: ProgramOutput;
  readonly stderr: ProgramOutput;
  /** Resolves when the program has ended. */
  readonly ended: Promise<Deno.CommandStatus>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #mark = crypto.randomUUID();
  #typing: Promise<void> = Promise.resolve();
  /** Lines that are on their way to it. */
  #typed = 0;
  #status: Deno.CommandStatus | undefined;
  /** What it has started and what that has started, also in groups of their own: with it they lose their parent. */
  #descendants: readonly number[] = [];

  /** What ran before it: none of that has come from it. */
  readonly #before = pidsNow();

  /** @throws What `Deno.Command` throws when there is no such program. */
  constructor({ command: [program = "", ...args], folder, env }: ProgramStart) {
    const child = new Deno.Command(program, {
      args,
      ...folder === undefined ? {} : { cwd: folder },
      env: { ...PRINTING, ...lineByLine(), ...env, [MARK]: this.#mark },
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = child.pid;
    this.#input = child.stdin.getWriter();
    this.#input.closed.catch(() => {/* it no longer reads: its end tells */});
    this.stdout = new ProgramOutput(child.stdout);
    this.stderr = new ProgramOutput(child.stderr);
    this.ended = child.status.then((status) => this.#status = status);
  }

  get hasEnded(): boolean {
    return this.#status !== undefined;
  }

  /** The error it died of, where nobody caught it; a signal counts. */
  get crash(): string | undefined {
    const line = crashIn(this.stderr.text);
    return line === undefined ? this.#status?.signal ?? undefined : quotable(line);
  }

  /** Whether it has ended, and well. */
  get hasSucceeded(): boolean {
    return this.#status?.success === true;
  }

  /** The last line it wrote to standard error, or else to standard output, where questions stand. */
  get lastWords(): string {
    return quotable(this.stderr.lastLine || this.stdout.lastLine);
  }

  /** Types a line, in the order of the calls. */
  type(line: string): void {
    this.press(`${line}\n`);
  }

  /** Types keys, as a terminal has them. */
  press(keys: string): void {
    const bytes = new TextEncoder().encode(keys);
    this.#typed++;
    this.#typing = this.#typing.then(() => this.#input.write(bytes)).catch(() => {/* it no longer reads */})
      .finally(() => this.#typed--);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#typing = this.#typing.then(() => this.#input.close()).catch(() => {/* it no longer reads */});
  }

  /** Whether it ends within `ms`; one that waits for others, or is known to go on, will not. Its output is complete then. */
  async endsWithin(ms: number, goesOn: () => Promise<boolean> = () => this.isAtRest()): Promise<boolean> {
    const patience = new ActiveTimeout(ms);
    for (let step = 5; !await patience.settles(this.ended, step); step = Math.min(MOST_BEFORE_LOOK, 2 * step)) {
      if (patience.isOver || await goesOn() && !await patience.settles(this.ended, step)) return false;
    }
    await new ActiveTimeout(ms).settles(Promise.all([this.stdout.ended, this.stderr.ended]));
    return true;
  }

  /** Whether it waits for its keyboard, and not for what has been typed and is on its way. */
  async readsInput(): Promise<boolean> {
    return this.#typed === 0 && readsInput(await this.pids());
  }

  /** Whether it does nothing until something comes from outside, or so it seems; false where that cannot be told. */
  async isAtRest(limits?: Limits): Promise<boolean> {
    return this.#typed === 0 && await areAtRest(await this.pids(), limits) && this.#typed === 0;
  }

  /** How far it has come. */
  async workDone(): Promise<WorkDone> {
    return workDone(await this.pids());
  }

  /** Numbers of it and of what it has started, as far as that has stayed in its group. */
  async pids(): Promise<number[]> {
    return await pidsOfGroup(this.pid);
  }

  /** The same, with what they have used. */
  async members(): Promise<ProcessInfo[]> {
    return await processGroup(this.pid);
  }

  /** Asks it to end, as a person would with Ctrl-C at the prompt of a shell, then kills it. */
  async stop(): Promise<void> {
    if (!this.hasEnded) this.#descendants = await this.descendants();
    signalGroup(this.pid, "SIGTERM");
    await withTimeout(this.ended, ENDING);
    await this[Symbol.asyncDispose]();
  }

  /** Kills it, with all that it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) this.#descendants = await this.descendants();
    signalGroup(this.pid, "SIGKILL");
    for (const pid of this.#descendants) signalGroup(pid, "SIGKILL");
    await this.ended;
    // What has made itself a daemon keeps the output open.
    if (!this.stdout.isOver || !this.stderr.isOver) {
      for (const pid of processesWith(`${MARK}=${this.#mark}`)) signalGroup(pid, "SIGKILL");
    }
    await this.#input.abort().catch(() => {/* closed already */});
    await this.#typing;
    await Promise.all([this.stdout.close(), this.stderr.close()]);
  }

  /** What it has started and what that has started, also in groups and sessions of their own. */
  async descendants(): Promise<number[]> {
    return descendantsOf(this.pid, await processes(this.#before));
  }
}

/** A line as a report quotes it: a program may print without an end of a line. */
function quotable(line: string): string {
  return line.length <= LONGEST_QUOTE ? line : `${line.slice(0, LONGEST_QUOTE).toWellFormed()}…`;
}

/** What a program writes, as text: its beginning and its end. */
export class ProgramOutput {
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamBYOBReader;
  /** The beginning, then the end, which goes around; most programs print little. */
  #bytes = new Uint8Array(STEP);
  #written = 0;
  #text: string | undefined;
  #isOver = false;
  #changed = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.ended = this.#collect();
  }

  /** What was kept; a line of dots stands for what was not. */
  get text(): string {
    return this.#text ??= this.#decode();
  }

  /** Its last line that is not empty. */
  get lastLine(): string {
    return this.text.trimEnd().split("\n").at(-1)?.trim() ?? "";
  }

  /** Whether no more will come. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether it was more than is kept: from here on it is read slowly. */
  get hasOverflowed(): boolean {
    return this.#written > 2 * KEPT;
  }

  /** Resolves with the next output, or its end. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** Reads no more. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {/* over already */});
    await this.ended;
  }

  async #collect(): Promise<void> {
    try {
      for (let buffer = new Uint8Array(STEP);;) {
        const { value, done } = await this.#reader.read(buffer);
        if (done) break;
        this.#keep(value);
        buffer = new Uint8Array(value.buffer);
        this.#notify();
        if (this.hasOverflowed) await delay(PAUSE);
      }
    } catch {
      // The stream was closed with the program.
    }
    this.#isOver = true;
    this.#notify();
  }

  #keep(bytes: Uint8Array): void {
    if (this.#bytes.length < 2 * KEPT && this.#written + bytes.length > this.#bytes.length) {
      const all = new Uint8Array(2 * KEPT);
      all.set(this.#bytes);
      this.#bytes = all;
    }
    for (let rest = bytes; rest.length > 0;) {
      const at = this.#written < KEPT ? this.#written : KEPT + this.#written % KEPT;
      const part = rest.subarray(0, (at < KEPT ? KEPT : 2 * KEPT) - at);
      this.#bytes.set(part, at);
      this.#written += part.length;
      rest = rest.subarray(part.length);
    }
    this.#text = undefined;
  }

  #decode(): string {
    if (!this.hasOverflowed) return new TextDecoder().decode(this.#bytes.subarray(0, this.#written));
    const oldest = KEPT + this.#written % KEPT;
    const decoder = new TextDecoder();
    const head = decoder.decode(this.#bytes.subarray(0, KEPT));
    const tail = decoder.decode(this.#bytes.subarray(oldest), { stream: true });
    return `${head}\n…\n${tail}${decoder.decode(this.#bytes.subarray(KEPT, oldest))}`;
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function lineByLine(): Readonly<Record<string, string>> {
  const library = LINE_BUFFERING.find(isFile);
  return library === undefined ? {} : { LD_PRELOAD: library, _STDBUF_O: "L" };
}
