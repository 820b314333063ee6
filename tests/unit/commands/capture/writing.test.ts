import { assertEquals, assertStringIncludes } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { ByteSource } from "../../../../lib/commands/capture/byte_source.ts";
import { openOutput } from "../../../../lib/commands/capture/output_file.ts";
import { PacketSink } from "../../../../lib/commands/capture/packet_sink.ts";
import { RecordingSink } from "../../../../lib/commands/capture/recording.ts";
import type { TraceEvent } from "../../../../lib/commands/capture/trace.ts";
import { MemoryFile, sentIn, traceOf } from "../../../support/captures.ts";
import { isInstalled, tempDir } from "../../../support/programs.ts";

const PLACES = [
  ["192.0.2.1:40000", "192.0.2.7:9090"],
  ["[2001:db8::1]:40000", "[2001:db8::7]:9090"],
  ["127.0.0.1:40000", "[::1]:9090"],
  ["unix:", "unix:/run/echo.sock"],
] as const;

/** A connection: both sides send, the larger message in several segments; then its end. */
function talk(
  connection: number,
  [client, server]: readonly [string, string],
  how: "half-close" | "reset",
): TraceEvent[] {
  const at = 1_700_000_000_000 + connection;
  const moment = { connection, at };
  const large = new Uint8Array(150_000).map((_, index) => index + connection);
  return [
    { kind: "open", ...moment, transport: "tcp", client, server, connectMs: 0.5 },
    {
      kind: "data",
      ...moment,
      from: "client",
      bytes: utf8(`hello ${connection}*****`),
      masked: [[6 + String(connection).length, 11 + String(connection).length]],
    },
    { kind: "data", ...moment, from: "server", bytes: large, masked: [] },
    { kind: "end", ...moment, from: "client", how },
    ...how === "reset" ? [] : [{ kind: "end", ...moment, from: "server", how } as const],
    { kind: "close", ...moment },
  ];
}

function pcapngOf(events: readonly TraceEvent[]): Uint8Array {
  const file = new MemoryFile();
  const sink = new PacketSink(file, { program: "test", target: "192.0.2.7:9090" });
  for (const event of events) sink.take(event);
  return file.bytes;
}

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

Deno.test("PacketSink writes datagrams, an empty one among them", async () => {
  const moment = { connection: 1, at: 1_700_000_000_000 };
  const [client, server] = PLACES[2];
  const data = (from: "client" | "server", text: string): TraceEvent => ({
    ...{ kind: "data", ...moment, from, bytes: utf8(text), masked: [] },
  });
  const events: TraceEvent[] = [
    { kind: "open", ...moment, transport: "udp", client, server, connectMs: null },
    ...[data("client", "one"), data("client", ""), data("server", "two")],
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

Deno.test({
  name: "tshark reads a hundred connections without a complaint, and follows each to the same bytes",
  ignore: !isInstalled("tshark"),
  fn: () => {
    using dir = tempDir();
    const path = `${dir.path}/wire.pcapng`;
    const connections = Array.from({ length: 100 }, (_, number) => {
      const port = 40_000 + number;
      const [client, server] = PLACES[number % 3] ?? PLACES[0];
      return talk(
        number + 1,
        [client.replace("40000", String(port)), server],
        number % 2 === 0 ? "half-close" : "reset",
      );
    });
    // As it happens: all beside each other.
    const most = Math.max(...connections.map(({ length }) => length));
    const events = Array.from({ length: most }, (_, step) => connections.flatMap((talk) => talk[step] ?? [])).flat();
    Deno.writeFileSync(path, pcapngOf(events));
    const tshark = (...args: string[]): string => {
      const checks = ["tcp.check_checksum:TRUE", "ip.check_checksum:TRUE", "udp.check_checksum:TRUE"];
      const { stdout, success } = new Deno.Command("tshark", {
        args: ["-r", path, ...checks.flatMap((check) => ["-o", check]), ...args],
        stderr: "null",
      }).outputSync();
      assertEquals(success, true);
      return new TextDecoder().decode(stdout);
    };
    // 0x600000 is the severity "warning"; a reset is one by itself.
    assertEquals(tshark("-Y", "_ws.expert.severity >= 0x600000 && !tcp.flags.reset == 1"), "");
    assertEquals(tshark("-Y", "tcp.analysis.flags || tcp.checksum.status == 0 || _ws.malformed"), "");
    for (const stream of [0, 1, 2, 57, 99]) {
      const lines = tshark("-q", "-z", `follow,tcp,raw,${stream}`).split("\n").slice(6).filter((line) =>
        /^\t?[0-9a-f]+$/.test(line)
      );
      const talk = connections[stream] ?? [];
      assertEquals(lines.filter((line) => !line.startsWith("\t")).join(""), sentIn(talk, "client").toHex());
      assertEquals(
        lines.filter((line) => line.startsWith("\t")).join("").replaceAll("\t", ""),
        sentIn(talk, "server").toHex(),
      );
    }
    assertStringIncludes(
      tshark("-Y", "frame.comment contains masked", "-T", "fields", "-e", "frame.comment"),
      "5 bytes",
    );
  },
});
