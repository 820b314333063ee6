import { assertEquals, assertThrows } from "@std/assert";
import { concat, utf8 } from "../../../../lib/base/bytes.ts";
import type { Direction } from "../../../../lib/commands/capture/direction.ts";
import { KeyLog } from "../../../../lib/commands/explain/key_log.ts";
import { Tap } from "../../../../lib/commands/explain/tap.ts";
import { TlsReader } from "../../../../lib/commands/explain/tls_reader.ts";
import type { WireEvent } from "../../../../lib/commands/explain/events.ts";
import { framingFrom } from "../../../../lib/framing/framing.ts";
import vectors from "../../../vectors/tls.json" with { type: "json" };

type Segment = readonly [from: Direction, bytes: Uint8Array];

function segmentsOf(vector: (typeof vectors.good)[number], piece = Infinity): Segment[] {
  return vector.segments.flatMap(([from, hex = ""]) => {
    const bytes = Uint8Array.fromHex(hex);
    const size = Math.min(piece, bytes.length);
    return Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, at): Segment => [from === "client" ? "client" : "server", bytes.subarray(at * size, (at + 1) * size)],
    );
  });
}

function logOf(keys: readonly string[]): KeyLog {
  const log = new KeyLog();
  log.add(keys.join("\n"));
  return log;
}

/** What a reader makes of it: `client` and `server` said so. */
function readWith(reader: TlsReader, segments: readonly Segment[]): Record<Direction, Uint8Array> {
  const plain = [...segments.flatMap(([from, bytes]) => reader.take(from, bytes)), ...reader.end()];
  const said = (side: Direction): Uint8Array => concat(...plain.flatMap((p) => p.from === side ? [p.bytes] : []));
  return { client: said("client"), server: said("server") };
}

const SAID = { client: utf8("hello one\nhello two\n"), server: utf8("eno olleh\nowt olleh\n") };

for (const vector of vectors.good) {
  Deno.test(`TlsReader reads ${vector.name}, whole and byte by byte`, () => {
    for (const piece of [Infinity, 1, 100]) {
      const reader = new TlsReader(logOf(vector.keys));
      assertEquals(readWith(reader, segmentsOf(vector, piece)), SAID);
      assertEquals(reader.agreed?.version, vector.name.startsWith("t13") ? "1.3" : "1.2");
    }
  });

  Deno.test(`TlsReader does not read ${vector.name} where a bit is wrong, in a key or on the wire`, () => {
    const flipped = vector.keys.map((line) => line.slice(0, -1) + (line.endsWith("0") ? "1" : "0"));
    assertThrows(() => readWith(new TlsReader(logOf(flipped)), segmentsOf(vector)), Error, "do not fit");
    const segments = segmentsOf(vector);
    const [from, last = new Uint8Array(0)] = segments.findLast(([side]) => side === "server") ?? [];
    last[last.length - 1] = (last.at(-1) ?? 0) ^ 1;
    assertEquals(from, "server");
    assertThrows(() => readWith(new TlsReader(logOf(vector.keys)), segments), Error, "do not fit");
  });
}

Deno.test("TlsReader passes on what it has no keys for, what it cannot read, and what is no TLS", () => {
  const [cbc = vectors.good[0], good = vectors.good[0]] = [vectors.unread[0], vectors.good[0]];
  for (const [vector, keys] of [[cbc, cbc?.keys ?? []], [good, []]] as const) {
    if (vector === undefined) throw new Error("no vector");
    const segments = segmentsOf(vector);
    const sent = (side: Direction): Uint8Array => concat(...segments.flatMap(([s, b]) => s === side ? [b] : []));
    assertEquals(readWith(new TlsReader(logOf(keys)), segments), { client: sent("client"), server: sent("server") });
  }
  const reader = new TlsReader(logOf([]));
  assertEquals(reader.take("server", utf8("220 ")), [{ from: "server", bytes: utf8("220 ") }]);
  assertEquals(reader.take("client", utf8("hi")), [{ from: "client", bytes: utf8("hi") }]);
});

Deno.test("a connection is explained in the clear once its keys are in the log, also where they come late", () => {
  const [vector] = vectors.good;
  if (vector === undefined) throw new Error("no vector");
  const path = Deno.makeTempFileSync();
  try {
    const events: WireEvent[] = [];
    const keyLog = new KeyLog(path, { mayCome: true });
    const options = { framing: framingFrom("line"), maxFrame: 100, most: 64, showSecrets: false, keyLog };
    const tap = new Tap(1, { began: 0, options: { ...options, onEvent: (event) => events.push(event) } });
    for (const [at, [from, bytes]] of segmentsOf(vector).entries()) {
      if (at === 2) Deno.writeTextFileSync(path, vector.keys.join("\n"));
      Array.from(tap.read(from, bytes, at));
    }
    tap.end("client", "half-close", 9);
    tap.end("server", "half-close", 9);
    const frames = events.flatMap((event) => event.event === "frame" ? [event.payload.text] : []);
    assertEquals(frames.toSorted(), ["eno olleh", "hello one", "hello two", "owt olleh"]);
    assertEquals(events.filter(({ event }) => event === "tls").length, 1);
  } finally {
    Deno.removeSync(path);
  }
});
