/**
 * Bytes made fit to be seen: as much as is wanted, as text and as hexadecimal digits, without what is secret.
 *
 * @module
 */
import type { Range } from "../capture/trace.ts";
import type { ByteView } from "./events.ts";

/** What stands for a secret. */
export const MASK = "•••••";

interface ByteViewOptions {
  /** How many there are in all, where `bytes` are only the first of them. */
  readonly total?: number;
  /** Most bytes to show. */
  readonly most: number;
  /** Most bytes to show as text, where they are not the same. */
  readonly mostText?: number;
  /** What to mask, in order and apart from each other. */
  readonly secrets?: readonly Range[];
  /** Whether they may be text at all. */
  readonly isText?: boolean;
}

/**
 * Bytes as an event holds them.
 *
 * @example
 * ```ts
 * import { byteView } from "./byte_view.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { text, hex } = byteView(new TextEncoder().encode("key=abc"), { most: 100, secrets: [[4, 7]] });
 * assertEquals([text, hex], ["key=•••••", "6b 65 79 3d •• •• ••"]);
 * ```
 */
export function byteView(
  bytes: Uint8Array,
  { total, most, mostText = most, secrets = [], isText = true }: ByteViewOptions,
): ByteView {
  if (bytes.length === 0 && isText) return { bytes: total ?? 0, shown: 0, text: "", hex: "", masked: false };
  const shown = bytes.subarray(0, most);
  const read = bytes.subarray(0, mostText);
  const all = total ?? bytes.length;
  const hiddenIn = (part: Uint8Array): Range[] => secrets.filter(([from, to]) => from < part.length && to > from);
  return {
    bytes: all,
    shown: shown.length,
    text: isText ? textOf(read, { hidden: hiddenIn(read), isCut: read.length < all }) : null,
    hex: hexOf(shown, hiddenIn(shown)),
    masked: hiddenIn(bytes).length > 0,
  };
}

/** The bytes between the secrets are text of their own: a secret begins and ends at whole characters. */
function textOf(
  bytes: Uint8Array,
  { hidden, isCut }: { hidden: readonly Range[]; isCut: boolean },
): string | null {
  let text = "";
  let at = 0;
  try {
    for (const [from, to] of hidden) {
      text += decode(bytes.subarray(at, from), false) + MASK;
      at = Math.min(to, bytes.length);
    }
    return text + decode(bytes.subarray(at), isCut);
  } catch {
    return null;
  }
}

/** @param isCut Whether the last character may be unfinished: more bytes of it are there. */
function decode(bytes: Uint8Array, isCut: boolean): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut });
}

function hexOf(bytes: Uint8Array, hidden: readonly Range[]): string {
  const isHidden = (at: number): boolean => hidden.some(([from, to]) => at >= from && at < to);
  return Array.from(bytes, (byte, at) => isHidden(at) ? "••" : byte.toString(16).padStart(2, "0")).join(" ");
}
