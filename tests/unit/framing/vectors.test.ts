import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { FRAMING_NAMES, framingFrom } from "../../../lib/framing/framing.ts";
import { concat } from "../../../lib/base/bytes.ts";
import { bytesOf, chunkings, decodeAll, scanAll, unpacked, vectors } from "../../support/framing_vectors.ts";

Deno.test("Every framing has vectors that it reads, and others that it refuses", () => {
  const without = (list: readonly { readonly framing: string }[]): string[] => {
    const families = new Set(list.map(({ framing }) => framing.split(":")[0]));
    return FRAMING_NAMES.filter((name) => !families.has(name.split(":")[0]));
  };
  assertEquals(without(vectors.good), []);
  // Any bytes are right where nothing tells messages apart.
  assertEquals(without(vectors.bad), ["raw"]);
});

for (const vector of vectors.good) {
  const { framing, why } = vector;
  const { hasBoundaries } = framingFrom(framing);
  const { wire, payloads, limit } = unpacked(vector);

  Deno.test(`${framing} reads ${why}, however it is cut`, () => {
    for (const { how, chunks } of chunkings(wire)) {
      const { payloads: found, ...rest } = decodeAll(framing, limit, chunks);
      if (hasBoundaries) assertEquals(found, payloads, how);
      assertEquals(concat(...found), concat(...payloads), how);
      assertEquals(rest, { valid: wire.length, code: undefined, isCut: false }, how);
      const scanned = scanAll(framing, limit, chunks);
      const frames = hasBoundaries ? payloads.length : scanned.frames;
      assertEquals(scanned, { frames, valid: wire.length, code: undefined, isCut: false }, how);
    }
  });

  if (hasBoundaries) {
    Deno.test(`${framing} reads ${why} with more frames behind it`, () => {
      const twice = concat(wire, wire);
      for (const { how, chunks } of chunkings(twice)) {
        assertEquals(decodeAll(framing, limit, chunks).payloads, [...payloads, ...payloads], how);
      }
      for (let more = 1; more < wire.length; more++) {
        const { payloads: found, code } = decodeAll(framing, limit, [concat(wire, wire.subarray(0, more))]);
        assertEquals([found.slice(0, payloads.length), code], [payloads, undefined], `and ${more} bytes`);
      }
    });
  }

  if (vector.canonical !== false) {
    Deno.test(`${framing} writes ${why} the same way`, () => {
      const { encode } = framingFrom(framing);
      assertEquals(concat(...payloads.map((payload) => encode.call(framingFrom(framing), payload))), wire);
    });
  }
}

for (const vector of vectors.bad) {
  const { framing, why, code, valid } = vector;
  const { wire, payloads, limit } = unpacked(vector);
  // What ends with a delimiter shows that it is too long after a part of it has been let through.
  const slack = framingFrom(framing).kind === "delimiter" ? limit + 1 : 0;

  Deno.test(`${framing} refuses ${why}, and keeps what came before it`, () => {
    for (const behind of [bytesOf(""), bytesOf("\n"), bytesOf("\u0000\u00ff,5:hello,0005")]) {
      for (const { how, chunks } of chunkings(concat(wire, behind))) {
        const decoded = decodeAll(framing, limit, chunks);
        assertEquals([decoded.code, decoded.payloads], [code, payloads], how);
        const scanned = scanAll(framing, limit, chunks);
        assertEquals([scanned.code, scanned.frames], [code, payloads.length], how);
        for (const result of [decoded, scanned]) {
          assertGreaterOrEqual(result.valid, valid, how);
          assertGreaterOrEqual(valid + slack, result.valid, how);
        }
      }
    }
  });
}

for (const vector of vectors.cut) {
  const { framing, why } = vector;
  const { wire, payloads, limit } = unpacked(vector);

  Deno.test(`${framing} waits for the rest: ${why}`, () => {
    for (const { how, chunks } of chunkings(wire)) {
      const { payloads: found, code, isCut } = decodeAll(framing, limit, chunks);
      assertEquals([found, code, isCut], [payloads, undefined, true], how);
      const scanned = scanAll(framing, limit, chunks);
      assertEquals([scanned.frames, scanned.code, scanned.isCut], [payloads.length, undefined, true], how);
    }
  });
}
