import { assert, assertEquals } from "@std/assert";
import { coalesce } from "../../../../lib/commands/faults/coalesce.ts";
import { directionOf, streamed } from "./through.ts";

Deno.test("coalesce sends what comes within its time together", async () => {
  const { pieces, strikes } = await streamed(coalesce, "coalesce=1h", ["a", "b", "c"]);
  assertEquals(pieces.map(({ text }) => text), ["abc"]);
  assertEquals(strikes.map(({ fault, pieces, bytes }) => [fault, pieces, bytes]), [["coalesce", 3, 3]]);
});

Deno.test("coalesce waits no longer than its time", async () => {
  const { direction } = directionOf("coalesce=40ms");
  const given = [{ bytes: Uint8Array.of(1), at: performance.now() }];
  const silence = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = given.shift();
        return value === undefined ? new Promise<never>(() => {}) : Promise.resolve({ value, done: false as const });
      },
    }),
  };
  const { value } = await coalesce(silence, direction).next();
  assert(value !== undefined && value.bytes.length === 1 && performance.now() - direction.began >= 39);
});

Deno.test("coalesce does not wait for more than 64 KiB", async () => {
  const { pieces } = await streamed(coalesce, "coalesce=1h", ["x".repeat(40_000), "y".repeat(40_000), "z"]);
  assert(pieces.length === 2 && pieces[0]?.text.length === 80_000, "the first two, then the end");
});
