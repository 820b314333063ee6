import { assertEquals } from "@std/assert";
import { HeapKeeper } from "../../../lib/base/heap_keeper.ts";

const MIB = 1024 ** 2;

/** A heap that is collected down to `live` MiB. */
class FakeHeap {
  size: number;
  live: number;
  looks = 0;
  collections = 0;

  constructor(live: number) {
    this.size = this.live = live;
  }

  used = (): number => {
    this.looks++;
    return this.size * MIB;
  };

  collect = (): Promise<void> => {
    this.collections++;
    this.size = this.live;
    return Promise.resolve();
  };
}

/** Ends so many things, each of which leaves so many MiB of garbage. */
async function end(heap: FakeHeap, keeper: HeapKeeper, things: { count: number; garbage: number }): Promise<void> {
  for (let number = 0; number < things.count; number++) {
    heap.size += things.garbage;
    keeper.ended();
    await Promise.resolve();
  }
}

Deno.test("HeapKeeper collects once garbage has piled up, and again when it has anew", async () => {
  const heap = new FakeHeap(10);
  const keeper = new HeapKeeper(heap);
  let most = 0;
  for (let times = 0; times < 10; times++) {
    await end(heap, keeper, { count: 100, garbage: 0.01 });
    most = Math.max(most, heap.size);
  }
  assertEquals(heap.collections, 4);
  assertEquals(most < 13, true, `${most} MiB`);
});

Deno.test("HeapKeeper leaves a heap alone that does not grow", async () => {
  const heap = new FakeHeap(10);
  await end(heap, new HeapKeeper(heap), { count: 10_000, garbage: 0 });
  assertEquals(heap.collections, 0);
});

Deno.test("HeapKeeper collects a large heap only when a part of it may be garbage", async () => {
  const heap = new FakeHeap(100);
  const keeper = new HeapKeeper(heap);
  await end(heap, keeper, { count: 1000, garbage: 0.018 });
  assertEquals(heap.collections, 0);
  await end(heap, keeper, { count: 1000, garbage: 0.018 });
  assertEquals(heap.collections, 1);
});

Deno.test("HeapKeeper does not begin a collection while one is going on", () => {
  let collections = 0;
  let used = 10 * MIB;
  const keeper = new HeapKeeper({
    used: () => used,
    collect: () => {
      collections++;
      return new Promise(() => {});
    },
  });
  for (let number = 0; number < 10_000; number++) {
    used += MIB / 10;
    keeper.ended();
  }
  assertEquals(collections, 1);
});

Deno.test("HeapKeeper looks once for many things that end", async () => {
  const heap = new FakeHeap(10);
  await end(heap, new HeapKeeper(heap), { count: 5000, garbage: 0 });
  assertEquals(heap.looks <= 101, true, `${heap.looks} looks`);
});
