import { assertEquals } from "@std/assert";
import { BufferGroup } from "../../../../lib/net/uring/buffers.ts";
import type { Libc } from "../../../../lib/net/uring/libc.ts";

/** Memory of this process; what the ring is told is kept. */
function memory(): { libc: Libc; mapped: ArrayBuffer[] } {
  const mapped: ArrayBuffer[] = [];
  const mapPrivate = (length: number): { buffer: ArrayBuffer; address: number } => {
    const buffer = new ArrayBuffer(length);
    mapped.push(buffer);
    return { buffer, address: mapped.length * 0x1000_0000 };
  };
  return { libc: { mapPrivate, register: () => 0 } as unknown as Libc, mapped };
}

Deno.test("BufferGroup gives the kernel 1,024 buffers, and one more for each that was missing, up to 4,096", () => {
  const { libc, mapped } = memory();
  const group = new BufferGroup(libc, 3);
  const halves = new Uint16Array(mapped[1] ?? new ArrayBuffer(16));
  const tail = (): number => halves[7] ?? 0;
  assertEquals(tail(), 1024);
  assertEquals([group.grow(), tail()], [true, 1025]);
  while (group.grow());
  assertEquals([group.grow(), tail()], [false, 4096]);
  const ids = new Set(Array.from({ length: 4096 }, (_, at) => halves[at * 8 + 6]));
  assertEquals(ids.size, 4096);
});

Deno.test("BufferGroup gives memory back only while no buffer is lent, however many were added", () => {
  const { libc } = memory();
  let discarded = 0;
  const counting = { ...libc, discard: () => discarded++ } as unknown as Libc;
  const group = new BufferGroup(counting, 3);
  group.take();
  group.grow();
  group.trim(counting);
  assertEquals(discarded, 0);
  group.give(7);
  group.trim(counting);
  assertEquals(discarded, 1);
});
