/**
 * One frame at the beginning of bytes that are all at hand.
 *
 * @module
 */
import { concat } from "../base/bytes.ts";
import type { Framing } from "./framing.ts";

/** The first frame of `bytes`: its payload and its length on the wire; or that it is not whole yet, or none at all. */
export type FirstFrame =
  | { readonly type: "frame"; readonly payload: Uint8Array; readonly used: number }
  | { readonly type: "incomplete" | "wrong" };

/**
 * Reads the first frame. Without boundaries it is all of `bytes`.
 *
 * @param most Largest payload taken for one, in bytes: what is announced is not believed.
 */
export function firstFrame(framing: Framing, bytes: Uint8Array, most: number = MOST): FirstFrame {
  const scanner = framing.scanner(most);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = scanner.step(bytes, at, bytes.length);
    if (scanner.error !== undefined) return { type: "wrong" };
    if (next === at) break;
    parts.push(bytes.subarray(scanner.payloadStart, scanner.payloadEnd));
    at = next;
    if (scanner.complete) return { type: "frame", payload: concat(...parts), used: at };
  }
  return { type: "incomplete" };
}

/** Largest payload that is taken for one by default, in bytes. */
const MOST = 16 * 1024 * 1024;
