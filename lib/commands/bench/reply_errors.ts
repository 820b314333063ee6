/**
 * What can be wrong with what comes back.
 *
 * @module
 */
import { ProtocolError, TimeoutError } from "../../base/errors.ts";
import { type Target, targetText } from "../../net/dial.ts";

/** Nothing came for `ms` while an echo was missing. */
export function noReply(ms: number, cause?: unknown): TimeoutError {
  return new TimeoutError(`Cannot go on: no reply within ${ms} ms`, { details: { ms }, cause });
}

/** Of all that was sent to `target` for `ms`, nothing came back. */
export function nobody(target: Target | undefined, ms: number): TimeoutError {
  const address = target === undefined ? "" : targetText(target);
  return new TimeoutError(`Cannot measure: nobody answers at ${address}`, {
    details: { address, ms, action: "wait for" },
  });
}

/** A reply that is not what was sent; where, counted from 1 and 0. */
export function mismatch(number: number, offset: number, frameLength: number): ProtocolError {
  const details = { number, offset, sent: frameLength, received: frameLength, action: "measure" };
  return new ProtocolError("echo_mismatch", `Reply ${number} differs from what was sent at byte ${offset}`, {
    details,
  });
}

/** The server spoke first. */
export function greeted(): ProtocolError {
  return new ProtocolError("greeted", "Cannot measure: the server begins with a dialogue, which was not expected");
}

/** Whether the first bytes of a connection are a server's greeting, whatever its framing. */
export function isGreeting(received: Uint8Array): boolean {
  return /^.{0,16}(?:220|230|331) /s.test(new TextDecoder().decode(received.subarray(0, 24)));
}
