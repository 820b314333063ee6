import { assert, assertEquals } from "@std/assert";
import { Pattern } from "../../../../lib/commands/bench/pattern.ts";
import { runLoad } from "../../../../lib/commands/bench/run.ts";
import type { Wire } from "../../../../lib/framed_conn.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";

/** A connection to an echo server that hangs up behind so many echoes. */
function wireOf(echoes: number): Wire {
  let [left, parts] = [echoes, [] as Uint8Array[]];
  let moved = Promise.withResolvers<void>();
  return {
    write: (bytes) => {
      parts.push(bytes.slice());
      moved.resolve();
      return Promise.resolve(bytes.length);
    },
    read: async (buffer) => {
      while (parts.length === 0 && left > 0) {
        await moved.promise;
        moved = Promise.withResolvers();
      }
      if (left-- <= 0) return null;
      const part = parts.shift() ?? new Uint8Array();
      buffer.set(part);
      return part.length;
    },
    closeWrite: () => Promise.resolve(),
    close: () => moved.resolve(),
  };
}

Deno.test("runLoad() of a number of frames at a rate is over when no connection is left, in whatever order they end", async () => {
  const result = await runLoad([wireOf(3), wireOf(6)], {
    ...{ window: 1, duration: Infinity, warmup: 0, timeout: 10_000, rate: 100, count: 1000 },
    ...{ pattern: new Pattern(framingFrom("u32"), 16), signal: new AbortController().signal, interval: 200 },
  });
  assertEquals([result.failures.map(({ connection }) => connection), result.frames], [[1, 2], [3, 6]]);
  assert(result.elapsed < 5000, `${result.elapsed} ms, not the 10 s that were asked for`);
});
