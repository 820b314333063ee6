/**
 * `deno task bench micro`: what finding the frames in 64 KiB costs, by framing; nothing is read or written.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { framingFrom } from "../../lib/framing/framing.ts";
import { MAX_FRAME } from "../../lib/base/limits.ts";

const SPAN = 64 * 1024;

/** As many frames of `size` as fit, one after the other. */
function stream(name: string, size: number): { bytes: Uint8Array; end: number } {
  const frame = framingFrom(name).encode(new Uint8Array(size).fill(0x61));
  const bytes = new Uint8Array(SPAN);
  let end = 0;
  for (; end + frame.length <= SPAN; end += frame.length) bytes.set(frame, end);
  return { bytes, end };
}

for (const size of [64, 4096]) {
  for (const name of ["u32", "u16le", "dec:8", "hex:8", "netstring", "line", "raw"]) {
    const { bytes, end } = stream(name, size);
    const scanner = framingFrom(name).scanner(MAX_FRAME);
    Deno.bench({ name, group: `scan 64 KiB in frames of ${size} B`, baseline: name === "u32" }, () => {
      scanner.scan(bytes, 0, end);
    });
  }
}

for (const name of ["u32", "dec:8", "netstring", "line"]) {
  const framing = framingFrom(name);
  const payload = new Uint8Array(64).fill(0x61);
  Deno.bench({ name, group: "encode 64 B", baseline: name === "u32" }, () => {
    framing.encode(payload);
  });
}

const { bytes } = stream("u32", 64);
const copy = bytes.slice();
Deno.bench({ name: "Buffer.compare", group: "verify 64 KiB" }, () => {
  Buffer.compare(bytes, copy);
});
