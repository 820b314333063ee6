/**
 * Figures for people: three digits that matter, always with a unit. Groups of digits are set apart by a space, which
 * reads the same in every language.
 *
 * @module
 */
/**
 * A time.
 *
 * @param us In µs.
 *
 * @example
 * ```ts
 * import { countText, timeText } from "./format.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([12.34, 987.6, 5000, 1_234_567].map(timeText), ["12.3 µs", "988 µs", "5.00 ms", "1.23 s"]);
 * assertEquals([7, 1234567].map(countText), ["7", "1 234 567"]);
 * ```
 */
export function timeText(us: number): string {
  // What rounds up to 1000 of a unit is 1 of the next.
  if (us < 999.5) return `${digits(us)} µs`;
  return us < 999_500 ? `${digits(us / 1000)} ms` : `${digits(us / 1e6)} s`;
}

/** A whole number, in groups of three digits. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, " ");
}

/** Something a second: whole from 100 up. */
export function rateText(rate: number): string {
  return `${rate < 99.5 ? digits(rate) : countText(rate)}/s`;
}

/** Bytes, in the unit that leaves one to four digits before the point. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${unit === 0 || Number.isInteger(bytes) ? countText(bytes) : digits(bytes)} ${units[unit]}`;
}

/** A share of 1, in percent. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return "<0.1 %";
  return `${percent >= 99.5 || percent === 0 ? Math.round(percent) : digits(percent, 2)} %`;
}

/** A ratio: `1.25 ×`. */
export function ratioText(ratio: number): string {
  return `${digits(ratio)} ×`;
}

function digits(value: number, count = 3): string {
  const before = Math.max(1, Math.floor(Math.log10(Math.max(value, 1e-9))) + 1);
  return value.toFixed(Math.max(0, count - before));
}
