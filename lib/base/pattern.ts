/**
 * A regular expression that is made when it is first asked for.
 *
 * V8 reads a literal wherever its file is parsed, also in a function that nobody calls, and looks up what its classes of
 * Unicode (`\p{L}`) stand for. One that is loaded at every start took 0.4 to 1 ms of it (V8's `--log-function-events`).
 *
 * @param source As a literal has it between its slashes: with `String.raw`.
 *
 * @example
 * ```ts
 * import { lazyPattern } from "./pattern.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const WORD = lazyPattern(String.raw`^\p{L}+$`, "u");
 * assertEquals([WORD().test("мир"), WORD().test("9")], [true, false]);
 * ```
 */
export function lazyPattern(source: string, flags: string): () => RegExp {
  let made: RegExp | undefined;
  return () => made ??= new RegExp(source, flags);
}
