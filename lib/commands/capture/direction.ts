/**
 * The two ends of a connection.
 *
 * @module
 */

/** Who sent: the program that connected, or the one that was connected to. */
export type Direction = "client" | "server";

export function opposite(side: Direction): Direction {
  return side === "client" ? "server" : "client";
}

/** Something for each side. */
export type BothDirections<T> = Readonly<Record<Direction, T>>;
