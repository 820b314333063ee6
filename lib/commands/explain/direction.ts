/**
 * The two ends of a connection.
 *
 * @module
 */

/** Who sent: the program that connected, or the one that was connected to. */
export type Side = "client" | "server";

/** The other one. */
export function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/** Something for each side. */
export type BothSides<T> = Readonly<Record<Side, T>>;
