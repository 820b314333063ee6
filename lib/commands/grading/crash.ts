/**
 * Whether a program died of an error that nobody caught, told from what it wrote to standard error.
 *
 * @module
 */

/** How runtimes begin or end their last words; the group is the line worth showing. */
const LAST_WORDS: readonly RegExp[] = [
  // Python: the error is the first line below the indented ones.
  /^Traceback \(most recent call last\):\n(?:(?:[ \t].*)?\n)*(\S.*)$/m,
  // Rust
  /^(thread '.*' (?:\(\d+\) )?panicked at .*)$/m,
  // Go
  /^((?:panic|fatal error): .*)$/m,
  // Java, Kotlin, Scala
  /^(Exception in thread ".*" .*)$/m,
  // C#
  /^(Unhandled exception\. .*)$/m,
  // Deno; where it is no terminal it writes without colours
  /^(error: Uncaught .*)$/m,
  // Node.js
  /^((?:\w+Error|Error)(?: \[\w+\])?: .*)\n {4}at /m,
  // C++
  /^(terminate called .*)$/m,
];

/** Python's words for the end of its standard input: the grader's doing, not the connection's. */
const END_OF_INPUT = /^EOFError(?:: EOF when reading a line)?$/;

/**
 * The line that names the error; `undefined` where none was left uncaught.
 *
 * @example
 * ```ts
 * import { crashIn } from "./crash.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const stderr = 'Traceback (most recent call last):\n  File "c.py", line 5, in <module>\nBrokenPipeError: [Errno 32]\n';
 * assertEquals(crashIn(stderr), "BrokenPipeError: [Errno 32]");
 * assertEquals(crashIn("The server has left.\n"), undefined);
 * ```
 */
export function crashIn(stderr: string): string | undefined {
  const text = stderr.replaceAll("\r\n", "\n");
  for (const pattern of LAST_WORDS) {
    const line = pattern.exec(text)?.[1];
    if (line !== undefined && !END_OF_INPUT.test(line)) return line;
  }
  return undefined;
}
