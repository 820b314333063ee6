import { assertEquals } from "@std/assert";
import { concat, utf8 } from "../../../../lib/base/bytes.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import type { Range, TraceEvent } from "../../../../lib/commands/capture/trace.ts";
import { Comparison, type Difference } from "../../../../lib/commands/replay/comparison.ts";
import { FrameFinder } from "../../../../lib/commands/replay/frame_finder.ts";
import { Player } from "../../../../lib/commands/replay/player.ts";
import { dial, frame, writeAll } from "../../../support/net.ts";
import fc from "../../../support/fast_check.ts";

/** Cuts bytes at random places. */
function cut(whole: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...at.map((place) => place % (whole.length + 1)), whole.length])].toSorted((a, b) =>
    a - b
  );
  return places.slice(1).map((end, number) => whole.subarray(places[number], end));
}

Deno.test("Comparison finds the changed byte and its place, however both streams are cut", () => {
  const pieces = fc.array(fc.nat(), { maxLength: 8 });
  fc.assert(fc.property(pieces, pieces, fc.nat({ max: 51 }), (a, b, changed) => {
    const expected = concat(frame("hello"), frame("x".repeat(35)), frame(""));
    const received = expected.slice();
    received[changed] = (received[changed] ?? 0) ^ 1;
    const comparison = new Comparison(framingFrom("u32"));
    const [first, second] = [cut(expected, a), cut(received, b)];
    for (let at = 0; at < Math.max(first.length, second.length); at++) {
      const [wanted, got] = [first[at], second[at]];
      if (got !== undefined) comparison.receive(got);
      if (wanted !== undefined) comparison.expect(wanted, []);
    }
    const { told, differences, missing, extra, compared } = comparison;
    assertEquals({ differences, missing, extra, compared }, { differences: 1, missing: 0, extra: 0, compared: 52 });
    const start = changed < 9 ? 0 : changed < 48 ? 9 : 48;
    const part = changed - start < 4 ? "header" : "payload";
    assertEquals(told, [{
      ...{ offset: changed, length: 1, expected: [expected[changed] ?? 0], received: [received[changed] ?? 0] },
      place: { frame: { 0: 1, 9: 2, 48: 3 }[start] ?? 0, part, at: changed - start - (part === "header" ? 0 : 4) },
    }]);
  }));
});

Deno.test("Comparison: bytes in a row are one difference, masked ones none, and the first ten are told", () => {
  const compared = (expected: string, received: string, masked: readonly Range[] = []): readonly Difference[] => {
    const comparison = new Comparison(framingFrom("raw"));
    comparison.expect(utf8(expected), masked);
    comparison.receive(utf8(received));
    return comparison.told;
  };
  assertEquals(compared("abcdef", "abXYef").map(({ offset, length }) => [offset, length]), [[2, 2]]);
  assertEquals(compared("ab**ef", "abXYef", [[2, 4]]), []);
  assertEquals(compared("a".repeat(30), "ab".repeat(15)).length, 10);
  const many = new Comparison(framingFrom("raw"));
  many.expect(utf8(`${"a ".repeat(10)}aaaaa`), []);
  many.receive(utf8(`${"b ".repeat(10)}bbbbb`));
  assertEquals([many.differences, many.told.length], [11, 10]);
  const comparison = new Comparison(undefined);
  comparison.expect(utf8("abc"), []);
  comparison.receive(utf8("a"));
  assertEquals([comparison.missing, comparison.extra], [2, 0]);
  comparison.receive(utf8("bcdef"));
  assertEquals([comparison.missing, comparison.extra, comparison.differences], [0, 3, 0]);
});

Deno.test("FrameFinder finds the framing out, and knows when a frame is whole", () => {
  const finder = new FrameFinder(undefined);
  finder.add(frame("hello"));
  assertEquals([finder.isWhole, finder.place(6)], [true, { frame: 1, part: "payload", at: 2 }]);
  finder.add(frame("hello").subarray(0, 7));
  assertEquals([finder.isWhole, finder.place(10)], [false, { frame: 2, part: "header", at: 1 }]);
  const raw = new FrameFinder(framingFrom("u8"));
  raw.add(utf8("anything"));
  assertEquals([raw.isWhole, new FrameFinder(framingFrom("raw")).place(0)], [false, undefined]);
});

