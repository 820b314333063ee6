/**
 * A person at a terminal: questions with a default in brackets, line editing, history, and output from elsewhere that
 * does not tear the line being typed. Prompts and notes go to standard error, so that standard output holds data only.
 *
 * @module
 */
import process from "node:process";
import { clearLine, createInterface, cursorTo, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { UsageError } from "../base/errors.ts";
import { HISTORY_LINES } from "../base/limits.ts";
import { escapeText } from "../base/text.ts";
import { environment } from "./environment.ts";
import { InputEnded } from "./input_ended.ts";
import { explainError, type Translate } from "./texts.ts";
import type { ValueParser } from "./values.ts";

/** A question. */
export interface Question<T> {
  /** What is asked for: `Port`. */
  readonly label: string;
  /** Taken when the answer is empty; shown in brackets. */
  readonly fallback: string;
  readonly parse: ValueParser<T>;
}

/** Owns the terminal from construction to disposal; lines that were pasted at once wait for their turn. */
export class Terminal implements Disposable {
  readonly #readline: Interface;
  readonly #history: string[];
  readonly #lines: string[] = [];
  /** Who waits for a line; a question that comes up meanwhile is answered first. */
  readonly #waiting: Waiting[] = [];
  /** While a secret is typed nothing is shown. */
  #isSecret = false;
  #ended: InputEnded | undefined;
  readonly #whenEnded = Promise.withResolvers<never>();

  /** A killed program must not leave the terminal without echo. */
  readonly #onTerminate = (): never => {
    this.#readline.close();
    Deno.exit(128 + 15);
  };

  /** @param history Earlier lines, newest first. */
  constructor(history: readonly string[] = []) {
    this.#history = [...history];
    this.#whenEnded.promise.catch(() => {/* whoever awaits it is told */});
    this.#readline = createInterface({
      input: process.stdin,
      output: this.#shown(),
      // A dumb terminal as well, or the kernel would show what is typed, secrets included.
      terminal: true,
      history: [...history],
      historySize: HISTORY_LINES,
    });
    this.#readline.on("line", (typed: string) => {
      const line = IS_DUMB ? withoutErased(typed) : typed;
      const waiting = this.#waiting.pop();
      if (waiting === undefined) this.#lines.push(line);
      else waiting.resolve(line);
    });
    this.#readline.on("history", (history: string[]) => {
      // Arrow keys bring messages back, not answers, and never a password.
      if (this.#waiting.at(-1)?.isMessage !== true) history.shift();
    });
    Deno.addSignalListener("SIGTERM", this.#onTerminate);
    this.#readline.on("SIGINT", () => this.#end("interrupt"));
    this.#readline.on("close", () => this.#end("end"));
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
    // Prompts are shown before the silence begins; a line pasted beforehand may be the answer.
    process.stderr.write(`${label}: `);
    this.#isSecret = true;
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
      clearLine(process.stderr, 0);
      cursorTo(process.stderr, 0);
    }
    write();
    this.#readline.prompt(true);
  }

  /** Prints a line on standard error. */
  note(text: string): void {
    this.above(() => process.stderr.write(`${text}\n`));
  }

  /** Gives the terminal back, in the state it was found in. */
  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGTERM", this.#onTerminate);
    this.#ended ??= new InputEnded("end");
    this.#readline.close();
  }

  async #line(prompt: string, isMessage = false): Promise<string> {
    const ready = this.#lines.shift();
    if (ready !== undefined) return ready;
    if (this.#ended !== undefined) throw this.#ended;
    const waiting: Waiting = { prompt, isMessage, ...Promise.withResolvers<string>() };
    this.#waiting.push(waiting);
    this.#prompt();
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

/** Somebody who waits for a line. */
interface Waiting extends PromiseWithResolvers<string> {
  readonly prompt: string;
  /** Whether the line enters the history. */
  readonly isMessage: boolean;
}
