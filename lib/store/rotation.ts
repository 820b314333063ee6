/**
 * What a rotation makes of a session, the same in every store.
 *
 * @module
 */
import { FAMILY_TOKENS } from "../base/limits.ts";
import type { NextToken, RotationConditions, Session } from "./store.ts";

/** The session with its next token. */
export function rotated(old: Session, next: NextToken, { now, graceMs }: RotationConditions): Session {
  const replaced = [now, ...old.replaced].filter((at) => now - at <= graceMs).slice(0, FAMILY_TOKENS);
  return { ...old, ...next, lastUsedAt: now, replaced };
}