/** A server for one connection. */
async function served(
  serve: (conn: Deno.TcpConn) => Promise<void>,
  work: (port: number) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = listener.accept().then(async (conn) => {
    conn.setNoDelay(true);
    await serve(conn);
    conn.close();
  });
  await work(listener.addr.port);
  await serving;
}

const moment = { connection: 1, at: 0 };
const says = (from: "client" | "server", text: string): Extract<TraceEvent, { kind: "data" }> => ({
  ...{ kind: "data", ...moment, from, bytes: frame(text), masked: [] },
});

/** Answers whole frames only, as many servers do. */
async function echoWhole(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(1024);
  let rest = new Uint8Array(0);
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    rest = concat(rest, buffer.subarray(0, read));
    while (rest.length >= 4 && rest.length >= 4 + (rest[3] ?? 0)) {
      const size = 4 + (rest[3] ?? 0);
      await writeAll(conn, rest.subarray(0, size));
      rest = rest.slice(size);
    }
  }
}

Deno.test("Player plays to a server that answers whole frames what one that echoes at once was asked", async () => {
  await served(echoWhole, async (port) => {
    const player = new Player(await dial(port), { connection: 1, framing: framingFrom("u32"), timeout: 5000 });
    const whole = frame("in two pieces");
    // The recorded server echoed the first piece before the second was sent.
    for (const piece of [whole.subarray(0, 6), whole.subarray(6)]) {
      await player.send({ ...says("client", ""), bytes: piece });
      await player.expect({ ...says("server", ""), bytes: piece });
    }
    await player.send(says("client", "again"));
    await player.expect(says("server", "again"));
    await player.ended({ kind: "end", ...moment, from: "client", how: "half-close" });
    await player.ended({ kind: "end", ...moment, from: "server", how: "half-close" });
    await player.finish();
    const { differences, missing, extra } = player.comparison;
    assertEquals([differences, missing, extra, player.end, player.isStillOpen], [0, 0, 0, "half-close", false]);
  });
});

Deno.test("Player tells replies that do not come, that are too many, and an end that does not come", async () => {
  const results: unknown[] = [];
  const play = async (serve: (conn: Deno.TcpConn) => Promise<void>): Promise<void> => {
    await served(serve, async (port) => {
      const player = new Player(await dial(port), { connection: 1, framing: framingFrom("u32"), timeout: 150 });
      await player.send(says("client", "a"));
      await player.expect(says("server", "a"));
      await player.ended({ kind: "end", ...moment, from: "server", how: "half-close" });
      await player.finish();
      const { missing, extra } = player.comparison;
      results.push([missing, extra, player.end, player.isStillOpen]);
    });
  };
  const toEnd = async (conn: Deno.TcpConn): Promise<void> => {
    const buffer = new Uint8Array(100);
    while (await conn.read(buffer).catch(() => null) !== null);
  };
  await play(toEnd);
  await play(async (conn) => {
    await writeAll(conn, frame("a"));
    await toEnd(conn);
  });
  await play(async (conn) => {
    await conn.read(new Uint8Array(100));
    await writeAll(conn, concat(frame("a"), frame("b")));
    await conn.closeWrite();
    await toEnd(conn);
  });
  await play(async (conn) => {
    await conn.read(new Uint8Array(100));
  });
  assertEquals(results, [
    [5, 0, "open", false],
    [0, 0, "open", true],
    [0, 5, "half-close", false],
    [5, 0, "half-close", false],
  ]);
});

Deno.test("Player gives a server up that stops reading, and sends it nothing more", async () => {
  const over = Promise.withResolvers<void>();
  await served(() => over.promise, async (port) => {
    const player = new Player(await dial(port), { connection: 1, framing: framingFrom("raw"), timeout: 200 });
    const bytes = new Uint8Array(1024 * 1024);
    let sent = 0;
    // More than the buffers of any system take.
    for (; !player.isUnread && sent < 1024; sent++) await player.send({ ...says("client", ""), bytes });
    const { sentBytes } = player;
    assertEquals([player.isUnread, sentBytes < sent * bytes.length, player.end], [true, true, "open"]);
    await player.send(says("client", "more"));
    assertEquals(player.sentBytes, sentBytes);
    await player.finish();
    over.resolve();
  });
});
