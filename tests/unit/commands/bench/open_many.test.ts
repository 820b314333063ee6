import { assertEquals, assertRejects } from "@std/assert";
import { openMany } from "../../../../lib/commands/bench/open_many.ts";
import { FramedConn } from "../../../../lib/framed_conn.ts";
import { FakeWire } from "../../../support/fake_wire.ts";

Deno.test("openMany() tells how many are open, and ends with those at an abort", async () => {
  const stop = new AbortController();
  const told: number[] = [];
  const open = () => Promise.resolve(new FramedConn(new FakeWire()));
  const onOpened = (count: number): void => {
    told.push(count);
    if (count === 20) stop.abort();
  };
  const { signal } = stop;
  assertEquals((await openMany(open, { count: 25, atOnce: 10, onOpened })).length, 25);
  assertEquals((await openMany(open, { count: 50, atOnce: 10, onOpened, signal })).length, 10);
  assertEquals(told, [0, 10, 20, 0]);
});

Deno.test("openMany() leaves none open where one cannot be opened", async () => {
  const wires = [new FakeWire(), new FakeWire()];
  let at = 0;
  const open = () => {
    const wire = wires[at++];
    return wire === undefined ? Promise.reject(new Error("refused")) : Promise.resolve(new FramedConn(wire));
  };
  await assertRejects(() => openMany(open, { count: 4, atOnce: 2 }), Error, "refused");
  assertEquals(wires.map(({ closes }) => closes), [1, 1]);
});
