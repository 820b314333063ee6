/**
 * A connection of the grader's own to the examined server.
 *
 * @module
 */
import { dial, type Target } from "../../net/dial.ts";
import { openResetter } from "../faults/hard_reset.ts";
import { GraderConnection, type GraderConnectionSettings } from "../grading/grader_connection.ts";

/** Longest wait for a connection, in ms, as a rule. */
export const CONNECTING = 2500;

/** Opened before the first program is started: from then on nothing else may call the C library. */
const RESETTER = openResetter();

/**
 * Connects.
 *
 * @param settings Those of the connection; `timeout`: another longest wait for it, in ms.
 * @throws What {@linkcode dial} throws, and `signal`'s reason.
 */
export async function connect(
  target: Target,
  { timeout = CONNECTING, ...settings }: GraderConnectionSettings & { readonly timeout?: number },
): Promise<GraderConnection> {
  const { signal } = settings;
  signal.throwIfAborted();
  const conn = await dial(target, { timeout, signal });
  const { localAddr: own, remoteAddr: other } = conn;
  const reset = (): void => void RESETTER.reset(conn);
  return new GraderConnection(conn, {
    reset,
    ...settings,
    ..."hostname" in own && "hostname" in other ? { ends: { own, other } } : {},
  });
}
