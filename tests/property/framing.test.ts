import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { ProtocolError, UsageError } from "../../lib/base/errors.ts";
import { FRAMING_NAMES, framingFrom } from "../../lib/framing/framing.ts";
import { concat } from "../../lib/base/bytes.ts";
import { decodeAll, scanAll } from "../support/framing_vectors.ts";

/** All that have frames. Those with a parameter stand for their kind. */
const FRAMINGS = [
  ...FRAMING_NAMES.filter((name) => !name.includes(":") && name !== "raw"),
  ...["dec:3", "dec:8", "hex:4", "until:aab"],
];
const LIMIT = 64;

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

/** Bytes that look like headers, digits and delimiters more often than chance would have it. */
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(0x00, 0x01, 0x0a, 0x0d, 0x20, 0x2b, 0x2c, 0x30, 0x31, 0x39, 0x3a, 0x66, 0x7f, 0x80, 0xff),
    fc.integer({ min: 0, max: 255 }),
  ),
  { maxLength: 200 },
).map((array) => Uint8Array.from(array));

/** Cuts a stream to pieces at random points. */
function cut(stream: Uint8Array, points: readonly number[]): Uint8Array[] {
  const at = [...new Set(points.map((point) => point % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, index) => stream.subarray(start, at[index] ?? stream.length));
}

const points = fc.array(fc.nat(), { maxLength: 12 });

for (const name of FRAMINGS) {
  const framing = framingFrom(name);

  Deno.test(`${name}: what was encoded is decoded, whatever the messages and the chunks`, () => {
    fc.assert(fc.property(fc.array(bytes(LIMIT), { maxLength: 8 }), points, (messages, points) => {
      const sendable = messages.filter((message) => canEncode(name, message));
      const stream = concat(...sendable.map((message) => framing.encode(message)));
      const { payloads, ...rest } = decodeAll(name, LIMIT, cut(stream, points));
      assertEquals(payloads, sendable);
      assertEquals(rest, { valid: stream.length, code: undefined, isCut: false });
    }));
  });

  Deno.test(`${name}: any bytes give frames or one ProtocolError, the same however they are cut`, () => {
    fc.assert(fc.property(hostile, points, (stream, points) => {
      const whole = decodeAll(name, LIMIT, [stream]);
      const pieces = decodeAll(name, LIMIT, cut(stream, points));
      assertEquals([pieces.payloads, pieces.code], [whole.payloads, whole.code]);
      assert(whole.payloads.every((payload) => payload.length <= LIMIT));
      assert(
        whole.code === undefined || ["frame_too_large", "bad_header", "bad_trailer"].includes(whole.code),
        whole.code,
      );
      assertEquals(scanAll(name, LIMIT, [stream]).frames, whole.payloads.length);
    }));
  });

  Deno.test(`${name}: a mistake is a ProtocolError and final`, () => {
    fc.assert(fc.property(hostile, hostile, (stream, more) => {
      const scanner = framing.scanner(LIMIT);
      const at = scanner.scan(stream, 0, stream.length);
      if (scanner.error === undefined) return;
      assert(scanner.error instanceof ProtocolError);
      const { error, frames } = scanner;
      assertEquals(scanner.scan(stream, at, stream.length), at);
      assertEquals(scanner.scan(more, 0, more.length), 0);
      assertEquals([scanner.error, scanner.frames], [error, frames]);
    }));
  });

  Deno.test(`${name}: good frames before arbitrary bytes are always read`, () => {
    fc.assert(fc.property(fc.array(bytes(LIMIT), { maxLength: 4 }), hostile, points, (messages, tail, points) => {
      const sendable = messages.filter((message) => canEncode(name, message));
      const stream = concat(...sendable.map((message) => framing.encode(message)), tail);
      const { payloads } = decodeAll(name, LIMIT, cut(stream, points));
      assertEquals(payloads.slice(0, sendable.length), sendable);
    }));
  });
}

Deno.test("raw: every byte comes back, whatever the chunks", () => {
  fc.assert(fc.property(bytes(300), points, (stream, points) => {
    const { payloads, valid, code, isCut } = decodeAll("raw", LIMIT, cut(stream, points));
    assertEquals(concat(...payloads), stream);
    assertEquals([valid, code, isCut], [stream.length, undefined, false]);
  }));
});

Deno.test("framingFrom() gives a framing or a UsageError for any name", () => {
  fc.assert(fc.property(fc.string(), (name) => {
    try {
      assertEquals(framingFrom(name).name, name);
    } catch (error) {
      assert(error instanceof UsageError, `${error}`);
    }
  }));
});

/** What ends a message, of framings that look for it. */
const DELIMITERS: Readonly<Record<string, string>> = { line: "\n", crlf: "\r\n", "until:aab": "aab" };

function canEncode(name: string, message: Uint8Array): boolean {
  const delimiter = DELIMITERS[name];
  if (delimiter === undefined) return true;
  const text = new TextDecoder("latin1").decode(message);
  return (text + delimiter).indexOf(delimiter) === text.length && !(name === "line" && text.endsWith("\r"));
}
