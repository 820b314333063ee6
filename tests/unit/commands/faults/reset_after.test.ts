import { assert, assertEquals } from "@std/assert";
import { ResetStrike } from "../../../../lib/commands/faults/pieces.ts";
import { resetAfter } from "../../../../lib/commands/faults/reset_after.ts";
import { directionOf, streamed } from "./through.ts";

Deno.test("reset-after resets after its bytes, which still pass", async () => {
  const { pieces, strikes, error } = await streamed(resetAfter, "reset-after=7B", ["hello", "world"]);
  assertEquals(pieces.map(({ text }) => text), ["hello", "wo"]);
  assert(error instanceof ResetStrike);
  assertEquals(strikes.map(({ fault, bytes }) => [fault, bytes]), [["reset", 7]]);
});

Deno.test("reset-after resets in silence once its time has come", async () => {
  const { direction } = directionOf("reset-after=40ms");
  const silence = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
  };
  const next = resetAfter(silence, direction).next();
  const error: unknown = await next.catch((error: unknown) => error);
  assert(error instanceof ResetStrike);
  assert(performance.now() - direction.began >= 39);
});
