/**
 * A person at a terminal: questions with a default in brackets, line editing, history, job control, and output from
 * elsewhere that does not tear the line being typed. Prompts and notes go to standard error, so that standard output holds
 * data only.
 *
 * What is typed or pasted ahead waits here until somebody asks for a line, and only then reaches the line editor: a
 * password that was pasted together with the name is not shown by the question for the name.
 *
 * @module
 */
import process from "node:process";
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { Readable, Writable } from "node:stream";
import { UsageError } from "../base/errors.ts";
import { HISTORY_LINES } from "../base/limits.ts";
import { escapeText } from "../base/text.ts";
import { environment } from "./environment.ts";
import { raise } from "./signal_self.ts";
import { HistorySearch } from "./history_search.ts";
import { InputEnded } from "./input_ended.ts";
import { fitted } from "./terminal_size.ts";
import { explainError, type Translate } from "./texts.ts";
import type { ValueParser } from "./values.ts";

interface Question<T> {
  /** What is asked for: `Port`. */
  readonly label: string;
  /** Taken when the answer is empty; shown in brackets. */
  readonly fallback: string;
  readonly parse: ValueParser<T>;
}

/** How a terminal helps with typing. */
interface TerminalOptions {
  /** Earlier lines, newest first. */
  readonly history?: readonly string[];
  /** What the Tab key makes of a line: the lines it may become. */
  readonly complete?: (line: string) => readonly string[];
}

/** Owns the terminal from construction to disposal; lines that were pasted at once wait for their turn. */
export class Terminal implements Disposable {
  readonly #readline: Interface;
  readonly #history: string[];
  /** What the line editor reads: what was typed, from the moment when somebody waits for it. */
  readonly #keys = new Readable({ read: () => {/* it is pushed */} });
  readonly #decoder = new TextDecoder();
  /** Typed, and not yet wanted. */
  #typed = "";
  #hasEnded = false;
  #search: HistorySearch | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** Who waits for a line; a question that comes up meanwhile is answered first. */
  readonly #waiting: Waiting[] = [];
  /** While a secret is typed nothing is shown. */
  #isSecret = false;
  #label = "";
  #ended: InputEnded | undefined;
  readonly #whenEnded = Promise.withResolvers<never>();

