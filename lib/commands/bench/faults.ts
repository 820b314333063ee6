/**
 * What can be wrong with what comes back.
 *
 * @module
 */
import { NetworkError, ProtocolError, TimeoutError } from "../../base/errors.ts";

/** The server left while `pending` messages had no answer. */
export function closedByPeer(pending: number): NetworkError {
  const missing = pending === 1 ? "1 message has" : `${pending} messages have`;
  return new NetworkError("closed_by_peer", `Connection closed by the server: ${missing} no answer`, {
    details: { pending },
  });
}

/** Nothing came for `ms` while an echo was missing. */
export function noReply(ms: number, cause?: unknown): TimeoutError {
  return new TimeoutError(`Cannot go on: no reply within ${ms} ms`, { details: { ms }, cause });
}

/** More came than was sent. */
export function unasked(bytes: number): ProtocolError {
  return new ProtocolError("bad_reply", `Cannot match ${bytes} bytes from the server to a message`, {
    details: { bytes },
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
