import { assertEquals } from "@std/assert";
import { delay } from "../../../../lib/base/delay.ts";
import type { Direction } from "../../../../lib/commands/capture/direction.ts";
import { relay } from "../../../../lib/commands/explain/relay.ts";

/** A side that sends without end, and takes nothing, or is gone for who writes to it. */
function side({ isGone }: { readonly isGone: boolean }): Deno.Conn {
  const { promise: closed, reject } = Promise.withResolvers<number>();
  closed.catch(() => {});
  return {
    read: (into: Uint8Array) => delay(5).then(() => into.length),
    write: () => isGone ? Promise.reject(new Deno.errors.BrokenPipe("gone")) : closed,
    closeWrite: () => Promise.resolve(),
    close: () => reject(new Deno.errors.BadResource("closed")),
  } as unknown as Deno.Conn;
}

Deno.test("relay() ends when one side is gone and the other one takes nothing of its last words", async () => {
  const ends: [Direction, string][] = [];
  await relay({ client: side({ isGone: true }), server: side({ isGone: false }) }, {
    watcher: {
      read: () => Promise.resolve(),
      end: (direction, kind) => void ends.push([direction, kind]),
      closed: () => Promise.resolve(void ends.push(["client", "closed"])),
    },
    stop: new AbortController().signal,
  });
  assertEquals(ends.at(-1), ["client", "closed"]);
  assertEquals(ends.find(([direction]) => direction === "client"), ["client", "reset"]);
});
