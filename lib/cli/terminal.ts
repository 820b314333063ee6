/**
 * A person at a terminal: questions with a default in brackets, line editing, history, and output from elsewhere that
 * does not tear the line being typed. Prompts and notes go to standard error, so that standard output holds data only.
 *
 * @module
 */
import process from "node:process";
import { clearLine, createInterface, cursorTo, type Interface } from "node:readline";
import { UsageError } from "../errors.ts";
import { HISTORY_LINES } from "../limits.ts";
import { escapeText } from "../text.ts";
import { explainError, type Translate } from "./messages.ts";
import type { ValueParser } from "./values.ts";

/** A question. */
export interface Question<T> {
  /** What is asked for: `Port`. */
  readonly label: string;
  /** Taken when the answer is empty; shown in brackets. */
  readonly fallback: string;
  readonly parse: ValueParser<T>;
}

/** The user pressed Ctrl-C (`interrupt`) or Ctrl-D (`end`) where a line was expected. */
export class InputEnded extends Error {
  override readonly name = "InputEnded";
  constructor(readonly by: "interrupt" | "end") {
    super(`input was ended by ${by}`);
  }
}

/** Whether there is a person at the other end: questions are asked only then. */
export function canAsk(noInput: boolean): boolean {
  return !noInput && Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/** Owns the terminal from construction to disposal; lines that were pasted at once wait for their turn. */
export class Terminal implements Disposable {
  readonly #readline: Interface;
  readonly #history: string[];
  readonly #lines: string[] = [];
  #waiting: PromiseWithResolvers<string> | undefined;
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
      output: process.stderr,
      terminal: Deno.env.get("TERM") !== "dumb",
      history: [...history],
      historySize: HISTORY_LINES,
    });
    this.#readline.on("line", (line: string) => {
      if (this.#waiting === undefined) this.#lines.push(line);
      else this.#settle((waiting) => waiting.resolve(line));
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
    const line = await this.#line(prompt);
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

  /** Runs `write`, which prints whole lines to standard output or error, above the line being typed. */
  above(write: () => void): void {
    if (this.#waiting === undefined) return write();
    clearLine(process.stderr, 0);
    cursorTo(process.stderr, 0);
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

  #line(prompt: string): Promise<string> {
    const ready = this.#lines.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#waiting = Promise.withResolvers();
    this.#readline.setPrompt(prompt);
    this.#readline.prompt();
    return this.#waiting.promise;
  }

  #end(by: "interrupt" | "end"): void {
    const ended = this.#ended ??= new InputEnded(by);
    this.#whenEnded.reject(ended);
    this.#settle((waiting) => {
      process.stderr.write("\n");
      waiting.reject(ended);
    });
  }

  #settle(how: (waiting: PromiseWithResolvers<string>) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }
}
