import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { ByteSource } from "../../../../lib/commands/capture/byte_source.ts";
import { openOutput } from "../../../../lib/commands/capture/output_file.ts";
import { RecordingSink } from "../../../../lib/commands/capture/recording.ts";
import type { TraceEvent } from "../../../../lib/commands/capture/trace.ts";
import { MemoryFile, pcapngOf, PLACES, sentIn, talk, traceOf } from "../../../support/captures.ts";
import { tempDir } from "../../../support/programs.ts";

Deno.test("PacketSink writes what our reader reads back, in every family of addresses", async () => {
  for (const [number, place] of PLACES.entries()) {
    for (const how of ["half-close", "reset"] as const) {
      const events = talk(number + 1, place, how);
      const read = await traceOf(pcapngOf(events));
      for (const side of ["client", "server"] as const) assertEquals(sentIn(read, side), sentIn(events, side));
      assertEquals(read.filter(({ kind }) => kind === "notice"), []);
      assertEquals(read.flatMap((event) => event.kind === "end" ? [`${event.from} ${event.how}`] : []), [
        `client ${how}`,
        `server ${how === "reset" ? "cut" : how}`,
      ]);
    }
  }
});

Deno.test("PacketSink writes datagrams, an empty one and the largest among them", async () => {
  const moment = { connection: 1, at: 1_700_000_000_000 };
  const [client, server] = PLACES[2];
  const data = (from: "client" | "server", text: string): TraceEvent => ({
    ...{ kind: "data", ...moment, from, bytes: utf8(text), masked: [] },
  });
  const events: TraceEvent[] = [
    { kind: "open", ...moment, transport: "udp", client, server, connectMs: null },
    ...[data("client", "one"), data("client", ""), data("server", "two")],
    data("server", "x".repeat(65_507)),
    { kind: "close", ...moment },
  ];
  // IPv4 beside IPv6 is written as IPv4-mapped, and read as IPv4.
  assertEquals(await traceOf(pcapngOf(events)), events);
});

Deno.test("RecordingSink writes what readRecording() reads back, key for key", async () => {
  const events = [...talk(1, PLACES[0], "half-close"), ...talk(2, PLACES[1], "reset")];
  const file = new MemoryFile();
  const sink = new RecordingSink(file, { program: "test", target: "x", framing: "u32" });
  for (const event of events) sink.take(event);
  assertEquals(await traceOf(file.bytes, 1000), events);
});

Deno.test("ByteSource.line() ends at the end of the file, too", async () => {
  const stream = (async function* (): AsyncGenerator<Uint8Array> {
    yield utf8("one\ntw");
    yield utf8("o\n\nlast");
  })();
  const source = new ByteSource(stream);
  const lines: string[] = [];
  for (let line = await source.line(100); line !== undefined; line = await source.line(100)) {
    lines.push(new TextDecoder().decode(line));
  }
  assertEquals(lines, ["one", "two", "", "last"]);
});

Deno.test({
  name: "openOutput() leaves a file to its owner, one that was there before as well",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using dir = tempDir();
    const path = `${dir.path}/capture`;
    Deno.writeTextFileSync(path, "something longer than what comes", { mode: 0o644 });
    const file = openOutput(path);
    file.write(utf8("new"));
    file.close();
    assertEquals(Deno.readTextFileSync(path), "new");
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  },
});
