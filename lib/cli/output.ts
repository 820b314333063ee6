/**
 * Standard input, output and error, as the tools use them.
 *
 * @module
 */
import { fileError } from "../base/system_errors.ts";
import { environment } from "./environment.ts";
import { EXIT } from "./exit_codes.ts";

/** Prints a line on standard output; the exit code is that of success. */
export function print(line: string): number {
  writeAll(Deno.stdout, `${line}\n`);
  return EXIT.ok;
}

/** Prints a line on standard error. */
export function printError(line: string): void {
  writeAll(Deno.stderr, `${line}\n`);
}

/** Whether what is printed may have colours: on a terminal whose owner has not declined them (no-color.org). */
export function hasColours(): boolean {
  return Deno.stdout.isTerminal() && !environment("NO_COLOR") && environment("TERM") !== "dumb";
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
