/**
 * Invitations among the secrets of a store: the name holds the hash, the value is the end, in ms since 1970, as 8 bytes.
 * So is the latest time that was seen, by which they are judged also when the clock is set back.
 *
 * @module
 */
import { CLOCK_SKEW, DAY } from "../base/limits.ts";

/** The name of the secret. */
export function invitationName(hash: string): string {
  return `invitation ${hash}`;
}

/** The value of the secret. */
export function expiryBytes(expires: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(expires));
  return bytes;
}

/** Reads {@linkcode expiryBytes}. */
export function invitationExpiry(bytes: Uint8Array): number {
  return bytes.length < 8 ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
}

/** The longest life of an invitation, in ms: a leap year. */
export const INVITATION_LIFE = 366 * DAY;

/** Whether one that ends at `expires` is good at `now`. One that lasts longer than any can was made by a wrong clock. */
export function isInvitationOpen(expires: number, now: number): boolean {
  return expires > now && expires <= latestPossible(now);
}

/** The name of the secret whose value is the latest time that was seen, as {@linkcode expiryBytes}. */
export const LATEST_TIME = "latest-time";

/** The kept time, where it is later than `now`; one that is later than anything lasts was told by a wrong clock. */
export function laterTime(value: Uint8Array | undefined, now: number): number | undefined {
  const kept = value === undefined ? 0 : invitationExpiry(value);
  return kept >= now && kept <= latestPossible(now) ? kept : undefined;
}

/** A kept time that is later than this was told by a wrong clock: nothing lasts so long. */
export function latestPossible(now: number): number {
  return now + INVITATION_LIFE + CLOCK_SKEW;
}
