/**
 * One frame there and back.
 *
 * @module
 */
import type { Wire } from "../../framed_conn.ts";
import { connectionError } from "../../base/system_errors.ts";
import { closedByPeer } from "../../client/pipeline.ts";
import { greeted, isGreeting, mismatch, noReply } from "./reply_errors.ts";
import type { Pattern } from "./pattern.ts";

/** What {@linkcode echoOnce} needs beside the wire. */
export interface EchoOnceOptions {
  readonly pattern: Pattern;
  /** Which frame of the pattern. */
  readonly frame: number;
  /** Longest wait for the whole echo, in ms; after it the wire is closed. */
  readonly timeout: number;
  /** Told when the echo begins. */
  readonly onFirstByte?: () => void;
}

/**
 * Sends a frame and reads its echo; resolves to the time it took, in ms.
 *
 * @throws {ProtocolError} `echo_mismatch`, `greeted`
 * @throws {NetworkError} `closed_by_peer`, `reset`
 * @throws {TimeoutError}
 */
export async function echoOnce(wire: Wire, { pattern, frame, timeout, onFirstByte }: EchoOnceOptions): Promise<number> {
  const { frameLength } = pattern;
  const offset = frame % pattern.frames * frameLength;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    closeWire(wire);
  }, timeout);
  try {
    const before = performance.now();
    // A large frame comes back while it is still being sent.
    const [, received] = await Promise.all([
      send(wire, pattern.span(offset, frameLength)),
      receive(wire, frameLength, onFirstByte),
    ]);
    const took = performance.now() - before;
    const differsAt = pattern.differsAt(received, offset);
    if (differsAt < 0) return took;
    throw frame === 0 && isGreeting(received) ? greeted() : mismatch(frame + 1, differsAt, frameLength);
  } catch (error) {
    if (!isLate) throw connectionError(error);
    throw noReply(timeout, error);
  } finally {
    clearTimeout(timer);
  }
}

/** Closes a wire that may be closed already. */
export function closeWire(wire: Wire): void {
  try {
    wire.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

async function send(wire: Wire, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await wire.write(bytes.subarray(at));
}

async function receive(wire: Wire, count: number, onFirstByte?: () => void): Promise<Uint8Array> {
  const buffer = new Uint8Array(count);
  for (let length = 0; length < count;) {
    const read = await wire.read(buffer.subarray(length));
    if (read === null) throw closedByPeer(1);
    if (length === 0) onFirstByte?.();
    length += read;
  }
  return buffer;
}