  /** A killed program must not leave the terminal without echo. */
  readonly #onTerminate = (): never => {
    this.#readline.close();
    Deno.exit(128 + 15);
  };

  /** The shell may have changed the terminal meanwhile. */
  readonly #onContinue = (): void => {
    process.stdin.setRawMode(true);
    if (this.#isSecret) process.stderr.write(`\n${this.#label}: `);
    else if (this.#waiting.length > 0) this.#readline.prompt(true);
  };

  readonly #onData = (chunk: Uint8Array): void => {
    const text = this.#decoder.decode(chunk, { stream: true });
    const interrupt = text.lastIndexOf("\x03");
    // Ctrl-C drops the line that was begun, and all lines that wait before it.
    const begun = this.#waiting.length === 0 ? interrupt : text.lastIndexOf("\r", interrupt) + 1;
    this.#typed = interrupt < 0 ? this.#typed + text : text.slice(begun);
    clearTimeout(this.#gathering);
    // The line editor takes a pasted line at once, where it can: its time grows with the square of the pieces.
    if (text.length < PASTED) this.#feed();
    else this.#gathering = setTimeout(() => this.#feed(), GATHERED);
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    this.#feed();
  };

  constructor({ history = [], complete }: TerminalOptions = {}) {
    this.#history = [...history];
    this.#whenEnded.promise.catch(() => {/* whoever awaits it is told */});
    Object.assign(this.#keys, { isTTY: true, setRawMode: (isRaw: boolean) => process.stdin.setRawMode(isRaw) });
    this.#readline = createInterface({
      input: this.#keys,
      output: this.#shown(),
      // A dumb terminal as well, or the kernel would show what is typed, secrets included.
      terminal: true,
      history: [...history],
      historySize: HISTORY_LINES,
      completer: (line: string) => [this.#waiting.at(-1)?.isMessage ? [...complete?.(line) ?? []] : [], line],
    });
    this.#readline.on("line", (typed: string) => {
      this.#waiting.pop()?.resolve(IS_DUMB ? withoutErased(typed) : typed);
    });
    this.#readline.on("history", (history: string[]) => {
      // Arrow keys bring messages back, not answers, and never a password.
      if (this.#waiting.at(-1)?.isMessage !== true) history.shift();
    });
    Deno.addSignalListener("SIGTERM", this.#onTerminate);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGCONT", this.#onContinue);
    this.#readline.on("SIGINT", () => this.#interrupt());
    this.#readline.on("SIGTSTP", () => this.#suspend());
    this.#readline.on("close", () => this.#end("end"));
    process.stdin.on("data", this.#onData);
    process.stdin.on("end", this.#onEnd);
  }

  /** Rejects with {@linkcode InputEnded} on Ctrl-C and Ctrl-D, also while no line is awaited. */
  get ended(): Promise<never> {
    return this.#whenEnded.promise;
  }

  /** Lines typed so far, answers to questions left out, newest first. */
  get history(): readonly string[] {
    return this.#history;
  }

  /**
   * The next line.
   *
   * @throws {InputEnded} on Ctrl-C and Ctrl-D, once the lines typed before are used up.
   */
  async nextLine(prompt: string): Promise<string> {
    const line = await this.#line(prompt, true);
    if (line !== "" && line !== this.#history[0]) this.#history.unshift(line);
    return line;
  }

  /**
   * Asks until the answer is a value; explains what is wrong with the others.
   *
   * @throws {InputEnded}
   */
  async ask<T>(question: Question<T>, t: Translate): Promise<T> {
    for (;;) {
      const line = await this.#line(`${question.label} [${question.fallback}]: `);
      try {
        return question.parse(line.trim() === "" ? question.fallback : line);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        const details = { ...error.details, value: escapeText(line) };
        this.note(explainError(new UsageError("bad_answer", error.message, { details }), t));
      }
    }
  }

  /**
   * The answer to a question, which does not enter the history of lines typed.
   *
   * @throws {InputEnded}
   */
  answer(prompt: string): Promise<string> {
    return this.#line(prompt);
  }

  /**
   * Asks for a secret: what is typed is not shown, and can be edited character by character all the same.
   *
   * @throws {InputEnded}
   */
  async secret(label: string): Promise<string> {
    process.stderr.write(`${label}: `);
    this.#isSecret = true;
    this.#label = label;
    try {
      return await this.#line("");
    } finally {
      this.#isSecret = false;
      process.stderr.write("\n");
    }
  }

  /** Runs `write`, which prints whole lines to standard output or error, above the line being typed. */
  above(write: () => void): void {
    if (this.#waiting.length === 0 || this.#isSecret) return write();
    if (IS_DUMB) process.stderr.write("\n");
    else {
      // A long line has several rows.
      moveCursor(process.stderr, 0, -this.#readline.getCursorPos().rows);
      cursorTo(process.stderr, 0);
      clearScreenDown(process.stderr);
      Object.assign(this.#readline, { prevRows: 0 });
    }
    write();
    this.#readline.prompt(true);
  }

  /** Prints a line on standard error. */
  note(text: string): void {
    this.above(() => process.stderr.write(`${fitted(text.split("\n"), Deno.stderr).join("\n")}\n`));
  }

  /** Gives the terminal back, in the state it was found in. */
  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGTERM", this.#onTerminate);
    if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGCONT", this.#onContinue);
    clearTimeout(this.#gathering);
    process.stdin.off("data", this.#onData);
    process.stdin.off("end", this.#onEnd);
    process.stdin.pause();
    this.#ended ??= new InputEnded("end");
    this.#readline.close();
  }

  async #line(prompt: string, isMessage = false): Promise<string> {
    if (this.#ended !== undefined) throw this.#ended;
    const waiting: Waiting = { prompt, isMessage, ...Promise.withResolvers<string>() };
    this.#waiting.push(waiting);
    this.#prompt();
    this.#feed();
    const line = await waiting.promise;
    this.#prompt();
    return line;
  }

  /** Shows the prompt of who waits, if anybody does. */
  #prompt(): void {
    const waiting = this.#waiting.at(-1);
    if (waiting === undefined) return;
    this.#readline.setPrompt(waiting.prompt);
    this.#readline.prompt();
  }

  /** Hands on what was typed, as long as somebody waits for it; what interrupts, stops or ends is not waited for. */
  #feed(): void {
    while (this.#typed !== "" && this.#ended === undefined && (this.#waiting.length > 0 || URGENT.test(this.#typed))) {
      const [key = ""] = KEY.exec(this.#typed) ?? [];
      this.#typed = this.#typed.slice(key.length);
      if (this.#searches(key)) continue;
      if (key.length >= PASTED && !IS_DUMB) {
        this.#readline.write(key);
        continue;
      }
      const typed = /^[\r\n]/.test(key) ? "\r" : key;
      for (let left = this.#steps(key); left > 0; left--) this.#keys.emit("data", typed);
    }
    if (this.#hasEnded && this.#typed === "") this.#readline.close();
  }

  /** How often a key has to be taken: what is one character to a person may be several code points, to the line editor too. */
  #steps(key: string): number {
    const { line, cursor } = this.#readline;
    const text = BACKWARD.test(key) ? line.slice(0, cursor) : FORWARD.test(key) ? line.slice(cursor) : "";
    if (text === "" || IS_DUMB) return 1;
    const [part, at] = BACKWARD.test(key) ? [text.slice(-LONGEST), -1] : [text.slice(0, LONGEST), 0];
    return [...([...new Intl.Segmenter().segment(part)].at(at)?.segment ?? "")].length || 1;
  }

  /** Takes a key where Ctrl-R has begun a search; false where it is for the line. */
  #searches(key: string): boolean {
    if (key === "\x12" && this.#waiting.at(-1)?.isMessage === true && !IS_DUMB) {
      if (this.#search === undefined) this.#search = new HistorySearch(this.#history);
      else this.#search.older();
    } else if (this.#search === undefined) return false;
    else if (key === "\x7f" || key === "\b") this.#search.erase();
    else if (key >= " ") this.#search.type(key);
    else {
      const { match } = this.#search;
      this.#search = undefined;
      if (key !== "\x07" && key !== "\x1b" && match !== undefined) this.#setLine(match);
      else this.#readline.prompt(true);
      return key === "\x07" || key === "\x1b";
    }
    const { query, match = "" } = this.#search;
    cursorTo(process.stderr, 0);
    clearScreenDown(process.stderr);
    process.stderr.write(`(${query}) ${match}`);
    return true;
  }

  #setLine(text: string): void {
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
    if (text !== "") this.#readline.write(text);
    this.#readline.prompt(true);
  }

  /** Ctrl-C drops a message that was begun, and what was pasted behind it; else it ends everything. */
  #interrupt(): void {
    if (this.#waiting.at(-1)?.isMessage !== true || this.#readline.line === "") return this.#end("interrupt");
    process.stderr.write("^C\n");
    Object.assign(this.#readline, { prevRows: 0 });
    this.#setLine("");
  }

  /** Ctrl-Z: the shell gets its terminal back as it was, until it says to go on. */
  #suspend(): void {
    if (Deno.build.os === "windows") return;
    process.stdin.setRawMode(false);
    process.stderr.write("\n");
    if (!raise("SIGTSTP")) this.#onContinue();
  }

  #end(by: "interrupt" | "end"): void {
    const ended = this.#ended ??= new InputEnded(by);
    this.#whenEnded.reject(ended);
    if (this.#waiting.length > 0) process.stderr.write("\n");
    for (const waiting of this.#waiting.splice(0)) waiting.reject(ended);
  }

  /** Standard error as readline sees it: a terminal, on which secrets do not show. */
  #shown(): Writable {
    const shown = new Writable({
      write: (chunk, _encoding, done): void => {
        if (!this.#isSecret) process.stderr.write(chunk);
        done();
      },
    });
    return Object.defineProperty(shown, "columns", { get: () => process.stderr.columns });
  }
}

/** A terminal that understands no escape sequences: readline edits nothing there, and passes erasures on. */
const IS_DUMB = environment("TERM") === "dumb";

/** The line with each erasure (Backspace sends DEL or BS) carried out. */
function withoutErased(typed: string): string {
  const kept: string[] = [];
  for (const character of typed) {
    if (character === "\x7f" || character === "\b") kept.pop();
    else kept.push(character);
  }
  return kept.join("");
}

/** What is not held back until somebody waits: Ctrl-C, Ctrl-D, Ctrl-Z. */
// deno-lint-ignore no-control-regex
const URGENT = /^[\x03\x04\x1a]/;

/** A line end, a key that sends a sequence, text, or any other control character. */
// deno-lint-ignore no-control-regex
const KEY = /^(?:\r\n?|\n|\x1b(?:\[[\d;]*[A-Za-z~]|O.|[^\x1b])?|[^\x00-\x1f\x7f]+|[^])/;

/** Keys that erase or pass the character before the cursor, and those for the one behind it. */
// deno-lint-ignore no-control-regex
const BACKWARD = /^(?:[\x7f\b]|\x1b\[D)$/;
// deno-lint-ignore no-control-regex
const FORWARD = /^\x1b\[(?:C|3~)$/;

/** Code units of the longest character that is looked for. */
const LONGEST = 64;

/** Characters that nobody types at once, and how long the rest of a pasted line is waited for, in ms. */
const PASTED = 16;
const GATHERED = 5;

/** Somebody who waits for a line. */
interface Waiting extends PromiseWithResolvers<string> {
  readonly prompt: string;
  /** Whether the line enters the history. */
  readonly isMessage: boolean;
}
