/**
 * How much a test examines. Most runs take some of a corpus, of the pages or of the rows; `deno task test:long`, and `--all`
 * as in continuous integration, take all of them.
 *
 * @module
 */
const load = Deno.env.get("ECHO_LOAD");

/** Whether tests examine all they have: some minutes. */
export const isLong = load === "long" || load === "full";

/** In a long run all items; else so many of them, at equal distances. */
export function someOf<T>(items: readonly T[], count: number): readonly T[] {
  return isLong ? items : items.filter((_, at) => (at + 1) * count % items.length < count);
}
