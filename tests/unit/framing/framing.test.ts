import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/base/errors.ts";
import { framingFrom, MAX_HEADER } from "../../../lib/framing/framing.ts";
import { bytesOf, vectors } from "../../support/framing_vectors.ts";

Deno.test("framingFrom() gives a framing of the name it was asked for", () => {
  for (const name of vectors.names.accepted) assertEquals(framingFrom(name).name, name);
});

for (const name of vectors.names.refused) {
  Deno.test(`framingFrom() refuses ${JSON.stringify(name)} and names the choices`, () => {
    const error = assertThrows(() => framingFrom(name), UsageError, `"${name}"`);
    assertEquals([error.code, error.details.value], ["bad_framing", name]);
    assertStringIncludes(error.message, "u32, u8, u16");
  });
}

for (const { framing, why, reason, payload, length } of vectors.notEncodable) {
  Deno.test(`${framing} cannot carry ${why}`, () => {
    const bytes = payload === undefined ? new Uint8Array(length ?? 0) : bytesOf(payload);
    const error = assertThrows(() => framingFrom(framing).encode(bytes), UsageError, `"${framing}"`);
    assertEquals([error.code, error.details], ["payload_not_encodable", { framing, reason }]);
  });
}

Deno.test("encode() carries exactly as much as the header can announce", () => {
  for (const [name, capacity] of [["u8", 255], ["u16", 65535], ["u16le", 65535], ["dec:3", 999], ["hex:2", 255]]) {
    const framing = framingFrom(String(name));
    assertEquals(framing.capacity, capacity);
    const frame = framing.encode(new Uint8Array(Number(capacity)));
    assertEquals(framing.scanner(Infinity).scan(frame, 0, frame.length), frame.length);
  }
});

Deno.test("encode() leaves the payload alone, which may be a part of a larger buffer", () => {
  const buffer = bytesOf("..hello..");
  for (const name of vectors.names.accepted.filter((name) => name !== "raw" && !name.endsWith(":1"))) {
    const frame = framingFrom(name).encode(buffer.subarray(2, 7));
    frame.fill(0);
    assertEquals(buffer, bytesOf("..hello.."), name);
  }
});

Deno.test("A header never needs more than MAX_HEADER bytes to be read or refused", () => {
  for (const name of vectors.names.accepted) {
    for (const byte of [0x00, 0x20, 0x2b, 0x30, 0x31, 0x3a, 0xff]) {
      const scanner = framingFrom(name).scanner(8);
      const bytes = new Uint8Array(MAX_HEADER + 1).fill(byte);
      const consumed = scanner.scan(bytes, 0, bytes.length);
      assertEquals(consumed > 0 || scanner.error !== undefined, true, `${name}, byte ${byte}`);
    }
  }
});

Deno.test("A scanner consumes nothing more after a mistake", () => {
  for (const [name, wire] of [["u32", "\u00ff\u00ff\u00ff\u00ff"], ["netstring", "x"], ["line", "123456789\n"]]) {
    const scanner = framingFrom(String(name)).scanner(8);
    const bad = bytesOf(String(wire));
    scanner.scan(bad, 0, bad.length);
    const { error } = scanner;
    const good = framingFrom(String(name)).encode(bytesOf("good"));
    assertEquals([scanner.step(good, 0, good.length), scanner.scan(good, 0, good.length)], [0, 0], name);
    assertEquals([scanner.error === error, scanner.error?.name, scanner.frames], [true, "ProtocolError", 0], name);
  }
});

Deno.test("The errors of a scanner name what came and what is allowed", () => {
  const failed = (name: string, wire: string): string => {
    const scanner = framingFrom(name).scanner(8);
    scanner.scan(bytesOf(wire), 0, wire.length);
    return scanner.error?.message ?? "";
  };
  assertEquals(
    failed("u32", "\u00ff\u00ff\u00ff\u00ff"),
    "Cannot accept a frame: its length is 4294967295 bytes, the limit is 8 bytes",
  );
  assertEquals(failed("dec:4", "12x4"), "Cannot read a frame: its header is not a length (bytes 31 32 78 34)");
  assertEquals(failed("netstring", "1:ab"), "Cannot read a netstring: byte 0x62 stands where its comma belongs");
  assertEquals(
    failed("line", "123456789"),
    "Cannot accept a frame: its length is more than 8 bytes, the limit is 8 bytes",
  );
});

Deno.test("A new limit holds from the next frame on, not for the one that has begun", () => {
  const scanner = framingFrom("u8").scanner(4);
  const bytes = bytesOf("\u0004abcd\u0004efgh");
  assertEquals(scanner.scan(bytes, 0, 3), 3);
  scanner.limit = 3;
  assertEquals(scanner.scan(bytes, 3, bytes.length), 5);
  assertEquals([scanner.frames, scanner.error?.code], [1, "frame_too_large"]);
});
