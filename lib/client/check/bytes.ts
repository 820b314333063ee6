/**
 * Bytes of the wire: as a finding shows them, and as frames.
 *
 * @module
 */
import type { Framing } from "../../framing.ts";
import { escapeText } from "../../text.ts";
import { joined } from "./peer.ts";

/** Bytes shown of a message; more are counted only. */
const SHOWN = 24;

/** Largest payload read from the examined server, in bytes: what it announces is not believed. */
const MOST = 16 * 1024 * 1024;

/** Text as bytes. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Text of bytes that may be anything. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/**
 * Bytes for people: as text and in hexadecimal, shortened.
 *
 * @example
 * ```ts
 * import { shown } from "./bytes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shown(Uint8Array.of(0, 0, 0, 2, 104, 105)), '"\\x00\\x00\\x00\\x02hi" (00 00 00 02 68 69)');
 * ```
 */
export function shown(bytes: Uint8Array): string {
  const some = bytes.subarray(0, SHOWN);
  const more = bytes.length > SHOWN ? "…" : "";
  // A character that the cut goes through is not shown.
  const text = new TextDecoder().decode(some, { stream: more !== "" });
  const hex = Array.from(some, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const size = more === "" ? "" : ` ${bytes.length} B`;
  return `"${escapeText(text)}${more}" (${hex}${more && " …"}${size && `,${size}`})`;
}

/** The first frame of `bytes`: its payload and its length on the wire; or that it is not whole yet, or none at all. */
export type FirstFrame =
  | { readonly type: "frame"; readonly payload: Uint8Array; readonly used: number }
  | { readonly type: "incomplete" | "wrong" };

/** Reads the first frame. Without boundaries it is all of `bytes`. */
export function firstFrame(framing: Framing, bytes: Uint8Array): FirstFrame {
  const scanner = framing.scanner(MOST);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = scanner.step(bytes, at, bytes.length);
    if (scanner.error !== undefined) return { type: "wrong" };
    if (next === at) break;
    parts.push(bytes.subarray(scanner.payloadStart, scanner.payloadEnd));
    at = next;
    if (scanner.complete) return { type: "frame", payload: joined(...parts), used: at };
  }
  return { type: "incomplete" };
}

/** Length of the header of this frame, in bytes; 0 where there is none. */
export function headerLength(framing: Framing): number {
  if (framing.name === "line" || framing.name === "raw") return 0;
  const trailer = framing.name === "netstring" ? 1 : 0;
  return framing.encode(Uint8Array.of(120)).length - 1 - trailer;
}

/** Whether two arrays hold the same bytes. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
