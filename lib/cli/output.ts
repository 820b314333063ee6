/**
 * Standard input, output and error, as the tools use them.
 *
 * @module
 */
import { fileError } from "../base/system_errors.ts";
import { environment } from "./environment.ts";
import { EXIT } from "./exit_codes.ts";
import { fitted } from "./terminal_size.ts";

/**
 * Prints a line on standard output; the exit code is that of success.
 *
 * @throws {StorageError} `cannot_write`
 * @throws {Deno.errors.BrokenPipe} when nobody reads it any more.
 */
export function print(line: string): number {
  try {
    writeAll(Deno.stdout, `${line}\n`);
  } catch (error) {
    throw error instanceof Deno.errors.BrokenPipe ? error : fileError(error, "write", "standard output");
  }
  return EXIT.ok;
}

/** Prints what is for people on standard output, in lines that fit the terminal; the exit code is that of success. */
export function printText(text: string): number {
  return print(fitted(text.split("\n")).join("\n"));
}

/** Prints what is for people on standard error, in lines that fit the terminal. */
export function printError(text: string): void {
  writeError(`${fitted(text.split("\n"), Deno.stderr).join("\n")}\n`);
}

/** Writes on standard error. Where that fails there is nobody to tell, and the exit code still says how it went. */
export function writeError(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // See above.
  }
}

export type ColorChoice = "auto" | "always" | "never";

/**
 * Whether what is printed has colours: as told, else as the environment says (no-color.org, force-color.org,
 * CLICOLOR_FORCE), else on a terminal that understands them.
 */
export function hasColours(choice: ColorChoice, to: { isTerminal(): boolean } = Deno.stdout): boolean {
  if (choice !== "auto") return choice === "always";
  if (environment("NO_COLOR")) return false;
  if (environment("FORCE_COLOR") || isSet(environment("CLICOLOR_FORCE"))) return true;
  return to.isTerminal() && environment("TERM") !== "dumb";
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "" && variable !== "0";
}

/** A text in bold, where colours are wanted. */
export function bold(text: string, colour: boolean): string {
  return colour ? `\x1b[1m${text}\x1b[0m` : text;
}

/** A text in bold red, where colours are wanted. */
export function red(text: string, colour: boolean): string {
  return colour ? `\x1b[1;31m${text}\x1b[0m` : text;
}

/** Whether there is a person at the other end: questions are asked only then. */
export function canAsk(noInput: boolean): boolean {
  return !noInput && Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/**
 * Standard input as it comes.
 *
 * @throws {StorageError} `cannot_read`, as when it is a directory.
 */
export async function* standardInput(): AsyncGenerator<Uint8Array> {
  try {
    yield* Deno.stdin.readable;
  } catch (error) {
    throw fileError(error, "read", "standard input");
  }
}

function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}
