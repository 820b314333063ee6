/**
 * What was done to bytes on their way.
 *
 * @module
 */

/** A kind of change. */
type Change =
  | "eighth_bit"
  | "uppercase"
  | "lowercase"
  | "adds_cr"
  | "drops_cr"
  | "doubles_iac"
  | "doubles"
  | "drops"
  | "adds"
  | "others";

/** What each kind makes of bytes. */
const TRANSFORMS: readonly (readonly [Change, (bytes: readonly number[]) => readonly number[]])[] = [
  ["eighth_bit", (bytes) => bytes.map((byte) => byte & 0x7f)],
  ["uppercase", (bytes) => bytes.map((byte) => byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte)],
  ["lowercase", (bytes) => bytes.map((byte) => byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte)],
  // As text files are translated, and as Telnet has it (RFC 854).
  ["adds_cr", (bytes) => bytes.flatMap((byte, at) => byte === 10 && bytes[at - 1] !== 13 ? [13, 10] : [byte])],
  ["adds_cr", (bytes) => bytes.flatMap((byte) => byte === 10 ? [13, 10] : [byte])],
  ["drops_cr", (bytes) => bytes.filter((byte, at) => byte !== 13 || bytes[at + 1] !== 10)],
  ["doubles_iac", (bytes) => bytes.flatMap((byte) => byte === 255 ? [255, 255] : [byte])],
  ["doubles", (bytes) => bytes.flatMap((byte) => [byte, byte])],
];

/** What made the one of the other; nothing where they are the same, or the end is missing. */
export function changeOf(sent: Uint8Array, received: Uint8Array): Change | undefined {
  const [before, after] = [[...sent], [...received]];
  if (isBeginning(after, before)) return undefined;
  const known = TRANSFORMS.find(([, transform]) =>
    [(bytes: readonly number[]) => bytes, transform].some((back) => {
      // Done once or both ways; a server of frames echoes no more bytes than the frame announced.
      const there = transform(before);
      return [there, there.slice(0, before.length)].some((some) => {
        const all = back(some);
        return isBeginning(after, all) && after.length >= Math.min(all.length, before.length / 2);
      });
    })
  );
  if (known !== undefined) return known[0];
  if (hasAllOf(after, before)) return "adds";
  const lost = new Set(before);
  for (const byte of after) lost.delete(byte);
  return isSame(before.filter((byte) => !lost.has(byte)), after) && after.length > 0 ? "drops" : "others";
}

/** The first bytes that are not the same, sent and received. */
export function firstChange(
  sent: Uint8Array,
  received: Uint8Array,
): { readonly sent: string; readonly received: string } {
  const at = sent.findIndex((byte, place) => byte !== received[place]);
  const from = at < 0 ? sent.length : at;
  return { sent: sent.subarray(from, from + 4).toHex(), received: received.subarray(from, from + 4).toHex() };
}

/** Whether the one begins the other, or is it. */
function isBeginning(some: readonly number[], of: readonly number[]): boolean {
  return some.length <= of.length && some.every((byte, at) => byte === of[at]);
}

/** Whether all bytes of the one are in the other in their order, and others between or behind them. */
function hasAllOf(some: readonly number[], of: readonly number[]): boolean {
  let found = 0;
  for (const byte of some) if (byte === of[found]) found++;
  return found === of.length && some.length > of.length;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
